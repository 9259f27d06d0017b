import type { QosClass } from '../qos-class.ts'

/** A cgroup by the names on the way to it, as `['kubepods', 'burstable', 'pod1234']`. */
export type CgroupName = readonly string[]

/** Docker's cgroup driver: who makes the cgroups of containers, and how they are called. */
export type CgroupDriver = 'cgroupfs' | 'systemd'

export interface CgroupLayout {
  readonly driver: CgroupDriver
  /** The cgroup of all Pods: `--cgroup-root` and `kubepods` below it. */
  readonly root: CgroupName
}

/** The layout of a node with this `--cgroup-root`, a path. */
export function cgroupLayout(driver: CgroupDriver, cgroupRoot: string): CgroupLayout {
  return { driver, root: [...cgroupRoot.split('/').filter((part) => part !== ''), 'kubepods'] }
}

/** The cgroup of the Pods of a class; those that are Guaranteed stand right below the root. */
export function tierCgroup({ root }: CgroupLayout, qos: QosClass): CgroupName {
  return qos === 'Guaranteed' ? root : [...root, qos.toLowerCase()]
}

/** The cgroup of a Pod, by its UID. */
export function podCgroup(layout: CgroupLayout, qos: QosClass, uid: string): CgroupName {
  return [...tierCgroup(layout, qos), `pod${uid}`]
}

/**
 * Where a cgroup lies below the root of a hierarchy, with a slash before it. systemd's slices carry the names of those
 * that they stand in (ToSystemd in pkg/kubelet/cm/cgroup_manager_linux.go).
 */
export function cgroupPath({ driver }: Pick<CgroupLayout, 'driver'>, name: CgroupName): string {
  if (driver === 'cgroupfs') return `/${name.join('/')}`
  return `/${name.map((_, index) => sliceName(name.slice(0, index + 1))).join('/')}`
}

/** systemd's unit for a cgroup. A dash of a name's own would be one more level. */
export function sliceName(name: CgroupName): string {
  return name.length === 0 ? '-.slice' : `${name.map((part) => part.replaceAll('-', '_')).join('-')}.slice`
}

/** A cgroup as Docker takes it for the parent of a container's: a path, or the bare name of the slice. */
export function cgroupParent(layout: CgroupLayout, name: CgroupName): string {
  return layout.driver === 'systemd' ? sliceName(name) : cgroupPath(layout, name)
}

/** The cgroup that Docker makes for a container below this one. */
export function containerCgroupPath(layout: CgroupLayout, name: CgroupName, containerId: string): string {
  const own = layout.driver === 'systemd' ? `docker-${containerId}.scope` : containerId
  return `${cgroupPath(layout, name)}/${own}`
}

/** A cgroup as an operator writes it: a path, or with systemd the (path of the) slice. */
export function parseCgroup({ driver }: Pick<CgroupLayout, 'driver'>, text: string): CgroupName {
  const parts = text.split('/').filter((part) => part !== '')
  if (driver === 'cgroupfs') return parts
  const slice = (parts.at(-1) ?? '').replace(/\.slice$/u, '')
  return slice.split('-').map((part) => part.replaceAll('_', '-'))
}
