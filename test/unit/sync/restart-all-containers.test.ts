import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, ContainerStatus, PodStatus } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { told } from './told.ts'

const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }]
const source = aContainer({ name: 'source', restartPolicy: 'Never', restartPolicyRules })
const init = aContainer({ name: 'init' })
const side = aContainer({ name: 'side', restartPolicy: 'Always' })

/** A node on which Pod `web` runs: an init container that has ended, a sidecar, the one with the rule and another. */
async function aNodeWithPod(t: Parameters<typeof aNode>[0], initContainers: readonly ContainerSpec[] = [init, side]) {
  const node = await aNode(t, { programs: { init: { kind: 'exits', exitCode: 0 } } })
  const spec = { restartPolicy: 'Never', initContainers, containers: [source, aContainer()] }
  await node.run({ name: 'web', spec })
  await node.advance(1000)
  return node
}

function condition(status: PodStatus | undefined, type = 'AllContainersRestarting') {
  return status?.conditions?.find((one) => one.type === type)
}

function container(status: PodStatus | undefined, name: string): ContainerStatus | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  return all.find((one) => one.name === name)
}

const restarting = {
  reason: 'RestartingAllContainers',
  message: 'The container is removed because RestartAllContainers in place',
}

/** What is running, by short name and in the order of the alphabet: which is created first is left to chance. */
const runs = (node: NodeInMemory): readonly string[] =>
  node.containers
    .filter((each) => each.endsWith(' running'))
    .map((each) => each.replace(' running', ''))
    .toSorted()

describe('a container that takes all others of its Pod with it', () => {
  it('has them all killed and removed, itself last, and started anew in the same sandbox, init containers first', async (t) => {
    await using node = await aNodeWithPod(t)
    node.takeCalls()
    await node.exit('source 0', 42)
    const calls = node.takeCalls().filter((call) => !call.startsWith('inspect'))
    assert.deepEqual(
      [
        calls.slice(0, 2).toSorted(),
        calls.slice(2, 5).toSorted(),
        ...calls.slice(5, 10),
        calls.slice(10, 12).toSorted(),
      ],
      [
        ['stop main 0 2', 'stop side 0 2'],
        ['remove init 0', 'remove main 0', 'remove side 0'],
        'remove source 0',
        'create init 1',
        'start init 1',
        'create side 1',
        'start side 1',
        ['create main 1', 'create source 1'],
      ],
    )
    assert.deepEqual(calls.slice(12), ['start source 1', 'start main 1'])
  })

  it('shows first that this has begun, then that the containers were removed, then that they run', async (t) => {
    await using node = await aNodeWithPod(t)
    assert.deepEqual(condition(node.status('web'))?.status, 'False')
    const before = node.statusesOf('web').length
    await node.exit('source 0', 42)
    const seen = node.statusesOf('web').slice(before)
    const begun = seen.find((status) => condition(status)?.status === 'True')
    assert.deepEqual(
      [condition(begun)?.reason, condition(begun)?.message, container(begun, 'source')?.state?.terminated?.exitCode],
      ['RestartAllContainersStarted', 'container exited with restart policy rule', 42],
    )
    const removed = seen.find((status) => container(status, 'main')?.state?.waiting?.reason === restarting.reason)
    for (const name of ['init', 'side', 'source', 'main']) {
      const { state, lastState, restartCount } = container(removed, name) ?? {}
      assert.deepEqual(
        { state, lastState, restartCount },
        {
          state: { waiting: restarting },
          lastState: { terminated: { exitCode: 137, ...restarting } },
          restartCount: 1,
        },
      )
    }
    assert.equal(condition(removed)?.status, 'False')
    await node.advance(1000)
    const last = node.status('web')
    assert.equal(last?.phase, 'Running')
    assert.equal(condition(last)?.status, 'False')
    for (const name of ['side', 'source', 'main']) {
      const shown = container(last, name)
      assert.ok(shown?.state?.running)
      const { lastState, restartCount, ready } = shown
      assert.deepEqual([lastState?.terminated?.reason, restartCount, ready], [restarting.reason, 1, true])
    }
    for (const status of seen) assert.equal(condition(status, 'Initialized')?.status, 'True')
  })

  it('has each killed for that, without a word on why', async (t) => {
    await using node = await aNodeWithPod(t)
    node.takeEvents()
    await node.exit('source 0', 42)
    const killed = told(node.takeEvents()).filter((line) => line.includes('Killing'))
    assert.deepEqual(killed, ['Normal Killing killing', 'Normal Killing killing'])
  })

  it('does so however early it ends: all were started before anybody looks at how it fares', async (t) => {
    await using node = await aNode(t, { programs: { source: { kind: 'exits', exitCode: 42 } } })
    node.docker.listen((event) => {
      if (event.kind === 'container' && event.action === 'die') node.programs.delete('source')
    })
    await node.run({ name: 'web', spec: { restartPolicy: 'Never', containers: [source, aContainer()] } })
    await node.advance(1000)
    const counts = ['source', 'main'].map((name) => container(node.status('web'), name)?.restartCount)
    assert.deepEqual(counts, [1, 1])
  })

  it('does so again and again, without a back-off, counting on', async (t) => {
    await using node = await aNodeWithPod(t)
    const counts: unknown[] = []
    for (const attempt of [0, 1, 2]) {
      await node.exit(`source ${attempt}`, 42)
      await node.advance(1000)
      counts.push(['init', 'source', 'main'].map((name) => container(node.status('web'), name)?.restartCount))
    }
    assert.deepEqual(counts, [
      [1, 1, 1],
      [2, 2, 2],
      [3, 3, 3],
    ])
  })

  it('goes by its own policy after any other exit code', async (t) => {
    await using node = await aNodeWithPod(t)
    await node.exit('source 0', 1)
    assert.deepEqual(runs(node), ['main 0', 'sandbox 0', 'side 0'])
    await node.exit('main 0', 42)
    assert.equal(node.status('web')?.phase, 'Failed')
    assert.equal(condition(node.status('web'))?.reason, 'PodFailed')
  })

  it('may be an init container: then the regular ones, which never ran, are none the wiser', async (t) => {
    const asking = aContainer({ name: 'asking', restartPolicy: 'Never', restartPolicyRules })
    await using node = await aNodeWithPod(t, [side, init, asking])
    await node.exit('asking 0', 42)
    await node.advance(1000)
    assert.deepEqual(runs(node), ['asking 1', 'sandbox 0', 'side 1'])
    await node.exit('asking 1', 0)
    await node.advance(1000)
    const counts = ['side', 'init', 'asking', 'main'].map((name) => container(node.status('web'), name)?.restartCount)
    assert.deepEqual(counts, [1, 1, 1, 0])
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('may be a sidecar beside the last of the others, whose end is not that of the Pod then', async (t) => {
    const asking = aContainer({ name: 'asking', restartPolicy: 'Always', restartPolicyRules })
    await using node = await aNode(t, { programs: { main: { kind: 'runs', exitCode: 0 } } })
    await node.run({ name: 'web', spec: { restartPolicy: 'Never', initContainers: [asking] } })
    await node.exit('asking 0', 42)
    await node.advance(1000)
    assert.deepEqual(runs(node), ['asking 1', 'main 1', 'sandbox 0'])
  })

  it('is what another agent goes on with, wherever the first was killed', async (t) => {
    for (const method of ['stop', 'remove', 'create', 'start'] as const) {
      await using node = await aNodeWithPod(t)
      const release = node.engineGate.hold(method)
      await node.exit('source 0', 42)
      await node.advance(1000)
      node.kill()
      release()
      await node.restart()
      await node.advance(20_000)
      assert.deepEqual(runs(node), ['main 1', 'sandbox 0', 'side 1', 'source 1'], `killed at ${method}`)
      const counts = ['init', 'source', 'main'].map((name) => container(node.status('web'), name)?.restartCount)
      assert.deepEqual(counts, [1, 1, 1], `killed at ${method}`)
    }
  })

  it('has come to its end where nobody was told of that', async (t) => {
    await using node = await aNodeWithPod(t)
    await node.exit('source 0', 42)
    await node.advance(1000)
    const begun = node.statusesOf('web').findLast((status) => condition(status)?.status === 'True')
    assert.ok(begun)
    node.kill()
    node.server.updatePod('default', 'web', { status: begun })
    await node.restart()
    await node.advance(20_000)
    assert.deepEqual(runs(node), ['main 1', 'sandbox 0', 'side 1', 'source 1'])
    assert.equal(condition(node.status('web'))?.status, 'False')
    const counts = ['init', 'source', 'main'].map((name) => container(node.status('web'), name)?.restartCount)
    assert.deepEqual(counts, [1, 1, 1])
  })

  it('leaves ephemeral containers alone', async (t) => {
    await using node = await aNodeWithPod(t)
    node.server.updatePod('default', 'web', { spec: { ephemeralContainers: [aContainer({ name: 'debug' })] } })
    await node.settled()
    await node.exit('source 0', 42)
    await node.advance(1000)
    assert.deepEqual(runs(node), ['debug 0', 'main 1', 'sandbox 0', 'side 1', 'source 1'])
  })

  it('does so once a second at most, however soon it ends', async (t) => {
    await using node = await aNode(t, { programs: { source: { kind: 'exits', exitCode: 42 } } })
    await node.run({ name: 'web', spec: { containers: [source] } })
    await node.advance(5000)
    const starts = node.takeCalls().filter((call) => call.startsWith('start source'))
    assert.equal(starts.length, 6)
  })
})
