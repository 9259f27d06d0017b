import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerStatus, EphemeralContainerSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { told } from './told.ts'

/** A user adds ephemeral containers to Pod `web`, by default one; settles. */
async function debug(node: NodeInMemory, ...containers: readonly Partial<EphemeralContainerSpec>[]): Promise<void> {
  const ephemeralContainers = (containers.length === 0 ? [{}] : containers).map((container) => ({
    ...aContainer({ name: 'debug' }),
    ...container,
  }))
  node.server.updatePod('default', 'web', { spec: { ephemeralContainers } })
  await node.settled()
}

function statuses(node: NodeInMemory): readonly ContainerStatus[] {
  return node.status('web')?.ephemeralContainerStatuses ?? []
}

describe('an ephemeral container', () => {
  it('is made in the Pod that runs, and shows beside its containers, neither ready nor started', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.takeEvents()
    await debug(node)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running', 'debug 0 running'])
    const [status] = statuses(node)
    const { name, ready, started, restartCount, state } = status ?? {}
    assert.deepEqual(
      { name, ready, started, restartCount, state },
      {
        name: 'debug',
        ready: false,
        started: undefined,
        restartCount: 0,
        state: { running: { startedAt: '2026-11-21T10:00:00Z' } },
      },
    )
    assert.equal(node.status('web')?.containerStatuses?.length, 1)
    assert.equal(node.status('web')?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True')
  })

  it('tells of itself where it stands in the spec', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.takeEvents()
    await debug(node)
    const events = node.takeEvents()
    assert.deepEqual(told(events), [
      'Normal Pulled Container image "busybox:1.36" already present on machine and can be accessed by the pod',
      'Normal Created Container created',
      'Normal Started Container started',
    ])
    const paths = events.flatMap(({ fieldPath = [] }) => fieldPath)
    assert.deepEqual(new Set(paths), new Set(['spec.ephemeralContainers{debug}']))
  })

  it('is started while init containers run, and joins the processes of the one that it names', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { initContainers: [aContainer({ name: 'init' })] } })
    await debug(node, { targetContainerName: 'init' })
    await node.advance(1000)
    const { request } = node.container('debug 0')
    assert.equal(request.body.HostConfig.PidMode, `container:${node.container('init 0').id}`)
    assert.equal(node.status('web')?.phase, 'Pending')
    assert.ok(statuses(node)[0]?.state?.running)
  })

  it('waits, showing why, for a container to look at that is not there yet', async (t) => {
    await using node = await aNode(t, { programs: { init: { kind: 'runs', exitCode: 0 } } })
    await node.run({ name: 'web', spec: { initContainers: [aContainer({ name: 'init' })] } })
    node.takeEvents()
    await debug(node, { targetContainerName: 'main' })
    await node.advance(1000)
    const message = 'unable to find target container main'
    assert.deepEqual(statuses(node)[0]?.state, { waiting: { reason: 'CreateContainerConfigError', message } })
    assert.ok(told(node.takeEvents()).includes(`Warning Failed Error: ${message}`))
    await node.exit('init 0', 0)
    await node.advance(10_000)
    assert.equal(node.container('debug 0').request.body.HostConfig.PidMode, `container:${node.container('main 0').id}`)
  })

  it('never runs again: not after its end, not in a new sandbox, not under another agent', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    await debug(node)
    await node.exit('debug 0', 3)
    assert.equal(statuses(node)[0]?.state?.terminated?.exitCode, 3)
    await node.exit('sandbox 0', 137)
    await node.advance(120_000)
    await node.restart()
    await node.advance(120_000)
    assert.deepEqual(
      node.containers.filter((container) => !container.startsWith('main')),
      ['sandbox 0 exited', 'debug 0 exited', 'sandbox 1 running'],
    )
    assert.equal(statuses(node)[0]?.state?.terminated?.exitCode, 3)
  })

  it('goes on under another agent', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    await debug(node)
    const before = node.container('debug 0').id
    await node.restart()
    assert.equal(node.container('debug 0').id, before)
    assert.equal(statuses(node)[0]?.containerID, `docker://${before}`)
    assert.equal(node.engine.count('create'), 0)
  })

  it('never runs again where its record is removed', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    await debug(node)
    node.docker.remove(node.container('debug 0').id)
    await node.advance(120_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    const { exitCode, reason } = statuses(node)[0]?.state?.terminated ?? {}
    assert.deepEqual({ exitCode, reason }, { exitCode: 137, reason: 'ContainerStatusUnknown' })
  })

  it('does not keep its Pod from finishing, and ends with it', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { restartPolicy: 'Never' } })
    await debug(node)
    await node.exit('main 0', 0)
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited', 'debug 0 exited'])
    assert.equal(node.status('web')?.phase, 'Succeeded')
    assert.equal(statuses(node)[0]?.state?.terminated?.exitCode, 137)
  })

  it('that fails to start stays as it ended', async (t) => {
    await using node = await aNode(t, { programs: { debug: { kind: 'cannot-run', message: 'no such command' } } })
    await node.run({ name: 'web' })
    await debug(node)
    await node.advance(120_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running', 'debug 0 created'])
    assert.equal(statuses(node)[0]?.state?.terminated?.reason, 'ContainerCannotRun')
  })

  it('is one of several, which show by name', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    await debug(node, { name: 'second' })
    await debug(node, { name: 'second' }, { name: 'first', image: 'absent:1', imagePullPolicy: 'Never' })
    assert.deepEqual(
      statuses(node).map(({ name, state }) => [name, state?.running ? 'running' : state?.waiting?.reason]),
      [
        ['first', 'ErrImageNeverPull'],
        ['second', 'running'],
      ],
    )
  })

  it('can mount a volume that nobody mounted before', async (t) => {
    await using node = await aNode(t)
    const { metadata } = await node.run({ name: 'web', spec: { volumes: [{ name: 'data', emptyDir: {} }] } })
    await debug(node, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })
    const mount = node.container('debug 0').request.body.HostConfig.Mounts?.find(({ Target }) => Target === '/data')
    assert.match(mount?.Source ?? '', new RegExp(`/pods/${metadata.uid}/volumes/kubernetes\\.io~empty-dir/data$`))
    assert.ok(statuses(node)[0]?.state?.running)
  })
})
