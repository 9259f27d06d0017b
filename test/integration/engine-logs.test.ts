import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rejects } from '../contract/engine/expect.ts'
import { commands, containerRequest } from '../contract/engine/requests.ts'
import { proxiedDocker } from './support/proxied-docker.ts'

async function drained(parts: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of parts);
}

describe('Logs of containers', { timeout: 120_000 }, () => {
  it('leave no connection behind, however many there are and however they end', async ({ signal }) => {
    await using proxied = await proxiedDocker()
    const { harness, proxy } = proxied
    const { engine } = harness
    const id = await engine.create(containerRequest(harness, { command: commands.announces }), signal)
    await engine.start(id, signal)
    for (let round = 0; round < 10; round++) {
      const leave = new AbortController()
      const unread = await engine.logs(id, { follow: true }, leave.signal)
      for await (const part of await engine.logs(id, { follow: true }, signal)) {
        assert.equal(part.payload.toString(), 'up\n')
        break
      }
      for await (const part of await engine.logs(id, {}, signal)) assert.equal(part.payload.toString(), 'up\n')
      leave.abort()
      await rejects(drained(unread), 'aborted')
    }
    // What is left is kept for the next calls, and few.
    await proxy.until(() => proxy.connections <= 5)
    await engine.remove(id, signal)
  })

  it('do not seem to have ended when Docker is away', async ({ signal }) => {
    await using proxied = await proxiedDocker()
    const { harness, proxy } = proxied
    const id = await harness.engine.create(containerRequest(harness, { command: commands.announces }), signal)
    await harness.engine.start(id, signal)
    const log = (await harness.engine.logs(id, { follow: true }, signal))[Symbol.asyncIterator]()
    assert.equal((await log.next()).value?.payload.toString(), 'up\n')
    proxy.cut()
    await rejects(log.next(), 'unavailable')
  })
})
