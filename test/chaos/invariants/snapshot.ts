/** A node as it is seen from outside, all at one time: what invariants judge. Pure. */
import type { Pod } from '../../../src/model/kube.ts'
import { labels } from '../../../src/model/labels.ts'
import type { Wanted } from '../workload/steps.ts'

/** What Docker tells of a container, as far as it is judged. */
export interface SeenContainer {
  readonly id: string
  /** As Docker has it, without the slash. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly running: boolean
  readonly exitCode: number
  /** RFC 3339, with Docker's nanoseconds. */
  readonly startedAt: string
  readonly finishedAt: string
  /** In the network of the Pods, empty elsewhere. */
  readonly ip: string
}

/** Docker has started a container. */
export interface Start {
  readonly id: string
  readonly uid: string
  readonly pod: string
  readonly container: string
}

export interface AgentSize {
  readonly pid: number
  readonly rssMb: number
  readonly openFiles: number
}

export interface Snapshot {
  readonly atMs: number
  /** Name of the node and of the namespace. */
  readonly node: string
  readonly wanted: Wanted
  /** Of the API server, the mirrors of static Pods among them. */
  readonly pods: readonly Pod[]
  readonly nodeReady: boolean
  /** Epoch milliseconds; 0 where the node has no lease. */
  readonly leaseRenewedAtMs: number
  /** All of this node's in Docker. */
  readonly containers: readonly SeenContainer[]
  /** Mount points below the agent's folders. */
  readonly mounts: readonly string[]
  /** Names of the folders of Pods: below the root directory, and those of their logs. */
  readonly podFolders: readonly string[]
  readonly logFolders: readonly string[]
  /** Names of the links to logs of containers. */
  readonly logLinks: readonly string[]
  /** UIDs of Pods that have a cgroup. */
  readonly cgroups: readonly string[]
  /** Of the round, in order. */
  readonly starts: readonly Start[]
  /** How often those have run that count it themselves, by the names of their Pods. */
  readonly runs: Readonly<Record<string, number>>
  /** `undefined` while no agent runs. */
  readonly agent: AgentSize | undefined
}

const mirrorAnnotation = 'kubernetes.io/config.mirror'
const hashAnnotation = 'kubernetes.io/config.hash'

/** Shows a static Pod in the API server. */
export function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.[mirrorAnnotation] !== undefined
}

/** What Docker, folders and cgroups have the Pod under: of a mirror, that of the Pod which it shows. */
export function uidOnNode(pod: Pod): string {
  return (isMirror(pod) ? pod.metadata.annotations?.[hashAnnotation] : undefined) ?? pod.metadata.uid
}

export function labelOf(container: SeenContainer, label: keyof typeof labels): string {
  return container.labels[labels[label]] ?? ''
}

/** What Docker has of one Pod. */
export function containersOf({ containers }: Snapshot, pod: Pod): readonly SeenContainer[] {
  const uid = uidOnNode(pod)
  return containers.filter((container) => labelOf(container, 'podUid') === uid)
}

/** Which Pod a name is, for messages. */
export function nameOf(pod: Pod): string {
  return `Pod ${pod.metadata.name} (${uidOnNode(pod)})`
}
