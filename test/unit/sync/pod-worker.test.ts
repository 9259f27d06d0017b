import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { aContainer, containersNamed } from '../../builders/pod.ts'
import { parallelStarts } from '../../support/agent-in-memory.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { statusOf } from './main-container.ts'
import { kindsOf, told } from './told.ts'

const away = new KubeletError('unavailable', 'Docker does not answer')

/** Nothing is left of any Pod, here or in the API server. */
async function assertNothingLeft(node: NodeInMemory): Promise<void> {
  assert.deepEqual(node.containers, [])
  assert.deepEqual(await node.folders(), [])
  assert.deepEqual(node.server.pods, [])
}

describe('the grace of a Pod that is deleted', () => {
  for (const [what, spec, deletion, grace] of [
    ["is the Pod's own", 7, undefined, 7],
    ['is that of the deletion', 30, 12, 12],
    ['is never below two seconds', 30, 1, 2],
  ] as const) {
    it(what, async (t) => {
      await using node = await aNode(t)
      await node.run({ name: 'web', spec: { terminationGracePeriodSeconds: spec } })
      node.takeCalls()
      await node.delete('web', deletion)
      assert.equal(node.takeCalls()[0], `stop main 0 ${grace}`)
    })
  }

  it('is shortened by a second deletion while the first still waits', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.takeCalls()
    node.takeEvents()
    const release = node.engineGate.hold('stop')
    await node.delete('web')
    await node.delete('web', 5)
    assert.deepEqual(node.takeCalls(), ['stop main 0 30', 'stop main 0 5'])
    release()
    await node.settled()
    assert.deepEqual(told(node.takeEvents()), ['Normal Killing Stopping container main'])
    await assertNothingLeft(node)
  })

  it('is not waited for by a Pod that is deleted by force', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.takeCalls()
    const release = node.engineGate.hold('stop')
    await node.delete('web')
    await node.delete('web', 0)
    assert.deepEqual(node.takeCalls(), ['stop main 0 30', 'stop main 0 2'])
    assert.deepEqual(node.server.pods, [])
    release()
    await node.settled()
    await assertNothingLeft(node)
  })
})

describe('a Pod that is deleted', () => {
  it('while its sandbox is created never starts it', async (t) => {
    await using node = await aNode(t)
    const release = node.engineGate.hold('create')
    await node.run({ name: 'web' })
    await node.delete('web')
    release()
    await node.settled()
    assert.equal(node.engine.count('start'), 0)
    await assertNothingLeft(node)
  })

  it('while it waits for its turn among others never takes it', async (t) => {
    await using node = await aNode(t)
    const release = node.engineGate.hold('create')
    for (let number = 0; number < parallelStarts; number += 1) await node.run({ name: `first-${number}` })
    await node.run({ name: 'web' })
    assert.equal(node.engine.count('create'), parallelStarts)
    await node.delete('web')
    release()
    await node.settled()
    assert.equal(node.engine.count('create'), 2 * parallelStarts)
    assert.equal(node.server.pods.length, parallelStarts)
  })

  it('while its container is being started is stopped with its grace', async (t) => {
    let release: (() => void) | undefined
    await using node = await aNode(t, {
      onCall: (moment, { method }, self) => {
        if (moment === 'after' && method === 'start') release ??= self.engineGate.hold('start')
      },
    })
    await node.run({ name: 'web', spec: { containers: containersNamed('one', 'two') } })
    await node.delete('web', 9)
    node.takeCalls()
    release?.()
    await node.settled()
    const calls = node.takeCalls()
    assert.ok(calls.includes('stop one 0 9'))
    assert.ok(!calls.includes('start two 0'))
    await assertNothingLeft(node)
  })

  it('before the agent ever saw it is finished without a start', async (t) => {
    await using node = await aNode(t)
    node.kill()
    node.server.createPod({ name: 'web', nodeName: node.nodeName })
    node.server.deletePodGracefully('default', 'web')
    node.takeCalls()
    await node.restart()
    assert.deepEqual(new Set(node.takeCalls()), new Set(['list']))
    await assertNothingLeft(node)
  })

  it('has its last status sent before its object goes', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'runs', exitCode: 0 } } })
    await node.run({ name: 'web' })
    const release = node.clusterGate.hold('patchPodStatus')
    await node.delete('web')
    assert.deepEqual(node.containers, [])
    assert.equal(node.cluster.count('deletePod'), 0)
    release()
    await node.settled()
    const last = node.takeEvents().findLast((event) => event.kind === 'status-sent')
    assert.deepEqual(last?.kind === 'status-sent' && { phase: last.phase, ready: last.ready }, {
      phase: 'Succeeded',
      ready: false,
    })
    assert.equal(node.cluster.count('deletePod'), 1)
    await assertNothingLeft(node)
  })

  it('is tried again when its containers could not be removed, and its object stays until then', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    const failure = new KubeletError('internal', 'driver failed to remove root filesystem')
    for (let calls = 0; calls < 4; calls += 1) node.engine.failNext('remove', failure)
    await node.delete('web')
    assert.equal(node.containers.length, 2)
    assert.equal(node.server.pods.length, 1)
    await node.advance(2000)
    await assertNothingLeft(node)
  })

  it('is tried again when the API server could not delete it', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    for (let tries = 0; tries < 3; tries += 1) {
      node.cluster.failNext('deletePod', new KubeletError('unavailable', 'The API server does not answer'))
    }
    await node.delete('web')
    assert.equal(node.server.pods.length, 1)
    await node.advance(3000)
    assert.equal(node.cluster.count('deletePod'), 4)
    await assertNothingLeft(node)
  })

  it('stays in the API server as long as finalizers hold it, and is not asked for again', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', metadata: { finalizers: ['example.com/hold'] } })
    await node.delete('web')
    await node.advance(300_000)
    assert.deepEqual(node.containers, [])
    assert.equal(node.cluster.count('deletePod'), 1)
    assert.equal(kindsOf(node.takeEvents()).filter((kind) => kind === 'pod-removed').length, 1)
    node.server.updatePod('default', 'web', { metadata: { finalizers: null } })
    await node.settled()
    await assertNothingLeft(node)
    assert.deepEqual(node.registry.pods(), [])
  })

  it('makes no trouble for a Pod of its name that follows', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    const release = node.engineGate.hold('stop')
    await node.delete('web', 0)
    await node.run({ name: 'web', spec: { containers: containersNamed('next') } })
    release()
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'next 0 running'])
    const { phase, containerStatuses } = node.status('web') ?? {}
    assert.deepEqual([phase, containerStatuses?.map(({ name }) => name)], ['Running', ['next']])
    assert.equal((await node.folders()).length, 1)
  })
})

describe('a Pod while Docker is away', () => {
  it('is tried again with longer and longer waits, and started when Docker is back', async (t) => {
    await using node = await aNode(t)
    node.engineGate.refuseAll(away)
    node.takeCalls()
    await node.run({ name: 'web' })
    await node.advance(60_000)
    const tries = node.takeCalls().filter((call) => call === 'inspectImage pause:test').length
    assert.ok(tries > 5 && tries < 12, `${tries} tries in a minute`)
    assert.ok(kindsOf(node.takeEvents()).includes('sync-failed'))
    node.engineGate.refuseAll(undefined)
    await node.advance(10_000)
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('keeps its status, and goes on at once when Docker tells that it is back', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.engineGate.refuseAll(away)
    node.docker.exit(node.container('main 0').id, { exitCode: 1 })
    await node.advance(60_000)
    assert.equal(statusOf(node).ready, true)
    node.engineGate.refuseAll(undefined)
    node.docker.reconnect()
    await node.settled()
    assert.equal(statusOf(node).restartCount, 1)
  })

  it('is deleted when Docker is back', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.engineGate.refuseAll(away)
    await node.delete('web')
    await node.advance(20_000)
    assert.equal(node.server.pods.length, 1)
    node.engineGate.refuseAll(undefined)
    await node.advance(10_000)
    await assertNothingLeft(node)
  })
})

describe('a Pod that cannot be settled', () => {
  it('is not worked at without end: after a hundred passes it gets a breath between them', async (t) => {
    await using node = await aNode(t, {
      show: (object) => (object.kind === 'container' ? { ...object, state: { phase: 'created' } } : object),
    })
    await node.run({ name: 'web' })
    assert.ok(node.engine.count('start') < 110)
    assert.ok(
      node.takeEvents().some((event) => event.kind === 'sync-failed' && event.message.startsWith('still acting after')),
    )
    const before = node.engine.count('start')
    await node.advance(10_000)
    assert.ok(node.engine.count('start') - before < 30)
  })
})

describe('a Pod that asks for what the agent does not do', () => {
  it('is told of each field, once; what would be another Pod without it does not start', async (t) => {
    await using node = await aNode(t)
    const containers = [
      aContainer({ name: 'bad', volumeDevices: [{ name: 'disk', devicePath: '/dev/disk' }] }),
      aContainer({ name: 'good' }),
    ]
    await node.run({ name: 'web', spec: { containers } })
    await node.advance(60_000)
    assert.deepEqual(
      told(node.takeEvents()).filter((text) => text.includes('Unsupported')),
      [
        'Warning UnsupportedField spec.containers[0].volumeDevices is not supported by minikubelet: the container does not start without it',
      ],
    )
    assert.deepEqual(node.containers, ['sandbox 0 running', 'good 0 running'])
    assert.deepEqual(statusOf(node).state, {
      waiting: {
        reason: 'CreateContainerConfigError',
        message: 'spec.containers[0].volumeDevices is not supported by minikubelet',
      },
    })
  })
})

describe('a Pod whose volumes cannot be made', () => {
  it('is told so with each try, each twice as late as the one before, and starts with the first that succeeds', async (t) => {
    await using node = await aNode(t)
    const path = `${node.root}/data`
    const containers = [aContainer({ volumeMounts: [{ name: 'data', mountPath: '/data' }] })]
    await node.run({
      name: 'web',
      spec: { containers, volumes: [{ name: 'data', hostPath: { path, type: 'Directory' } }] },
    })
    await node.advance(5000, 100)
    assert.deepEqual(
      told(node.takeEvents()).filter((text) => text.includes('Mount')),
      // At once, and 0.5, 1.5 and 3.5 seconds later.
      Array.from(
        { length: 4 },
        () =>
          `Warning FailedMount MountVolume.SetUp failed for volume "data" : hostPath type check failed: ${path} is not a directory`,
      ),
    )
    assert.deepEqual(statusOf(node).state, { waiting: { reason: 'ContainerCreating' } })
    await mkdir(path)
    await node.advance(2400, 100)
    assert.equal(node.status('web')?.phase, 'Pending')
    await node.advance(100, 100)
    assert.equal(node.status('web')?.phase, 'Running')
  })
})
