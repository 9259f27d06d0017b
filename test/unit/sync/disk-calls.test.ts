import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aContainer } from '../../builders/pod.ts'
import { diskCalls } from '../../support/disk-calls.ts'
import { aNode } from '../../support/node-in-memory.ts'

/** Each is a thread of Node's that is asked for, which costs more CPU than what it does. */
describe('what a Pod has on the disk', () => {
  it('is made and removed in few calls', async (t) => {
    await using node = await aNode(t)
    const volumeMounts = [{ name: 'scratch', mountPath: '/scratch' }]
    const spec = { volumes: [{ name: 'scratch', emptyDir: {} }], containers: [aContainer({ volumeMounts })] }
    // How many find a folder missing that another one is about to make depends on the moment: hence the room.
    // The first finds folders missing that are all Pods'.
    await node.run({ name: 'first', spec })
    await node.delete('first')
    const made = await diskCalls(async () => {
      await node.run({ name: 'web', spec })
    })
    assert.equal(node.status('web')?.phase, 'Running')
    const removed = await diskCalls(() => node.delete('web'))
    assert.ok(made <= 38, `${made} calls to make it`)
    assert.ok(removed <= 56, `${removed} calls to remove it`)
  })
})
