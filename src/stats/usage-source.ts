import type { ContainerId } from '../model/ids.ts'
import type { InterfaceUsage } from '../model/usage.ts'
import type { Extent, SystemReading, UsageRow } from './reading.ts'
import type { RunningPod } from './running-pods.ts'

/** What a Pod and its containers have used. What has ended meanwhile is not among it. */
export interface PodUsage {
  /** Of the sandbox only where that is of use: for metrics, and for the sum of a Pod without a cgroup. */
  readonly rows: ReadonlyMap<ContainerId, UsageRow>
  /** Of the Pod's own cgroup; `undefined` where it has none. */
  readonly pod: UsageRow | undefined
  /** Of all of them, the sandbox's included; 0 where only resources are read. */
  readonly processes: number
  /** Of the Pod's network; `undefined` where that is not seen. */
  readonly interfaces: readonly InterfaceUsage[] | undefined
  /**
   * The folders of the writable layers of its containers, as far as they are on this host. May
   * be relative to Docker's own.
   */
  readonly layers: ReadonlyMap<ContainerId, string>
}

/** Where figures come from: the kernel of this host, or Docker. */
export interface UsageSource {
  /** The kernel keeps pressures of cgroups. */
  readonly hasPressure: boolean

  /** The whole machine; `undefined` where only its containers are known. */
  node(extent: Extent): UsageRow | undefined

  /** The agent, Docker, and all Pods together, whose own figures are given; as far as they are known. */
  system(extent: Extent, pods: readonly UsageRow[]): readonly SystemReading[]

  /** The network of the machine; `undefined` where it is not seen. */
  interfaces(): readonly InterfaceUsage[] | undefined

  /** Throws `aborted` only. */
  pod(pod: RunningPod, extent: Extent, signal: AbortSignal): Promise<PodUsage>

  /** Forgets the containers of all other Pods. */
  keep(pods: readonly RunningPod[]): void
}
