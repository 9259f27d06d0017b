import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aNode } from '../../support/node-in-memory.ts'
import { quiet } from '../../support/quiet.ts'

/** What would keep this process from ending by itself. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
}

describe('an agent that has ended', () => {
  it('leaves no timer behind, whatever its Pods were waiting for', async (t) => {
    const before = timers()
    const node = await aNode(t, { clock: 'real', programs: { main: { kind: 'exits', exitCode: 1 } } })
    const pulling = node.engineGate.hold('pullImage')
    node.engineGate.hold('stop')
    await node.run({ name: 'crashing' })
    await node.run({ name: 'pulling', spec: { containers: [{ name: 'far', image: 'far:1' }] } })
    await node.run({ name: 'stopping', spec: { containers: [{ name: 'one', image: 'busybox:1.36' }] } })
    await node.delete('stopping')
    assert.ok(timers() > before)
    await node[Symbol.asyncDispose]()
    pulling()
    await quiet()
    assert.equal(timers(), before)
  })
})
