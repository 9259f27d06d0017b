import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeEvent, Pod } from '../../../src/model/kube.ts'
import type { Feed } from '../../support/feed.ts'
import type { Change, Kubectl } from '../../support/kubectl.ts'
import type { SpareDocker } from '../../support/spare-docker.ts'
import { dockerId, type PodManifest } from '../../support/test-pod.ts'
import type { HostFolder } from './host-folder.ts'
import { lookIntoVolumes } from './inside-volumes.ts'
import type { Settings } from './inspected.ts'
import { deviceName } from './mount-table.ts'
import { layoutOf } from './pod-folder.ts'
import { renamed } from './renamed.ts'
import { faultyObjects, faultyPods } from './volume-faults.ts'
import { changedObjects, persistentVolumes, volumeNames, volumeObjects } from './volume-objects.ts'
import { volumePods } from './volume-pods.ts'

/** A node that Pods with volumes are made on, with a namespace of its name. */
export interface VolumeNode {
  readonly name: string
  readonly rootDir: string
  readonly docker: SpareDocker
  readonly kubectl: Kubectl
  readonly host: HostFolder
}

/**
 * What was found: by `<pod> disk` and `<pod> <container>` what lies at which path, `changed <pod> disk` after ConfigMap and
 * Secret have changed, by `<pod> told` what a user is told of one that waits, by `left` what is there when all are gone.
 */
export type MadeVolumes = ReadonlyMap<string, Settings>
type Found = readonly (readonly [string, Settings])[]

const deadlineMs = 100_000

/** Makes the Pods, looks at them, changes what they refer to, looks again, deletes them, and looks at what is left. */
export async function makeVolumes(node: VolumeNode): Promise<MadeVolumes> {
  const { name, kubectl, host } = node
  // A claim that finds its volume is bound at once, one that comes too early within half a minute.
  await kubectl.feed('create', listOf(persistentVolumes(name, host.path)))
  await kubectl.feed('create', listOf([...volumeObjects(name), ...faultyObjects]))
  await untilBound(kubectl, volumeNames(name).length)
  const place = { nodeName: name, tolerations: [{ operator: 'Exists' }] }
  const [good, faulty] = [volumePods(host.path), faultyPods(host.path)]
  using events = kubectl.watch<KubeEvent>(`/api/v1/namespaces/${name}/events`)
  const bound = [...good, ...faulty].map((manifest) => ({ ...manifest, spec: { ...place, ...manifest.spec } }))
  await kubectl.feed('create', listOf(bound))
  const names = good.map(({ metadata }) => metadata.name)
  await kubectl.run('wait', '--for=condition=Ready', ...names.map((each) => `pod/${each}`), '--timeout=100s')
  using changes = kubectl.watch<Pod>(`/api/v1/namespaces/${name}/pods`)
  const told = await Promise.all(faulty.map((manifest) => tell(node, manifest, events.changes, changes.changes)))
  const { items: pods } = await kubectl.get<{ readonly items: readonly Pod[] }>('pods')
  const running = pods.filter(({ metadata }) => names.includes(metadata.name))
  const rootDevice = deviceName((await stat(node.rootDir)).dev)
  const found: Found[] = [
    ...(await Promise.all(running.map((pod) => lookAt(node, pod, rootDevice)))),
    ...told,
    ...(await change(node, running, rootDevice)),
  ]
  await kubectl.run('delete', 'pods', '--all', '--grace-period=1')
  return new Map([...found.flat(), ['left', await leftBy(node, rootDevice)]])
}

function listOf(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items }
}

/** Waits until so many claims have their volumes. */
async function untilBound(kubectl: Kubectl, count: number): Promise<void> {
  interface Claim {
    readonly metadata: { readonly name: string }
    readonly status?: { readonly phase?: string }
  }
  using claims = kubectl.watch<Claim>(`/api/v1/namespaces/${kubectl.namespace}/persistentvolumeclaims`)
  await claims.changes.until(`${count} claims that are bound`, (changes) => {
    const bound = changes.flatMap(({ object }) => (object.status?.phase === 'Bound' ? object.metadata.name : []))
    return new Set(bound).size === count ? bound : undefined
  })
}

function folderOf({ rootDir }: VolumeNode, { metadata }: Pod): string {
  return join(rootDir, 'pods', metadata.uid)
}

async function lookAt(node: VolumeNode, pod: Pod, rootDevice: string): Promise<Found> {
  const { name, uid } = pod.metadata
  const layout = await layoutOf(folderOf(node, pod), rootDevice)
  const inside = pod.spec.containers.map(async (container): Promise<Found[number]> => {
    const found = await lookIntoVolumes(node.docker, dockerId(pod, container.name), container, rootDevice)
    return [`${name} ${container.name}`, renamed(found, node, uid)]
  })
  return [[`${name} disk`, renamed(layout, node, uid)], ...(await Promise.all(inside))]
}

/** What its user is told of a Pod that waits: by its first failure, and by its status then. */
async function tell(
  node: VolumeNode,
  { metadata: { name } }: PodManifest,
  events: Feed<Change<KubeEvent>>,
  pods: Feed<Change<Pod>>,
): Promise<Found> {
  const warning = await events.first(
    `a failure of Pod "${name}"`,
    ({ object }) => object.involvedObject.name === name && object.reason?.startsWith('Failed') === true,
  )
  const { reason, message } = warning.object
  const waitsFor = reason === 'FailedMount' ? 'ContainerCreating' : 'CreateContainerConfigError'
  const waiting = ({ status }: Pod) => status?.containerStatuses?.[0]?.state?.waiting
  const { object: pod } = await pods.first(
    `Pod "${name}" in ${waitsFor}`,
    ({ object }) => object.metadata.name === name && waiting(object)?.reason === waitsFor,
  )
  const { phase, conditions = [], podIP = '-' } = pod.status ?? {}
  const settings = new Map([
    ['event', `${reason}: ${message}`],
    ['phase', phase ?? '-'],
    ['ip', podIP.replaceAll(/\d+/gu, '<n>')],
    ['waiting', `${waitsFor}: ${waiting(pod)?.message ?? ''}`],
    ...conditions.map((each) => [`condition ${each.type}`, `${each.status} ${each.reason ?? ''}`.trim()] as const),
  ])
  return [[`${name} told`, renamed(settings, node, pod.metadata.uid)]]
}

/** Changes what the Pods refer to, waits until each has it, and looks again. */
async function change(node: VolumeNode, pods: readonly Pod[], rootDevice: string): Promise<readonly Found[]> {
  await node.kubectl.feed('replace', listOf(changedObjects))
  // An old kubelet looks again only once a minute, unless the Pod changes.
  await node.kubectl.run('annotate', 'pods', '--all', 'changed=yes')
  const concerned = pods.filter(({ metadata }) => changing.has(metadata.name))
  return Promise.all(
    concerned.map(async (pod): Promise<Found> => {
      const layout = await untilFound(`Pod "${pod.metadata.name}" has what has changed`, async () => {
        const seen = await layoutOf(folderOf(node, pod), rootDevice)
        return hasSettled(seen) ? seen : undefined
      })
      return [[`changed ${pod.metadata.name} disk`, renamed(layout, node, pod.metadata.uid)]]
    }),
  )
}

/** The Pods that refer to what changes, as it is and with a group, on disk, in memory, and by a part of the volume. */
const changing: ReadonlySet<string> = new Set([
  'config-maps',
  'config-maps-grouped',
  'secrets',
  'projected',
  'sub-paths',
])

/** No volume says what it said before, nor is there anything left of that. */
function hasSettled(layout: Settings): boolean {
  const inVolumes = [...layout].filter(([path]) => path.startsWith('volumes/'))
  const versions = inVolumes.flatMap(([path]) => /^(.*)\/\.\.\d[^/]*$/u.exec(path)?.[1] ?? [])
  return versions.length === new Set(versions).size && inVolumes.every(([, what]) => !/"(?:red|sesame)"$/u.test(what))
}

/** What is below the node's folder of Pods, and in the folder of the host, when the Pods' own have gone. */
async function leftBy(node: VolumeNode, rootDevice: string): Promise<Settings> {
  const pods = join(node.rootDir, 'pods')
  await untilFound('no Pod has a folder', async () => ((await readdir(pods)).length === 0 ? pods : undefined))
  const [below, host] = await Promise.all([pods, node.host.path].map((folder) => layoutOf(folder, rootDevice)))
  const ofHost = [...(host ?? [])].map(([path, what]) => [`host ${path}`, what] as const)
  return renamed(new Map([...(below ?? []), ...ofHost]), node)
}

/** Asks until there is an answer. What goes while it is looked at is asked about again. */
async function untilFound<R>(what: string, look: () => Promise<R | undefined>): Promise<R> {
  for (const end = Date.now() + deadlineMs; ; await delay(50)) {
    const found = await look().catch(() => undefined)
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`In vain waited until ${what}`)
  }
}
