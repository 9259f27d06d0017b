import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aContainer } from '../../builders/pod.ts'
import { aNode } from '../../support/node-in-memory.ts'

const spec = {
  initContainers: [aContainer({ name: 'setup' }), aContainer({ name: 'proxy', restartPolicy: 'Always' })],
  containers: [aContainer()],
}

describe('a Pod with an init container and a sidecar', () => {
  it('starts them in order, and the regular container when they let it', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    assert.deepEqual(node.containers, ['sandbox 0 running', 'setup 0 running'])
    assert.equal(node.status('web')?.phase, 'Pending')
    await node.exit('setup 0', 0)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'setup 0 exited', 'proxy 0 running', 'main 0 running'])
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('tries a failed init container again, after a while', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    await node.exit('setup 0', 1)
    await node.exit('setup 1', 1)
    await node.advance(1000)
    assert.equal(node.status('web')?.initContainerStatuses?.[0]?.state?.waiting?.reason, 'CrashLoopBackOff')
    await node.advance(10_000)
    assert.ok(node.containers.includes('setup 2 running'))
  })

  it('tells its events with their place in the spec', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    const started = node.takeEvents().find(({ kind }) => kind === 'container-started')
    assert.equal(started?.fieldPath, 'spec.initContainers{setup}')
  })

  it('starts a sidecar again, and leaves it when its work is done', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { ...spec, restartPolicy: 'Never' } })
    await node.exit('setup 0', 0)
    await node.exit('proxy 0', 1)
    assert.ok(node.containers.includes('proxy 1 running'))
    await node.exit('main 0', 0)
    assert.equal(node.status('web')?.phase, 'Succeeded')
    assert.deepEqual(
      node.containers.filter((container) => container.endsWith('running')),
      [],
    )
  })

  it('stops the sidecar after the others, and leaves nothing', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    await node.exit('setup 0', 0)
    node.takeCalls()
    await node.delete('web')
    assert.deepEqual(
      node.takeCalls().filter((call) => call.startsWith('stop ')),
      ['stop main 0 30', 'stop proxy 0 30'],
    )
    assert.deepEqual(node.containers, [])
  })

  it('runs them again in a new sandbox', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    await node.exit('setup 0', 0)
    await node.exit('sandbox 0', 137)
    assert.ok(node.containers.includes('setup 1 running'))
    assert.ok(!node.containers.some((container) => container.startsWith('main 1')))
    await node.exit('setup 1', 0)
    assert.ok(node.containers.includes('main 1 running'))
  })

  it('goes on where it was after the agent was killed', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    await node.exit('setup 0', 0)
    const before = node.containers
    await node.restart()
    assert.deepEqual(node.containers, before)
    assert.equal(node.status('web')?.phase, 'Running')
  })
})
