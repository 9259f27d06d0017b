/**
 * What is known of a node's use at one moment: what the summary and the metrics are made of.
 * Times are epoch milliseconds.
 */
import type { CgroupDetails, InterfaceUsage, ResourceUsage } from '../model/usage.ts'
import type { ObservedOwner } from '../model/observed.ts'

/**
 * How much is read: what `/metrics/resource` has, CPU and memory with their pressures, what a summary has, or everything.
 * Each file of a cgroup costs some ten microseconds, and there are three cgroups to a Pod.
 */
export type Extent = 'usage' | 'resources' | 'summary' | 'metrics'

/** Whether it is CPU and memory alone. */
export function isResourcesOnly(extent: Extent): boolean {
  return extent === 'usage' || extent === 'resources'
}

/** Of a cgroup, or of what stands in for one. */
export interface UsageRow {
  /** The path of the cgroup, as metrics name it; of a container on another host, its id. */
  readonly id: string
  readonly usage: ResourceUsage
  /** Billionths of a CPU. */
  readonly nanoCores: number
  readonly sinceMs: number
  /** `undefined` where only resources are read. */
  readonly details: CgroupDetails | undefined
  readonly processes: number
  /** For metrics only. */
  readonly files: OpenFiles | undefined
}

/** The open files of all processes in a container. */
export interface OpenFiles {
  readonly descriptors: number
  readonly sockets: number
  /** The soft limit of its first process; -1 for none. */
  readonly softLimit: number | undefined
}

/** What a folder holds, and when that was counted. */
export interface FolderReading {
  readonly atMs: number
  readonly bytes: number
  readonly inodes: number
}

/** A file system as statfs(2) has it, in bytes. */
export interface FileSystemReading {
  readonly atMs: number
  readonly capacity: number
  readonly available: number
  readonly used: number
  readonly inodes: number
  readonly inodesFree: number
}

export interface ContainerReading {
  /** Its name in the Pod; `POD` of a sandbox. */
  readonly name: string
  /** Its name in Docker. */
  readonly dockerName: string
  readonly image: string
  readonly startedAtMs: number
  readonly row: UsageRow
  readonly rootfs: FolderReading | undefined
  readonly log: FolderReading | undefined
}

export interface VolumeReading {
  readonly name: string
  /** The claim that it stands for. */
  readonly claimName: string | undefined
  /** It counts as ephemeral storage of the Pod (IsLocalEphemeralVolume in pkg/volume/util). */
  readonly isLocalEphemeral: boolean
  readonly fileSystem: FileSystemReading
  /** What is in it. */
  readonly content: FolderReading
}

export interface PodReading {
  readonly owner: ObservedOwner
  /** By its status; `undefined` while that is not known. */
  readonly startedAtMs: number | undefined
  /** When its sandbox was started; `undefined` when it has none. */
  readonly sandboxStartedAtMs: number | undefined
  /** For metrics only. */
  readonly sandbox: ContainerReading | undefined
  /** Those that run, each once, by their names. */
  readonly containers: readonly ContainerReading[]
  /** Of the Pod's cgroup, or where it has none of its containers together. */
  readonly row: UsageRow | undefined
  /** It has a cgroup of its own. */
  readonly hasCgroup: boolean
  /** Of all its containers and its sandbox; 0 where only resources are read. */
  readonly processes: number
  readonly interfaces: readonly InterfaceUsage[] | undefined
  readonly volumes: readonly VolumeReading[]
  /** Its file of hosts. */
  readonly hostsFile: FolderReading | undefined
}

export type SystemContainerName = 'kubelet' | 'runtime' | 'pods' | 'misc'

export interface SystemReading {
  readonly name: SystemContainerName
  readonly row: UsageRow
}

export interface NodeReading {
  readonly atMs: number
  readonly nodeName: string
  readonly bootedAtMs: number
  /** `undefined` where nothing of the node is known, not even of its containers. */
  readonly row: UsageRow | undefined
  readonly system: readonly SystemReading[]
  readonly pods: readonly PodReading[]
  readonly disks: NodeDisks | undefined
  readonly interfaces: readonly InterfaceUsage[] | undefined
  readonly threads:
    | { readonly atMs: number; readonly max: number | undefined; readonly count: number | undefined }
    | undefined
}

export interface NodeDisks {
  /** Of the agent's root directory, and of Docker's. */
  readonly node: FileSystemReading | undefined
  readonly images: FileSystemReading | undefined
  /** What all images take up. */
  readonly imageBytes: number | undefined
}
