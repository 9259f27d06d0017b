import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { ContainerSpec, KubeEvent, Pod } from '../../src/model/kube.ts'
import { Kubectl } from '../support/kubectl.ts'
import { PeerKubelet } from '../support/peer-kubelet.ts'
import { SpareDocker } from '../support/spare-docker.ts'
import { TestNode } from '../support/test-node.ts'
import { podManifest, shell, type PodManifest } from '../support/test-pod.ts'

/** What is seen of a Pod that was evicted; amounts that are measured are `#`. */
interface Ended {
  readonly status: readonly (string | undefined)[]
  readonly conditions: readonly string[]
  readonly containers: number
  readonly event: readonly (string | undefined)[]
  readonly annotations: Readonly<Record<string, string>>
}

const limits = { limits: { 'ephemeral-storage': '2Mi' } }
const fill = (file: string): string => `dd if=/dev/zero of=${file} bs=1M count=5; sleep 86400`
const other: ContainerSpec = shell('other', 'sleep 86400', { resources: { limits: { 'ephemeral-storage': '20Mi' } } })

/** Pods that have more of the disk than they may. */
const overLimit: readonly PodManifest[] = [
  podManifest(
    'volume',
    [shell('main', fill('/cache/file'), { volumeMounts: [{ name: 'cache', mountPath: '/cache' }] })],
    { volumes: [{ name: 'cache', emptyDir: { sizeLimit: '2Mi' } }] },
  ),
  podManifest('whole', [shell('main', fill('/file'), { resources: limits })]),
  podManifest('container', [shell('main', fill('/file'), { resources: limits }), other]),
]
/** A Pod that has to go for want of memory: not one that asks for nothing, which would not be let in. */
const starved: readonly PodManifest[] = [
  podManifest('starved', [shell('main', 'sleep 86400', { resources: { requests: { memory: '1Ki' } } })]),
]
/** Crossed from the start, and nothing that is kept back from Pods; the real kubelet knows by then what a container uses. */
const softFlags = [
  '--eviction-hard=',
  '--eviction-soft=memory.available<100Ti',
  '--eviction-soft-grace-period=memory.available=45s',
]

async function ended(kubectl: Kubectl, node: string, manifests: readonly PodManifest[]): Promise<Map<string, Ended>> {
  const place = { nodeName: node, tolerations: [{ operator: 'Exists' }] }
  const items = manifests.map((manifest) => ({ ...manifest, spec: { ...place, ...manifest.spec } }))
  await kubectl.feed('create', { apiVersion: 'v1', kind: 'List', items })
  const found = new Map<string, Ended>()
  for (const { metadata } of manifests) {
    const { name } = metadata
    using watch = kubectl.watch<Pod>(`/api/v1/namespaces/${node}/pods`, name)
    const pod = await patiently(() =>
      watch.changes.until(`Pod "${name}" failed`, (changes) =>
        changes.map(({ object }) => object).find(({ status }) => status?.phase === 'Failed'),
      ),
    )
    using events = kubectl.watch<KubeEvent>(`/api/v1/namespaces/${node}/events`)
    const event = await events.changes.until(`Pod "${name}" told to be evicted`, (changes) =>
      changes
        .map(({ object }) => object)
        .find(({ reason, involvedObject }) => reason === 'Evicted' && involvedObject.name === name),
    )
    found.set(name, seen(pod, event))
  }
  await kubectl.run('delete', 'pods', '--all', '--force', '--grace-period=0', '--wait=false')
  return found
}

/** The real kubelet looks at disks once a minute, if all goes well: two waits in vain are none. */
async function patiently<T>(wait: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      return await wait()
    } catch {
      // Not yet.
    }
  }
  return wait()
}

function seen({ status }: Pod, event: KubeEvent): Ended {
  const measured = (text: string | undefined): string | undefined =>
    text?.replaceAll(/(available: |was using )\d+(?:[KMGT]i)?/gu, '$1#')
  const { annotations = {} } = event.metadata
  return {
    status: [status?.phase, status?.reason, measured(status?.message)],
    conditions: (status?.conditions ?? []).map(({ type }) => type).toSorted(),
    containers: status?.containerStatuses?.length ?? 0,
    event: [event.type, measured(event.message)],
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, text]) => [
        name,
        name.endsWith('_usage') ? text.replaceAll(/\d+(?:[KMGT]i)?/gu, '#') : text,
      ]),
    ),
  }
}

async function endedByPeer(docker: SpareDocker, flags: readonly string[], pods: readonly PodManifest[]) {
  await using peer = await PeerKubelet.start(docker.host, ...flags)
  const kubectl = await Kubectl.connect(peer.name)
  await kubectl.makeNamespace()
  try {
    return await ended(kubectl, peer.name, pods)
  } finally {
    await kubectl.run('delete', 'namespace', peer.name, '--wait=false')
  }
}

async function endedByUs(docker: SpareDocker, flags: readonly string[], pods: readonly PodManifest[]) {
  await using node = await TestNode.start(`--docker-host=${docker.host}`, ...flags)
  return await ended(node.kubectl, node.name, pods)
}

describe('The same Pods, evicted by the real kubelet of 1.20 and by this one', () => {
  let theirs: ReadonlyMap<string, Ended> = new Map()
  let ours: ReadonlyMap<string, Ended> = new Map()

  before(async () => {
    await using docker = await SpareDocker.start('busybox:1.36')
    theirs = new Map([
      ...(await endedByPeer(docker, [], overLimit)),
      ...(await endedByPeer(docker, softFlags, starved)),
    ])
    ours = new Map([...(await endedByUs(docker, [], overLimit)), ...(await endedByUs(docker, softFlags, starved))])
  })

  for (const name of ['volume', 'whole', 'container']) {
    it(`have the same reason, message and event when they have too much of the disk: ${name}`, () => {
      const [their, our] = [theirs.get(name), ours.get(name)]
      assert.deepEqual([our?.status, our?.event, our?.annotations], [their?.status, their?.event, their?.annotations])
    })
  }

  it('have the same reason and annotations for want of memory; since 1.23 more is said of it', () => {
    const [their, our] = [theirs.get('starved'), ours.get('starved')]
    assert.deepEqual(our?.annotations, their?.annotations)
    const low = 'The node was low on resource: memory. '
    assert.deepEqual(their?.status, [
      'Failed',
      'Evicted',
      `${low}Container main was using #, which exceeds its request of 1Ki. `,
    ])
    assert.deepEqual(our?.status, [
      'Failed',
      'Evicted',
      `${low}Threshold quantity: 100Ti, available: #. Container main was using #, request is 1Ki, has larger consumption of memory. `,
    ])
  })

  it('keep their conditions and their containers since 1.22, and say since 1.26 that it was not their own doing', () => {
    for (const name of ['volume', 'whole', 'container', 'starved']) {
      const [their, our] = [theirs.get(name), ours.get(name)]
      assert.deepEqual([their?.conditions, their?.containers], [[], 0])
      assert.equal(our?.conditions.includes('DisruptionTarget'), name === 'starved')
      assert.equal(our.conditions.includes('Ready'), true)
      assert.equal(our.containers, name === 'container' ? 2 : 1)
    }
  })
})
