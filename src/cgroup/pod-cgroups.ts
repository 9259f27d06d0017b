import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import type { CgroupLimits } from '../translate/resources/cgroup-limits.ts'

/** The cgroups of Pods: what a Pod gets of the machine as a whole, besides what Docker gives each of its containers. */
export interface PodCgroups {
  /**
   * Makes the Pod's cgroup, or sets the limits of one that is there to what the Pod asks for now. Returns it as Docker takes
   * it for a parent; `undefined` where the agent makes none. Throws `internal` with the system's text.
   */
  ensure(pod: Pod): Promise<string | undefined>

  /** What the Pod's cgroup is set to; `undefined` where it has none that the agent has made. */
  limitsOf(pod: Pod): CgroupLimits | undefined

  /** Sets what Docker cannot be told of a container, right after its start. A container that has ended already is none to set. */
  tune(pod: Pod, container: ContainerSpec, id: ContainerId): void

  /** Removes the cgroup of a Pod that has no sandbox now, if no process is left in it. */
  release(uid: string): Promise<void>

  /**
   * Removes the cgroup of a Pod that is over, and first whatever process is left in it. Gone already is success. Throws
   * `internal` when it stays.
   */
  remove(uid: string, signal: AbortSignal): Promise<void>
}

/** For a node whose cgroups are not the agent's to make: Docker has all containers side by side. */
export const noPodCgroups: PodCgroups = {
  ensure: async () => undefined,
  limitsOf: () => undefined,
  tune: () => undefined,
  release: async () => undefined,
  remove: async () => undefined,
}
