/** Who is there, and who is not: Pods, and what the node has of them. Pure. */
import type { Pod } from '../../../src/model/kube.ts'
import { isMirror, labelOf, nameOf, uidOnNode, type Snapshot } from './snapshot.ts'

/** Every Pod that is wanted is in the API server, none is that is not, and what was deleted is gone. */
export function wantedPodsAreThere(snapshot: Snapshot): readonly string[] {
  const { pods, wanted, node } = snapshot
  const names = new Set(pods.map(({ metadata }) => metadata.name))
  const expected = [...wanted.pods, ...wanted.manifests.map((name) => `${name}-${node}`)]
  const missing = expected.filter((name) => !names.has(name)).map((name) => `Pod ${name} is wanted and not there`)
  const leaving = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
  const unwanted = pods.filter((pod) => !leaving.includes(pod) && !isWanted(snapshot, pod))
  return [
    ...missing,
    ...leaving.map((pod) => `${nameOf(pod)} was deleted and is still there`),
    ...unwanted.map((pod) => `${nameOf(pod)} is there and not wanted`),
    ...deploymentFaults(snapshot),
  ]
}

/** Every container and sandbox is a Pod's that is there. */
export function nothingRunsWithoutItsPod({ pods, containers }: Snapshot): readonly string[] {
  const known = new Set(pods.map(uidOnNode))
  return containers
    .filter((container) => !known.has(labelOf(container, 'podUid')))
    .map(({ name }) => `container ${name} is there without its Pod`)
}

/** Every folder, mount, cgroup and link of logs is a Pod's that is there. */
export function nothingLiesWithoutItsPod(snapshot: Snapshot): readonly string[] {
  const { pods, mounts, podFolders, logFolders, logLinks, cgroups } = snapshot
  const uids = new Set(pods.map(uidOnNode))
  const logNames = new Set(pods.map(logName))
  const isOfPod = (path: string): boolean => [...uids].some((uid) => path.includes(`/pods/${uid}/`))
  const ids = new Set(snapshot.containers.map(({ id }) => id))
  const isOfContainer = (link: string): boolean => [...ids].some((id) => link.endsWith(`-${id}.log`))
  return [
    ...mounts.filter((path) => !isOfPod(path)).map((path) => `${path} is mounted without its Pod`),
    ...podFolders.filter((uid) => !uids.has(uid)).map((uid) => `the folder of Pod ${uid} is left`),
    ...logFolders.filter((name) => !logNames.has(name)).map((name) => `the folder of logs ${name} is left`),
    ...logLinks.filter((link) => !isOfContainer(link)).map((link) => `the link ${link} leads to no container`),
    ...cgroups.filter((uid) => !uids.has(uid)).map((uid) => `the cgroup of Pod ${uid} is left`),
  ]
}

function isWanted({ wanted, node }: Snapshot, pod: Pod): boolean {
  const { name, labels } = pod.metadata
  if (isMirror(pod)) return wanted.manifests.includes(name.slice(0, -node.length - 1))
  return wanted.pods.includes(name) || wanted.deployments[labels?.['app'] ?? ''] !== undefined
}

/** As many Pods as were asked for, all of the version that was asked for. */
function deploymentFaults({ wanted, pods }: Snapshot): readonly string[] {
  return Object.entries(wanted.deployments).flatMap(([name, { replicas, version }]) => {
    const mine = pods.filter(({ metadata }) => metadata.labels?.['app'] === name)
    const current = mine.filter(({ metadata }) => metadata.labels?.['version'] === String(version))
    if (current.length === replicas && mine.length === replicas) return []
    return [
      `Deployment ${name} has ${mine.length} Pods, ${current.length} of version ${version}, and should have ${replicas}`,
    ]
  })
}

function logName(pod: Pod): string {
  return `${pod.metadata.namespace}_${pod.metadata.name}_${uidOnNode(pod)}`
}
