import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ended, inspect, rejects, speaks } from './expect.ts'
import type { MakeHarness } from './harness.ts'
import { commands, containerRequest, noId, sandboxRequest } from './requests.ts'

export function starting(makeHarness: MakeHarness): void {
  it('gives a running sandbox an address of its own', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(sandboxRequest(harness), signal)
    await harness.engine.start(id, signal)
    const observed = await inspect(harness.engine, id, signal)
    assert.ok(observed.kind === 'sandbox' && observed.state.phase === 'running')
    assert.ok(observed.state.pid > 0 && observed.state.startedAtMs >= observed.createdAtMs)
    assert.equal(observed.ips.length, 1)
    assert.match(observed.ips[0] ?? '', /^\d+\.\d+\.\d+\.\d+$/u)
  })

  it('gives a sandbox in the network of the host no address', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(sandboxRequest(harness, { host: { NetworkMode: 'host' } }), signal)
    await harness.engine.start(id, signal)
    const observed = await inspect(harness.engine, id, signal)
    assert.ok(observed.kind === 'sandbox')
    assert.equal(observed.hostNetwork, true)
    assert.deepEqual(observed.ips, [])
  })

  it('takes a container that runs already for started', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness), signal)
    await harness.engine.start(id, signal)
    const before = await harness.engine.inspect(id, signal)
    await harness.engine.start(id, signal)
    assert.deepEqual(await harness.engine.inspect(id, signal), before)
  })

  it('shows how a container ended, and the end of its log', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { command: commands.prints }), signal)
    await ended(harness.engine, id, signal)
    const { state, createdAtMs } = await inspect(harness.engine, id, signal)
    assert.ok(state.phase === 'exited')
    const { startedAtMs, finishedAtMs } = state
    // Not that it ended after it started: Docker notes the start of a short container later than the kernel its end.
    assert.ok(createdAtMs <= startedAtMs && createdAtMs <= finishedAtMs)
    const end = { exitCode: 3, cannotRun: false, oomKilled: false, error: '' }
    assert.deepEqual(state, { phase: 'exited', ...end, startedAtMs, finishedAtMs })
    assert.equal(await harness.engine.logTail(id, 2, signal), 'two\nthree\n')
  })

  it('throws invalid for a command that does not exist, and shows a container that cannot run', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { command: commands.cannotRun }), signal)
    const error = await rejects(harness.engine.start(id, signal), 'invalid', /no such file or directory/u)
    const { state, createdAtMs } = await inspect(harness.engine, id, signal)
    const times = { startedAtMs: createdAtMs, finishedAtMs: createdAtMs }
    const end = { exitCode: 127, cannotRun: true, oomKilled: false, error: error.message }
    assert.deepEqual(state, { phase: 'exited', ...end, ...times })
  })

  it('throws conflict for a container whose sandbox does not run', async ({ signal }) => {
    await using harness = await makeHarness()
    const sandbox = await harness.engine.create(sandboxRequest(harness), signal)
    const host = { NetworkMode: `container:${sandbox}`, IpcMode: `container:${sandbox}` }
    const id = await harness.engine.create(containerRequest(harness, { host }), signal)
    await rejects(harness.engine.start(id, signal), 'conflict', /^cannot join network .*of a non running container: /u)
    await harness.engine.start(sandbox, signal)
    await harness.engine.start(id, signal)
    assert.partialDeepStrictEqual(await harness.engine.inspect(id, signal), { state: { phase: 'running' } })
  })

  it('throws not-found for a container that does not exist', async ({ signal }) => {
    await using harness = await makeHarness()
    await rejects(harness.engine.start(noId, signal), 'not-found', new RegExp(`^No such container: ${noId}$`, 'u'))
  })
}

export function stopping(makeHarness: MakeHarness): void {
  it('has stopped a container when it says so, and takes a stopped one for success', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness), signal)
    await harness.engine.start(id, signal)
    await harness.engine.stop(id, 30, signal)
    const stopped = await harness.engine.inspect(id, signal)
    assert.partialDeepStrictEqual(stopped, { state: { phase: 'exited', exitCode: 137 } })
    await harness.engine.stop(id, 30, signal)
    assert.deepEqual(await harness.engine.inspect(id, signal), stopped)
  })

  for (const graceSeconds of [10, 10_000_000_000]) {
    it(`gives a container its time after the stop signal, with a grace of ${graceSeconds} s`, async ({ signal }) => {
      await using harness = await makeHarness()
      const request = containerRequest(harness, { command: commands.tidies, stopSignal: 'SIGTERM' })
      const id = await harness.engine.create(request, signal)
      await harness.engine.start(id, signal)
      await speaks(harness.engine, id, signal)
      await harness.engine.stop(id, graceSeconds, signal)
      const stopped = await harness.engine.inspect(id, signal)
      assert.partialDeepStrictEqual(stopped, { state: { phase: 'exited', exitCode: 5 } })
    })
  }

  it('kills a container whose grace is over', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { stopSignal: 'SIGTERM' }), signal)
    await harness.engine.start(id, signal)
    await harness.engine.stop(id, 1, signal)
    const stopped = await harness.engine.inspect(id, signal)
    assert.partialDeepStrictEqual(stopped, { state: { phase: 'exited', exitCode: 137 } })
  })

  it('hurries a container up that is being stopped when it is told so with less time', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { stopSignal: 'SIGTERM' }), signal)
    await harness.engine.start(id, signal)
    const first = new AbortController()
    const stopping = harness.engine.stop(id, 3600, AbortSignal.any([signal, first.signal]))
    const hurried = harness.engine.stop(id, 1, signal)
    first.abort()
    await rejects(stopping, 'aborted')
    await hurried
    const stopped = await harness.engine.inspect(id, signal)
    assert.partialDeepStrictEqual(stopped, { state: { phase: 'exited', exitCode: 137 } })
  })

  it('removes a running container, twice at once as well as once', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness), signal)
    await harness.engine.start(id, signal)
    await Promise.all([harness.engine.remove(id, signal), harness.engine.remove(id, signal)])
    assert.equal(await harness.engine.inspect(id, signal), undefined)
  })

  it('takes a container that is gone for stopped and removed', async ({ signal }) => {
    await using harness = await makeHarness()
    await harness.engine.stop(noId, 30, signal)
    await harness.engine.remove(noId, signal)
  })
}
