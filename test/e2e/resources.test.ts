import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { labels } from '../../src/model/labels.ts'
import type { ContainerSpec, KubeNode, Pod } from '../../src/model/kube.ts'
import { labelOf } from '../support/docker-objects.ts'
import { cgroupValue, podCgroups } from '../support/pod-cgroups.ts'
import type { Watch } from '../support/kubectl.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying, type PodManifest } from '../support/test-pod.ts'

const node = await TestNode.start('--pod-max-pids=500', '--node-status-update-frequency=1s')
after(() => node[Symbol.asyncDispose]())

function taking(name: string, resources: ContainerSpec['resources']): ContainerSpec {
  return staying(name, { resources: resources ?? {} })
}

/** What Docker was told of a container's share of the machine. */
async function dockerOptions(pod: Pod, name: string): Promise<object> {
  const found = (await node.containers(pod)).find((container) => labelOf(container, labels.containerName) === name)
  assert.ok(found)
  const { CgroupParent, CpuShares, CpuPeriod, CpuQuota, Memory, MemorySwap, OomScoreAdj } = found.HostConfig
  return { CgroupParent, CpuShares, CpuPeriod, CpuQuota, Memory, MemorySwap, OomScoreAdj }
}

/** The same as the container itself sees it. */
async function seenInside(pod: Pod, name: string): Promise<readonly string[]> {
  const files = [
    'cpu/cpu.shares',
    'cpu/cpu.cfs_quota_us',
    'memory/memory.limit_in_bytes',
    'memory/memory.memsw.limit_in_bytes',
  ]
  const paths = [...files.map((file) => `/sys/fs/cgroup/${file}`), '/proc/1/oom_score_adj']
  return (await node.exec(pod, name, 'cat', ...paths)).split('\n')
}

/** What the cgroup of a Pod is set to: shares, quota, memory and processes. */
async function podValues(cgroup: string): Promise<readonly string[]> {
  return Promise.all([
    cgroupValue('cpu', cgroup, 'cpu.shares'),
    cgroupValue('cpu', cgroup, 'cpu.cfs_quota_us'),
    cgroupValue('memory', cgroup, 'memory.limit_in_bytes'),
    cgroupValue('pids', cgroup, 'pids.max'),
  ])
}

const unlimited = '9223372036854771712'
const [limit64, limit128] = [`${64 * 1024 ** 2}`, `${128 * 1024 ** 2}`]

describe('What a Pod gets of the machine', { concurrency: true }, () => {
  it('is what it asks for and no more, where it is Guaranteed', async () => {
    const limits = { cpu: '500m', memory: '64Mi' }
    const pod = await node.createUntil(podManifest('guaranteed', [taking('main', { limits })]), 'ready', isReady)
    const cgroup = `/kubepods/pod${pod.metadata.uid}`
    assert.deepEqual(await dockerOptions(pod, 'main'), {
      CgroupParent: cgroup,
      CpuShares: 512,
      CpuPeriod: 100_000,
      CpuQuota: 50_000,
      Memory: 64 * 1024 ** 2,
      MemorySwap: 64 * 1024 ** 2,
      OomScoreAdj: -997,
    })
    // The test bed may not set negative scores.
    assert.deepEqual((await seenInside(pod, 'main')).slice(0, 4), ['512', '50000', limit64, limit64])
    assert.deepEqual(await podValues(cgroup), ['512', '50000', limit64, '500'])
  })

  it('is bounded as a whole only where all of it is, when it is Burstable', async () => {
    const containers = [
      taking('both', { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } }),
      taking('one', { limits: { memory: '64Mi' } }),
    ]
    const pod = await node.createUntil(podManifest('burstable', containers), 'ready', isReady)
    const cgroup = `/kubepods/burstable/pod${pod.metadata.uid}`
    assert.deepEqual(await podValues(cgroup), ['102', '-1', limit128, '500'])
    const [score = ''] = (await seenInside(pod, 'both')).slice(-1)
    assert.deepEqual(await seenInside(pod, 'both'), ['102', '20000', limit64, limit64, score])
    assert.ok(Number(score) > 2 && Number(score) < 1000)
    assert.deepEqual((await seenInside(pod, 'one')).slice(0, 2), ['2', '-1'])
    // Other agents may have Pods there too.
    assert.ok(Number(await cgroupValue('cpu', '/kubepods/burstable', 'cpu.shares')) >= 102)
  })

  it('is what others leave, where it asks for nothing', async () => {
    const pod = await node.createUntil(podManifest('best-effort', [staying('main')]), 'ready', isReady)
    const cgroup = `/kubepods/besteffort/pod${pod.metadata.uid}`
    assert.deepEqual(await podValues(cgroup), ['2', '-1', unlimited, '500'])
    assert.deepEqual(await seenInside(pod, 'main'), ['2', '-1', unlimited, unlimited, '1000'])
    assert.equal(await cgroupValue('cpu', '/kubepods/besteffort', 'cpu.shares'), '2')
    const parents = (await node.containers(pod)).map(({ HostConfig }) => HostConfig.CgroupParent)
    assert.deepEqual(parents, [cgroup, cgroup])
  })

  it('is told in its status, by servers that keep that', async () => {
    const resources = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } }
    const containers = [taking('main', { requests: { cpu: '100m' } })]
    const manifest = podManifest('whole', containers, { resources, nodeName: node.name })
    await node.kubectl.feed('create', manifest, '--validate=false')
    const pod = await node.until('whole', 'ready', isReady)
    const { allocatedResources, resources: has } = pod.status ?? {}
    const keeps = (await node.kubectl.serverMinor()) >= 34
    assert.deepEqual([allocatedResources, has], keeps ? [resources.requests, resources] : [undefined, undefined])
    // An old server drops what is asked for the Pod as a whole.
    const cgroup = `/kubepods/burstable/pod${pod.metadata.uid}`
    const expected = keeps ? ['256', '50000', limit128, '500'] : ['102', '-1', unlimited, '500']
    assert.deepEqual(await podValues(cgroup), expected)
  })

  it('ends when it takes more memory than it may', async () => {
    // That the container outlives what the kernel kills leaves Docker the time to hear of it.
    const takesAll = 'head -c 200m /dev/zero | tail; sleep 1; exit 137'
    const hungry = shell('main', takesAll, { resources: { limits: { memory: '32Mi' } } })
    const manifest = podManifest('hungry', [hungry], { restartPolicy: 'Never' })
    const isKilled = ({ status }: Pod): boolean =>
      status?.containerStatuses?.[0]?.state?.terminated?.reason === 'OOMKilled'
    const pod = await node.createUntil(manifest, 'killed for its memory', isKilled)
    assert.equal(pod.status?.phase, 'Failed')
  })
})

describe('Extended resources', () => {
  const dongle = 'example.com/dongle'

  /** Says that the node has so many, as an operator does, and waits until its Pods may use them. */
  async function setDongles(count: string): Promise<void> {
    using nodes: Watch<KubeNode> = node.kubectl.watch('/api/v1/nodes', node.name)
    const { metadata, status, ...rest } = await node.kubectl.get<KubeNode>('node', node.name)
    const { resourceVersion: _, ...unversioned } = metadata ?? {}
    const capacity = { ...status?.capacity, [dongle]: count }
    const wanted = { ...rest, metadata: unversioned, status: { ...status, capacity } }
    await node.kubectl.feed('replace', wanted, `--raw=/api/v1/nodes/${node.name}/status`)
    await nodes.changes.first(
      `${count} dongles for Pods`,
      ({ object }) => object.status?.allocatable?.[dongle] === count,
    )
  }

  function wanting(name: string, count: string): PodManifest {
    const amounts = { [dongle]: count }
    return podManifest(name, [taking('main', { requests: amounts, limits: amounts })])
  }

  it('are as many as an operator says that the node has, and none that it does not know', async () => {
    await setDongles('3')
    await node.createUntil(wanting('two', '2'), 'ready', isReady)
    const refused = await node.createUntil(wanting('two-more', '2'), 'refused', hasPhase('Failed'))
    assert.equal(refused.status?.reason, `OutOf${dongle}`)
    const numbers = 'requested: 2, used: 2, capacity: 3'
    assert.equal(refused.status.message, `Pod was rejected: Node didn't have enough resource: ${dongle}, ${numbers}`)
    await node.createUntil(wanting('one', '1'), 'ready', isReady)
    await setDongles('0')
    const none = await node.createUntil(wanting('none', '1'), 'refused', hasPhase('Failed'))
    assert.equal(none.status?.reason, `OutOf${dongle}`)
  })
})

describe('The cgroup of a Pod', { concurrency: true }, () => {
  it('is gone when the Pod has ended, though its object stays', async () => {
    const manifest = podManifest('ended', [shell('main', 'sleep 1')], { restartPolicy: 'Never' })
    const running = await node.createUntil(manifest, 'running', hasPhase('Running'))
    const { uid } = running.metadata
    assert.notDeepEqual(await podCgroups(uid), [])
    await node.until('ended', 'ended', hasPhase('Succeeded'))
    await node.agent.logged('sandbox-stopped', 'ended')
    assert.deepEqual(await podCgroups(uid), [])
  })

  it('is gone before the object of a Pod that is deleted', async () => {
    const { metadata } = await node.createUntil(podManifest('deleted', [staying('main')]), 'ready', isReady)
    assert.notDeepEqual(await podCgroups(metadata.uid), [])
    await node.kubectl.run('delete', 'pod', 'deleted', '--wait=false')
    await node.untilGone('deleted')
    assert.deepEqual(await podCgroups(metadata.uid), [])
  })
})
