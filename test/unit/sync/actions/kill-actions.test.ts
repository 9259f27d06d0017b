import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { aContainer, containersNamed } from '../../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'

const deaf = { kind: 'runs', endsAfterMs: 3_600_000 } as const

/** The calls about containers that ended or were started since the last time. */
function takeTurns(node: NodeInMemory): readonly string[] {
  return node.takeCalls().filter((call) => /^(stop|start|create) /u.test(call))
}

describe('a container that takes its time to end', () => {
  it('holds up no other container of its Pod: those start, restart and end meanwhile', async (t) => {
    await using node = await aNode(t, { images: ['busybox:1.36', 'busybox:1.37'], programs: { slow: deaf } })
    await node.run({ name: 'web', spec: { containers: containersNamed('slow', 'other', 'third') } })
    const containers = [aContainer({ name: 'slow', image: 'busybox:1.37' }), ...containersNamed('other', 'third')]
    node.takeCalls()
    node.server.updatePod('default', 'web', { spec: { containers } })
    await node.settled()
    assert.deepEqual(takeTurns(node), ['stop slow 0 30'])
    await node.exit('other 0', 1)
    assert.deepEqual(takeTurns(node), ['create other 1', 'start other 1'])
    const statuses = node.status('web')?.containerStatuses?.map(({ name, restartCount, ready }) => ({
      name,
      restartCount,
      ready,
    }))
    assert.deepEqual(statuses, [
      { name: 'other', restartCount: 1, ready: true },
      { name: 'slow', restartCount: 0, ready: true },
      { name: 'third', restartCount: 0, ready: true },
    ])
    await node.advance(30_000)
    assert.deepEqual(takeTurns(node), ['create slow 1', 'start slow 1'])
  })

  it('is told to stop once, however often its Pod is looked at', async (t) => {
    await using node = await aNode(t, { programs: { slow: deaf } })
    await node.run({ name: 'web', spec: { containers: containersNamed('slow', 'other') } })
    node.takeCalls()
    node.takeEvents()
    await node.delete('web', 20)
    node.docker.reconnect()
    await node.advance(19_000)
    // The two stand side by side, from their creation on.
    assert.deepEqual(takeTurns(node).toSorted(), ['stop other 0 20', 'stop slow 0 20'])
    assert.equal(node.server.pods.length, 1)
    await node.advance(1000)
    assert.deepEqual([node.containers, node.server.pods], [[], []])
    assert.deepEqual(told(node.takeEvents()).toSorted(), [
      'Normal Killing Stopping container other',
      'Normal Killing Stopping container slow',
    ])
  })

  it('is brought to its end although the definition that it did not have is its own again', async (t) => {
    await using node = await aNode(t, { images: ['busybox:1.36', 'busybox:1.37'], programs: { main: deaf } })
    await node.run({ name: 'web' })
    node.server.updatePod('default', 'web', { spec: { containers: [aContainer({ image: 'busybox:1.37' })] } })
    await node.settled()
    node.server.updatePod('default', 'web', { spec: { containers: [aContainer()] } })
    await node.advance(30_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 exited', 'main 1 running'])
  })

  it('has only what is left of a shorter grace, counted from when its end began', async (t) => {
    await using node = await aNode(t, { programs: { main: deaf } })
    await node.run({ name: 'web' })
    node.takeCalls()
    await node.delete('web')
    await node.advance(4000)
    await node.delete('web', 10)
    await node.advance(3000)
    await node.delete('web', 9)
    assert.deepEqual(takeTurns(node), ['stop main 0 30', 'stop main 0 6', 'stop main 0 2'])
    await node.advance(2000)
    assert.deepEqual([node.containers, node.server.pods], [[], []])
  })

  it('is tried again with longer and longer waits when Docker cannot stop it, and the Pod is told', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.takeCalls()
    node.takeEvents()
    const failure = new KubeletError('internal', 'cannot stop container: tried to kill it, but it is still there')
    for (let calls = 0; calls < 3; calls += 1) node.engine.failNext('stop', failure)
    await node.delete('web')
    const tries: number[] = []
    for (let second = 0; second < 8; second += 1) {
      tries.push(takeTurns(node).length)
      await node.advance(1000)
    }
    assert.deepEqual(tries, [1, 1, 0, 1, 0, 0, 0, 1])
    assert.deepEqual(node.containers, [])
    assert.deepEqual(
      told(node.takeEvents()).filter((text) => text.includes('FailedKillPod')),
      Array.from(
        { length: 3 },
        () =>
          'Warning FailedKillPod error killing pod: failed to "KillContainer" for "main" with KillContainerError: "cannot stop container: tried to kill it, but it is still there"',
      ),
    )
  })

  it('is told as it ended when its record goes meanwhile, and its Pod has failed', async (t) => {
    await using node = await aNode(t, { programs: { main: deaf } })
    await node.run({ name: 'web', metadata: { finalizers: ['example.com/hold'] } })
    await node.delete('web')
    node.docker.remove(node.container('main 0').id)
    await node.settled()
    assert.deepEqual(node.containers, [])
    assert.equal(node.status('web')?.phase, 'Failed')
    const { exitCode, reason } = node.status('web')?.containerStatuses?.[0]?.state?.terminated ?? {}
    assert.ok(exitCode === 137 && (reason === 'Error' || reason === 'ContainerStatusUnknown'), reason)
  })

  it('that was to be replaced is told as ended when its Pod is deleted, although another takes longer', async (t) => {
    const slow = { kind: 'runs', endsAfterMs: 5000 } as const
    await using node = await aNode(t, {
      images: ['busybox:1.36', 'busybox:1.37'],
      programs: { main: slow, other: deaf },
    })
    await node.run({ name: 'web', spec: { containers: containersNamed('main', 'other') } })
    const containers = [aContainer({ image: 'busybox:1.37' }), aContainer({ name: 'other' })]
    node.server.updatePod('default', 'web', { spec: { containers } })
    await node.settled()
    await node.delete('web')
    await node.advance(6000)
    const states = node.status('web')?.containerStatuses?.map(({ state }) => Object.keys(state ?? {}))
    assert.deepEqual(states, [['terminated'], ['running']])
  })

  it('is an init container just as well, and what comes after it never starts', async (t) => {
    await using node = await aNode(t, { programs: { setup: deaf } })
    const spec = { initContainers: containersNamed('setup'), containers: containersNamed('main') }
    await node.run({ name: 'web', spec, metadata: { finalizers: ['example.com/hold'] } })
    node.takeCalls()
    await node.delete('web', 5)
    assert.deepEqual(takeTurns(node), ['stop setup 0 5'])
    await node.advance(5000)
    assert.deepEqual([node.containers, takeTurns(node)], [[], []])
    assert.equal(node.status('web')?.phase, 'Failed')
    assert.equal(node.status('web')?.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 137)
    assert.deepEqual(node.status('web')?.containerStatuses?.[0]?.state, { waiting: { reason: 'PodInitializing' } })
  })

  it('is stopped at once when Docker is back', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.engineGate.refuseAll(new KubeletError('unavailable', 'Docker does not answer'))
    await node.delete('web')
    await node.advance(60_000)
    node.engineGate.refuseAll(undefined)
    node.docker.reconnect()
    await node.settled()
    assert.deepEqual([node.containers, node.server.pods], [[], []])
  })
})

describe('the sidecars of a Pod that ends', () => {
  const spec = {
    initContainers: [
      aContainer({ name: 'proxy', restartPolicy: 'Always' }),
      aContainer({ name: 'logs', restartPolicy: 'Always' }),
    ],
    containers: containersNamed('web'),
  }

  it('stop after the others, the last first, with what is left of the grace', async (t) => {
    const slow = { kind: 'runs', endsAfterMs: 5000 } as const
    await using node = await aNode(t, { programs: { web: slow, logs: slow } })
    await node.run({ name: 'web', spec })
    node.takeCalls()
    node.takeEvents()
    await node.delete('web')
    assert.deepEqual(takeTurns(node), ['stop web 0 30'])
    assert.equal(told(node.takeEvents()).length, 3)
    await node.advance(5000)
    assert.deepEqual(takeTurns(node), ['stop logs 0 25'])
    await node.advance(5000)
    assert.deepEqual(takeTurns(node), ['stop proxy 0 20'])
    assert.deepEqual([node.containers, node.server.pods], [[], []])
  })

  it('stop together when the others have used up the grace', async (t) => {
    await using node = await aNode(t, { programs: { web: deaf, logs: deaf, proxy: deaf } })
    await node.run({ name: 'web', spec })
    node.takeCalls()
    await node.delete('web', 5)
    await node.advance(5000)
    assert.deepEqual(takeTurns(node).toSorted(), ['stop logs 0 2', 'stop proxy 0 2', 'stop web 0 5'])
    await node.advance(2000)
    assert.deepEqual(node.containers, [])
  })

  it('run on for a while after the Pod has succeeded, which is told when they have ended', async (t) => {
    await using node = await aNode(t, { programs: { logs: { kind: 'runs', endsAfterMs: 5000, exitCode: 1 } } })
    await node.run({ name: 'web', spec: { ...spec, restartPolicy: 'Never' } })
    await node.exit('web 0', 0)
    assert.equal(node.status('web')?.phase, 'Running')
    await node.advance(5000)
    assert.equal(node.status('web')?.phase, 'Succeeded')
    const ends = node.status('web')?.initContainerStatuses?.map(({ state }) => state?.terminated?.exitCode)
    assert.deepEqual(ends, [137, 1])
  })
})
