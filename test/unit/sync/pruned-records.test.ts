import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { statusOf } from './main-container.ts'
import { aStaticPod } from './reporting/mirrored.ts'

/** `docker container prune`: whatever does not run is gone. */
function prune({ docker }: NodeInMemory): void {
  for (const { id, running } of docker.containers) if (!running) docker.remove(id)
}

describe('records that are removed while no agent is there', () => {
  it('leave a container that crashed with its count and its last end', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 7 } } })
    await node.run({ name: 'web' })
    await node.advance(15_000)
    const { restartCount, lastState } = statusOf(node)
    assert.equal(restartCount, 2)
    node.kill()
    prune(node)
    node.programs.delete('main')
    await node.restart()
    await node.advance(1000)
    const { state, ...after } = statusOf(node)
    assert.ok(state?.running)
    assert.deepEqual({ restartCount: after.restartCount, lastState: after.lastState }, { restartCount: 3, lastState })
  })

  it('leave a container that ran with the end that nobody saw, and one more restart', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.kill()
    node.docker.exit(node.container('main 0').id, { exitCode: 3 })
    prune(node)
    await node.restart()
    await node.advance(1000)
    const { state, lastState, restartCount } = statusOf(node)
    assert.ok(state?.running)
    assert.deepEqual(
      [lastState?.terminated?.exitCode, lastState?.terminated?.reason, restartCount],
      [137, 'ContainerStatusUnknown', 1],
    )
  })

  it('leave an init container that has succeeded as it ended', async (t) => {
    await using node = await aNode(t, { programs: { init: { kind: 'exits', exitCode: 0 } } })
    await node.run({ name: 'web', spec: { initContainers: [aContainer({ name: 'init' })] } })
    const before = node.status('web')?.initContainerStatuses
    node.kill()
    prune(node)
    await node.restart()
    await node.advance(1000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    assert.deepEqual(node.status('web')?.initContainerStatuses, before)
  })

  it('leave a static Pod with its count, which its folder has', async (t) => {
    await using node = await aNode(t, { hasManifests: true, programs: { one: { kind: 'exits', exitCode: 7 } } })
    await node.manifestsSynced()
    await node.addStatic(aStaticPod('one'))
    await node.advance(15_000)
    assert.deepEqual(
      node.containers.filter((container) => container.startsWith('one')),
      ['one 1 exited', 'one 2 exited'],
    )
    node.kill()
    prune(node)
    node.programs.delete('one')
    await node.restart()
    await node.manifestsSynced()
    await node.advance(1000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 3 running'])
  })

  it('leave a static Pod whose init container has succeeded initialized', async (t) => {
    const pod = aStaticPod('one')
    await using node = await aNode(t, { hasManifests: true, programs: { init: { kind: 'exits', exitCode: 0 } } })
    await node.manifestsSynced()
    await node.addStatic({ ...pod, spec: { ...pod.spec, initContainers: [aContainer({ name: 'init' })] } })
    node.kill()
    prune(node)
    await node.restart()
    await node.manifestsSynced()
    await node.advance(1000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'one 0 running'])
    const status = node.statuses.get(pod.metadata.uid)
    const { exitCode, reason } = status?.initContainerStatuses?.[0]?.state?.terminated ?? {}
    assert.deepEqual({ exitCode, reason, phase: status?.phase }, { exitCode: 0, reason: 'Completed', phase: 'Running' })
  })
})
