import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ContainerId } from '../../../src/model/ids.ts'
import { rejects } from './expect.ts'
import type { EngineHarness, MakeHarness } from './harness.ts'
import { containerRequest, execs, noId } from './requests.ts'

export function executing(makeHarness: MakeHarness): void {
  for (const tty of [false, true]) {
    it(`gives exit code and output, stdout before stderr, in a container with${tty ? '' : 'out'} a terminal`, async ({
      signal,
    }) => {
      await using harness = await makeHarness()
      const id = await running(harness, signal, tty)
      const { engine } = harness
      assert.deepEqual(await engine.exec(id, execs.succeeds, {}, signal), { kind: 'exited', exitCode: 0, output: '' })
      assert.deepEqual(await engine.exec(id, execs.fails, {}, signal), {
        kind: 'exited',
        exitCode: 3,
        output: 'to stdout\nto stderr\n',
      })
    })
  }

  it("gives the runtime's text and 126 or 127 for a command that does not exist", async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    const result = await harness.engine.exec(id, execs.missing, {}, signal)
    assert.ok(result.kind === 'exited')
    assert.ok([126, 127].includes(result.exitCode), `exit code ${result.exitCode}`)
    assert.match(result.output, /exec: "\/no\/such\/command": stat \/no\/such\/command: no such file or directory/u)
  })

  it('throws invalid for no command at all', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    await rejects(harness.engine.exec(id, [], {}, signal), 'invalid', /No exec command specified/u)
  })

  it('keeps the first bytes of a long output: 10 KiB, or as many as it is told to', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    const text = '0123456789\n'.repeat(1000)
    for (const [options, bytes] of [
      [{}, 10_240],
      [{ maxOutputBytes: 15 }, 15],
    ] as const) {
      assert.deepEqual(await harness.engine.exec(id, execs.talks, options, signal), {
        kind: 'exited',
        exitCode: 0,
        output: text.slice(0, bytes),
      })
    }
  })

  it('stops waiting when the time is up, with the output so far', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    assert.deepEqual(await harness.engine.exec(id, execs.hangs, { timeoutMs: 1000 }, signal), {
      kind: 'timed-out',
      output: 'still here\n',
    })
  })

  it('throws aborted when the signal fires', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    const controller = new AbortController()
    const hanging = harness.engine.exec(id, execs.hangs, {}, controller.signal)
    controller.abort()
    await rejects(hanging, 'aborted')
    await rejects(harness.engine.exec(id, execs.succeeds, {}, controller.signal), 'aborted')
  })

  it('throws conflict for a container that does not run', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness), signal)
    await rejects(harness.engine.exec(id, execs.succeeds, {}, signal), 'conflict', /is not running/u)
  })

  it('gives 137 for a command that is killed with its container', async ({ signal }) => {
    await using harness = await makeHarness()
    const { engine } = harness
    const id = await running(harness, signal)
    const hanging = engine.exec(id, execs.hangs, {}, signal)
    await engine.exec(id, execs.sees, {}, signal)
    await engine.stop(id, 0, signal)
    assert.deepEqual(await hanging, { kind: 'exited', exitCode: 137, output: 'still here\n' })
  })

  it('throws not-found for a container that does not exist', async ({ signal }) => {
    await using harness = await makeHarness()
    await rejects(harness.engine.exec(noId, execs.succeeds, {}, signal), 'not-found')
  })

  it('runs many commands side by side', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await running(harness, signal)
    const results = await Promise.all(
      Array.from({ length: 20 }, () => harness.engine.exec(id, execs.fails, {}, signal)),
    )
    assert.deepEqual(new Set(results.map((result) => JSON.stringify(result))).size, 1)
  })
}

async function running(harness: EngineHarness, signal: AbortSignal, tty = false): Promise<ContainerId> {
  const id = await harness.engine.create(containerRequest(harness, { tty }), signal)
  await harness.engine.start(id, signal)
  return id
}
