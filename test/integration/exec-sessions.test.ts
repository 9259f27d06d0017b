import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import type { ContainerId } from '../../src/model/ids.ts'
import { containerRequest, execs } from '../contract/engine/requests.ts'
import { ExecPort } from '../support/exec-node.ts'
import { dockerHarness, type DockerHarness } from './support/docker-harness.ts'

const mib = 1024 * 1024
const all = { stdin: true, stdout: true, stderr: true, tty: false }

async function running({ engine, nodeName, image }: DockerHarness, signal: AbortSignal): Promise<ContainerId> {
  const id = await engine.create(containerRequest({ nodeName, image }), signal)
  await engine.start(id, signal)
  return id
}

describe('Sessions with commands in Docker', { timeout: 300_000 }, () => {
  it('carry 200 MiB there and back, unchanged and without keeping them', async ({ signal }) => {
    await using harness = await dockerHarness()
    const id = await running(harness, signal)
    await using session = await harness.engine.openExec(id, { ...all, command: execs.copies }, signal)
    const [sent, received] = [createHash('sha256'), createHash('sha256')]
    const block = randomBytes(mib)
    async function* blocks(): AsyncGenerator<Buffer> {
      for (let number = 0; number < 200; number++) {
        block.writeUInt32BE(number)
        sent.update(block)
        yield Buffer.from(block)
      }
    }
    let most = 0
    async function take(output: AsyncIterable<Buffer>): Promise<void> {
      for await (const chunk of output) {
        received.update(chunk)
        most = Math.max(most, process.memoryUsage().rss)
      }
    }
    assert.ok(session.stdin && session.stdout)
    const before = process.memoryUsage().rss
    await Promise.all([pipeline(Readable.from(blocks()), session.stdin), take(session.stdout), session.ended()])
    assert.equal(received.digest('hex'), sent.digest('hex'))
    assert.ok(most - before < 150 * mib, `grew by ${Math.round((most - before) / mib)} MiB`)
  })

  it('leave nothing behind, a thousand of them, those whose clients go in the middle too', async ({ signal }) => {
    await using harness = await dockerHarness()
    const id = await running(harness, signal)
    await using port = await ExecPort.on(harness.engine, id)
    const path = '/exec/default/web/main?output=1&error=1'
    const shortOnes = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn++) {
        using client = await port.connect(`${path}&command=true`, 'v4.channel.k8s.io')
        assert.equal(await client.closed, 1000)
        assert.equal(client.of(3), '{"status":"Success"}')
      }
    }
    const goers = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn++) {
        using client = await port.connect(
          `${path}&input=1&command=sh&command=-c&command=echo+here%3B+cat`,
          'v4.channel.k8s.io',
        )
        await client.until(1, /here/u)
      }
    }
    const side = (work: (count: number) => Promise<void>, count: number): Promise<unknown> =>
      Promise.all([1, 2, 3, 4].map(() => work(count)))
    // What is loaded and kept for later is there after the first.
    await side(shortOnes, 20)
    await side(goers, 5)
    const before = await open()
    await side(shortOnes, 225)
    await side(goers, 25)
    const left = (await open()) - before
    assert.ok(left <= 16, `${left} more descriptors are open`)
  })
})

/** How many descriptors this process has open. */
async function open(): Promise<number> {
  return (await readdir('/proc/self/fd')).length
}
