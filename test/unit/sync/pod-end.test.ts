import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containersNamed } from '../../builders/pod.ts'
import { aNode } from '../../support/node-in-memory.ts'
import { kindsOf, told } from './told.ts'

describe('the end of a Pod', () => {
  it('takes four calls to Docker', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.takeCalls()
    await node.delete('web')
    assert.deepEqual(node.takeCalls(), ['stop main 0 30', 'inspect main 0', 'remove main 0', 'remove sandbox 0'])
    await node.advance(59_000)
    assert.deepEqual(node.takeCalls(), [])
  })

  it('leaves nothing: no container, no folder, no object', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { volumes: [{ name: 'data', emptyDir: {} }] } })
    assert.equal((await node.folders()).length, 1)
    await node.delete('web')
    assert.deepEqual(node.containers, [])
    assert.deepEqual(await node.folders(), [])
    assert.equal(node.server.pod('default', 'web'), undefined)
    assert.deepEqual(node.registry.pods(), [])
  })

  it("is told in the kubelet's order, each step once", async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'runs', exitCode: 0 } } })
    await node.run({ name: 'web' })
    node.takeEvents()
    await node.delete('web')
    const events = node.takeEvents()
    assert.deepEqual(told(events), ['Normal Killing Stopping container main'])
    assert.deepEqual(
      kindsOf(events).filter((kind) => kind !== 'status-sent'),
      ['container-killing', 'container-killed', 'container-exited', 'pod-removed'],
    )
  })

  it('stops the containers side by side', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: containersNamed('one', 'two') } })
    node.takeCalls()
    const release = node.engineGate.hold('stop')
    await node.delete('web', 7)
    assert.deepEqual(node.takeCalls().toSorted(), ['stop one 0 7', 'stop two 0 7'])
    release()
    await node.settled()
    assert.deepEqual(node.containers, [])
  })
})
