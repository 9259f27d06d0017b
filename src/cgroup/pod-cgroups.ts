import type { PodBounds } from '../model/allocation.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import type { CgroupLimits } from '../translate/resources/cgroup-limits.ts'

/** The cgroups of Pods: what a Pod gets of the machine as a whole, besides what Docker gives each of its containers. */
export interface PodCgroups {
  /**
   * Makes the Pod's cgroup; one that is there stays as it is. Returns it as Docker takes it for a parent; `undefined` where
   * the agent makes none. Throws `internal` with the system's text.
   */
  ensure(pod: Pod): Promise<string | undefined>

  /** What the Pod's cgroup is set to; `undefined` where it has none that the agent has made. */
  limitsOf(pod: Pod): CgroupLimits | undefined

  /**
   * Sets some of what the cgroup of a Pod is bound by, of one that is resized: the order in which they and its containers
   * change matters. Throws `internal` with the system's text; the others stay as they are.
   */
  resize(pod: Pod, bounds: Partial<PodBounds>): Promise<void>

  /**
   * Sets what Docker cannot be told of a container, right after its start. A container that has
   * ended already is none to set.
   */
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
  resize: async () => undefined,
  tune: () => undefined,
  release: async () => undefined,
  remove: async () => undefined,
}
