import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ContainerSpec, Pod, PodSpec } from '../../src/model/kube.ts'
import { freePort } from '../support/free-port.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, staying, untilTold } from '../support/test-pod.ts'
import {
  changesOf,
  historyOf,
  readyByFile,
  readyPods,
  template,
  untilObject,
  untilSchedulable,
  workload,
  type DaemonSet,
} from './workloads.ts'

const node = await TestNode.start('--cluster-domain=cluster.local')
const { kubectl } = node
after(() => node[Symbol.asyncDispose]())

/** A container whose version can be seen from outside. */
function version(value: string, change: Partial<ContainerSpec> = {}) {
  return readyByFile({ env: [{ name: 'VERSION', value }], ...change })
}

function versionOf({ spec }: Pod): string | undefined {
  return spec.containers[0]?.env?.find(({ name }) => name === 'VERSION')?.value
}

const hasVersion = (value: string) => (pod: Pod) => versionOf(pod) === value

function rolledOut(kind: string, name: string): Promise<string> {
  return kubectl.run('rollout', 'status', `${kind}/${name}`, '--timeout=90s')
}

function isGoing({ status }: Pod): boolean {
  return status?.phase === 'Pending' || status?.phase === 'Running'
}

function isServing(pod: Pod): boolean {
  return isReady(pod) && pod.metadata.deletionTimestamp === undefined
}

/** The names of the Pods with a label `app`, in the order in which `happened` was true of them for the first time. */
function inOrderOf(app: string, happened: (pod: Pod, deleted: boolean) => boolean): readonly string[] {
  const names = changesOf(node, app).filter(({ pod, deleted }) => happened(pod, deleted))
  return [...new Set(names.map(({ pod }) => pod.metadata.name))]
}

describe('Workloads of the controller manager', { concurrency: 8 }, () => {
  before(() => untilSchedulable(node))

  it('a Deployment is updated, rolled back and scaled down without ever serving with less than it must', async () => {
    const deployment = (value: string) =>
      workload('Deployment', 'rolling', {
        replicas: 3,
        strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: template(node, 'rolling', version(value)),
      })
    await kubectl.feed('apply', deployment('1'))
    await rolledOut('deployment', 'rolling')
    await readyPods(node, 'rolling', 3, hasVersion('1'))
    const before = historyOf(node, 'rolling').length

    await kubectl.feed('apply', deployment('2'))
    await rolledOut('deployment', 'rolling')
    await readyPods(node, 'rolling', 3, hasVersion('2'))
    await kubectl.run('rollout', 'undo', 'deployment/rolling')
    await rolledOut('deployment', 'rolling')
    await readyPods(node, 'rolling', 3, hasVersion('1'))
    const during = historyOf(node, 'rolling').slice(before)
    assert.equal(Math.min(...during.map((pods) => pods.filter(isServing).length)), 3)

    await kubectl.run('scale', 'deployment/rolling', '--replicas=1')
    const [last] = await readyPods(node, 'rolling', 1)
    assert.equal((await node.containers(last)).length, 2)
    assert.equal(
      during.at(-1)?.some(({ metadata }) => metadata.uid === last?.metadata.uid),
      true,
    )
  })

  it('a Deployment stays what it is while its update does not become ready', async () => {
    const deployment = (value: string, change: Partial<ContainerSpec> = {}) =>
      workload('Deployment', 'stuck', {
        replicas: 2,
        strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        progressDeadlineSeconds: 5,
        template: template(node, 'stuck', version(value, change)),
      })
    await kubectl.feed('apply', deployment('1'))
    const good = await readyPods(node, 'stuck', 2)
    await kubectl.feed('apply', deployment('2', { command: ['sh', '-c', untilTold] }))
    await assert.rejects(rolledOut('deployment', 'stuck'), /exceeded its progress deadline/u)
    const [bad] = (historyOf(node, 'stuck').at(-1) ?? []).filter(hasVersion('2'))
    assert.ok(bad !== undefined)
    const running = await node.until(bad.metadata.name, 'running', hasPhase('Running'))
    assert.equal(isReady(running), false)
    await kubectl.run('rollout', 'undo', 'deployment/stuck')
    await node.untilGone(bad.metadata.name)
    const kept = await readyPods(node, 'stuck', 2)
    assert.deepEqual(
      kept.map(({ metadata }) => metadata.uid).toSorted(),
      good.map(({ metadata }) => metadata.uid).toSorted(),
    )
  })

  it('a Deployment that recreates has none of its old Pods run beside a new one', async () => {
    const deployment = (value: string) =>
      workload('Deployment', 'recreated', {
        replicas: 2,
        strategy: { type: 'Recreate' },
        template: template(node, 'recreated', version(value)),
      })
    await kubectl.feed('apply', deployment('1'))
    await readyPods(node, 'recreated', 2, hasVersion('1'))
    await kubectl.feed('apply', deployment('2'))
    await readyPods(node, 'recreated', 2, hasVersion('2'))
    for (const pods of historyOf(node, 'recreated')) {
      const versions = new Set(pods.filter(isGoing).map(versionOf))
      assert.ok(versions.size < 2, 'both versions at a time')
    }
  })

  it('a DaemonSet comes to the node, is updated there, and replaces a Pod that has failed', async () => {
    const daemonSet = (value: string) =>
      workload('DaemonSet', 'daemon', { template: template(node, 'daemon', version(value)) })
    using daemonSets = kubectl.watch<DaemonSet>(`/apis/apps/v1/namespaces/${node.name}/daemonsets`, 'daemon')
    await kubectl.feed('apply', daemonSet('1'))
    const [first] = await readyPods(node, 'daemon', 1, hasVersion('1'))
    await untilObject(daemonSets, 'DaemonSet ready', ({ status }) => status?.numberReady === 1)
    await kubectl.feed('apply', daemonSet('2'))
    await rolledOut('daemonset', 'daemon')
    const [second] = await readyPods(node, 'daemon', 1, hasVersion('2'))
    assert.ok(first !== undefined && second !== undefined)
    const atATime = historyOf(node, 'daemon').map((pods) => pods.filter(isGoing).length)
    assert.equal(Math.max(...atATime), 1, 'the old Pod had ended before the new one came')

    // As when a node evicts a Pod.
    const failed = { ...second, status: { ...second.status, phase: 'Failed', reason: 'Evicted' } }
    const path = `/api/v1/namespaces/${node.name}/pods/${second.metadata.name}/status`
    await kubectl.feed('replace', failed, '--raw', path)
    await node.untilGone(second.metadata.name)
    const [third] = await readyPods(node, 'daemon', 1, ({ metadata }) => metadata.uid !== second.metadata.uid)
    assert.equal(third === undefined ? undefined : versionOf(third), '2')
    await kubectl.run('delete', 'daemonset', 'daemon')
    await node.untilGone(third?.metadata.name ?? '')
  })

  it('a StatefulSet starts in order, each Pod with its own name when the one before it is ready', async () => {
    await kubectl.feed('apply', statefulSet('ordered', '1', 3))
    const pods = await readyPods(node, 'ordered', 3)
    assert.deepEqual(
      inOrderOf('ordered', () => true),
      ['ordered-0', 'ordered-1', 'ordered-2'],
    )
    for (const now of historyOf(node, 'ordered')) {
      const unready = now.filter((pod) => !isReady(pod)).length
      assert.ok(unready <= 1, 'one came before the other was ready')
    }
    const hostnames = await Promise.all(pods.map((pod) => node.exec(pod, 'main', 'hostname', '-f')))
    assert.deepEqual(
      hostnames.toSorted(),
      [0, 1, 2].map((index) => `ordered-${index}.ordered.${node.name}.svc.cluster.local`),
    )
    await kubectl.run('delete', 'statefulset', 'ordered')
  })

  it('a StatefulSet is updated and stopped in the opposite order, one Pod at a time', async () => {
    await kubectl.feed('apply', statefulSet('reverse', '1', 3))
    await readyPods(node, 'reverse', 3, hasVersion('1'))
    await kubectl.feed('apply', statefulSet('reverse', '2', 3))
    await rolledOut('statefulset', 'reverse')
    await readyPods(node, 'reverse', 3, hasVersion('2'))
    const opposite = ['reverse-2', 'reverse-1', 'reverse-0']
    assert.deepEqual(
      inOrderOf('reverse', (pod) => versionOf(pod) === '2' && isReady(pod)),
      opposite,
    )

    const before = changesOf(node, 'reverse').length
    await kubectl.run('scale', 'statefulset/reverse', '--replicas=0')
    await node.untilGone('reverse-0')
    const happened = changesOf(node, 'reverse').slice(before)
    const ends = happened.filter(({ deleted }) => deleted).map(({ pod }) => pod.metadata.name)
    assert.deepEqual(ends, opposite)
    for (const now of historyOf(node, 'reverse')) {
      assert.ok(now.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length <= 1)
    }
  })

  it('a StatefulSet makes its Pod anew until the node has room for it', async () => {
    const ports = [{ containerPort: 80, hostPort: await freePort() }]
    await node.createUntil(podManifest('in-the-way', [staying('main', { ports })]), 'ready', isReady)
    await kubectl.feed('apply', statefulSet('evicted', '1', 1, { container: { ports }, pod: { nodeName: node.name } }))
    const { object: refused } = await node.podChanges.first(
      'Pod "evicted-0" refused',
      ({ object: { metadata, status } }) => metadata.name === 'evicted-0' && status?.phase === 'Failed',
    )
    assert.equal(refused.status?.reason, 'NodePorts')
    await kubectl.run('delete', 'pod', 'in-the-way', '--wait=false')
    const [pod] = await readyPods(node, 'evicted', 1)
    assert.notEqual(pod?.metadata.uid, refused.metadata.uid)
  })

  it('a StatefulSet whose Pod is not ready any more waits for it before it grows', async () => {
    await kubectl.feed('apply', statefulSet('halted', '1', 1))
    const [first] = await readyPods(node, 'halted', 1)
    assert.ok(first !== undefined)
    await node.exec(first, 'main', 'rm', '/tmp/ready')
    await node.until('halted-0', 'not ready', (pod) => !isReady(pod))
    await kubectl.run('scale', 'statefulset/halted', '--replicas=2')
    await node.exec(first, 'main', 'touch', '/tmp/ready')
    await readyPods(node, 'halted', 2)
    for (const now of historyOf(node, 'halted')) assert.ok(now.filter((pod) => !isReady(pod)).length <= 1)
  })
})

/** What a workload's Pods have other than usual. */
interface PodChange {
  readonly container?: Partial<ContainerSpec>
  readonly pod?: Partial<PodSpec>
}

/** A StatefulSet with its Service, which gives its Pods their domain. */
function statefulSet(name: string, value: string, replicas: number, { container, pod }: PodChange = {}): object {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { clusterIP: 'None', selector: { app: name }, ports: [{ port: 80 }] },
  }
  const spec = { replicas, serviceName: name, template: template(node, name, version(value, container), pod) }
  return { apiVersion: 'v1', kind: 'List', items: [service, workload('StatefulSet', name, spec)] }
}
