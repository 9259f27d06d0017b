import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerRequest, execs } from '../contract/engine/requests.ts'
import { proxiedDocker } from './support/proxied-docker.ts'

describe('Commands in containers', { timeout: 120_000 }, () => {
  it('leave no connection behind, however many there are and however they end', async ({ signal }) => {
    await using proxied = await proxiedDocker()
    const { harness, proxy } = proxied
    const { engine } = harness
    const id = await engine.create(containerRequest(harness), signal)
    await engine.start(id, signal)
    for (let round = 0; round < 10; round++) {
      const abandoned = AbortSignal.timeout(500)
      await Promise.all([
        engine.exec(id, execs.succeeds, { timeoutMs: 60_000 }, signal),
        engine.exec(id, execs.fails, {}, signal),
        engine.exec(id, execs.hangs, { timeoutMs: 500 }, signal),
        engine.exec(id, execs.hangs, {}, abandoned).catch(() => {}),
      ])
    }
    // What is left is kept for the next calls, and few.
    await proxy.until(() => proxy.connections <= 5)
    await engine.remove(id, signal)
    assert.ok(proxy.connections <= 5)
  })
})
