import { setTimeout as delay } from 'node:timers/promises'
import { KubeletError } from '../model/errors.ts'
import type { PodBounds } from '../model/allocation.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import { qosClass, type QosClass } from '../translate/qos-class.ts'
import { burstableShares } from '../translate/resources/burstable-shares.ts'
import { cgroupFiles } from '../translate/resources/cgroup-files.ts'
import {
  containerHugePages,
  podCgroupLimits,
  unboundedHugePages,
  type CgroupLimits,
  type PodCgroupFacts,
} from '../translate/resources/cgroup-limits.ts'
import {
  cgroupParent,
  cgroupPath,
  containerCgroupPath,
  parseCgroup,
  podCgroup,
  tierCgroup,
  type CgroupLayout,
  type CgroupName,
} from '../translate/resources/cgroup-names.ts'
import { cpuShares } from '../translate/resources/cpu-time.ts'
import { podRequests } from '../translate/resources/pod-amounts.ts'
import type { CgroupFolders } from './cgroup-folders.ts'
import type { PodCgroups } from './pod-cgroups.ts'
import { asAsked, readLimits, readShares } from './read-limits.ts'
import type { SystemdSlices } from './systemd-slices.ts'

export interface KernelCgroupsOptions {
  readonly layout: CgroupLayout
  readonly facts: PodCgroupFacts
  readonly folders: CgroupFolders
  /** Where systemd is the driver. */
  readonly slices: SystemdSlices | undefined
  /** One process of a container that runs out of memory goes alone, rather than with all others (`singleProcessOOMKill`). */
  readonly killsSingly: boolean
}

interface Known {
  readonly qos: QosClass
  readonly milliCpu: bigint
  /** What its cgroup is set to. */
  readonly limits: CgroupLimits
  /** By this agent, all of it. */
  readonly isSet: boolean
}

const classes = ['Guaranteed', 'Burstable', 'BestEffort'] as const satisfies readonly QosClass[]

/** How long, in milliseconds, a cgroup is waited for whose processes have just been killed. */
const removalDelaysMs = [5, 10, 20, 50, 100, 200, 500] as const

/**
 * The cgroups of this agent's Pods in the kernel, as the kubelet lays them out (pkg/kubelet/cm). Another agent may have its
 * Pods below the same root: nobody touches a Pod's cgroup but the Pod's own agent, and what is
 * common is written alike by all.
 */
export class KernelCgroups implements PodCgroups {
  readonly #options: KernelCgroupsOptions
  readonly #pods = new Map<string, Known>()
  #root: CgroupLimits = {}
  /** What the class of the Burstable was last set to. */
  #tierShares: number | undefined

  constructor(options: KernelCgroupsOptions) {
    this.#options = options
  }

  /** Makes the cgroups of all Pods and of the two classes. Throws `internal` where none can be made. */
  async makeTiers(): Promise<void> {
    await this.#set(this.root, this.#root)
    await this.#setTiers()
  }

  /**
   * Puts right what of the two classes others may have changed: other agents' Pods come and go
   * unheard of. Throws `internal`.
   */
  async refresh(): Promise<void> {
    await this.#keepTiers()
    await this.#setTiers()
  }

  async #setTiers(): Promise<void> {
    const { layout, facts } = this.#options
    const hugePages = unboundedHugePages(facts.pageSizes)
    await this.#set(tierCgroup(layout, 'BestEffort'), { cpuShares: cpuShares(0n), hugePages })
    await this.#setBurstable({ cpuShares: this.#burstableShares(), hugePages })
  }

  /** Sets what all Pods may have together. Throws `internal`, as long as they have more memory than that. */
  async bound(root: CgroupLimits): Promise<void> {
    await this.#set(this.#options.layout.root, root)
    this.#root = root
  }

  /** The names of the cgroup of all Pods. */
  get root(): CgroupName {
    return this.#options.layout.root
  }

  /** Sets limits of a cgroup that somebody else has made. Throws `not-found` where there is none, `internal`. */
  async boundExisting(given: string, limits: CgroupLimits): Promise<void> {
    const { layout, folders } = this.#options
    const name = parseCgroup(layout, given)
    if (!folders.has(cgroupPath(layout, name))) throw new KubeletError('not-found', `cgroup "${given}" does not exist`)
    await this.#set(name, limits)
  }

  async ensure(pod: Pod): Promise<string> {
    const { layout, facts, folders } = this.#options
    const { uid } = pod.metadata
    const qos = qosClass(pod)
    const name = podCgroup(layout, qos, uid)
    if (!this.#isWhole(uid, cgroupPath(layout, name))) {
      await this.#keepTiers()
      const limits = podCgroupLimits(pod, facts)
      await this.#set(name, limits).catch((error: unknown) => {
        folders.remove(cgroupPath(layout, name))
        throw error
      })
      await this.#know(pod, limits)
    }
    return cgroupParent(layout, name)
  }

  /** One that an agent was making when it was killed may be set by half: nothing is in it then. */
  #isWhole(uid: string, path: string): boolean {
    const { folders } = this.#options
    return folders.has(path) && (this.#pods.get(uid)?.isSet === true || folders.children(path).length > 0)
  }

  limitsOf(pod: Pod): CgroupLimits | undefined {
    const { uid } = pod.metadata
    const known = this.#pods.get(uid)
    if (known !== undefined) return known.limits
    const { layout, folders, facts } = this.#options
    const qos = qosClass(pod)
    const read = readLimits(folders, cgroupPath(layout, podCgroup(layout, qos, uid)))
    if (read === undefined) return undefined
    const limits = asAsked(podCgroupLimits(pod, facts), read, folders.hierarchies.version)
    this.#pods.set(uid, { qos, milliCpu: podRequests(pod).get('cpu') ?? 0n, limits, isSet: false })
    return limits
  }

  async resize(pod: Pod, { cpuShares: shares, cpuQuota: quotaUs, memoryBytes }: Partial<PodBounds>): Promise<void> {
    const { layout, facts } = this.#options
    const limits: CgroupLimits = {
      ...(shares === undefined ? {} : { cpuShares: shares }),
      ...(quotaUs === undefined || facts.cpuPeriodUs === undefined
        ? {}
        : { cpuQuota: { quotaUs, periodUs: facts.cpuPeriodUs } }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    }
    const before = this.limitsOf(pod)
    await this.#set(podCgroup(layout, qosClass(pod), pod.metadata.uid), limits)
    await this.#know(pod, { ...before, ...limits })
  }

  tune(pod: Pod, container: ContainerSpec, id: ContainerId): void {
    const { layout, facts, folders, killsSingly } = this.#options
    const { version } = folders.hierarchies
    const hugePages = containerHugePages(pod, container, facts.pageSizes)
    const files = [
      ...(hugePages === undefined ? [] : cgroupFiles({ hugePages }, version)),
      ...(version === '2' && !killsSingly
        ? [{ controller: 'memory', name: 'memory.oom.group', value: '1', optional: true } as const]
        : []),
    ]
    if (files.length === 0) return
    const name = podCgroup(layout, qosClass(pod), pod.metadata.uid)
    folders.write(containerCgroupPath(layout, name, id), files)
  }

  async release(uid: string): Promise<void> {
    await this.#remove(uid)
  }

  async remove(uid: string, signal: AbortSignal): Promise<void> {
    for (const delayMs of removalDelaysMs) {
      if (await this.#remove(uid)) return
      for (const path of this.#paths(uid)) this.#kill(path)
      await delay(delayMs, undefined, { signal }).catch((error: unknown) => {
        throw KubeletError.from(error)
      })
    }
    const left = this.#paths(uid).filter((path) => this.#options.folders.remains(path))
    throw new KubeletError('internal', `failed to delete cgroup paths for ${left.join(', ')}: device or resource busy`)
  }

  /** The CPU shares of all Burstable Pods follow what those ask for. */
  async #updateBurstable(): Promise<void> {
    await this.#keepTiers()
    const cpuShares = this.#burstableShares()
    // A write that changes nothing would be a process of its own where systemd is asked.
    if (cpuShares !== this.#tierShares) await this.#setBurstable({ cpuShares })
  }

  async #setBurstable(limits: CgroupLimits): Promise<void> {
    await this.#set(tierCgroup(this.#options.layout, 'Burstable'), limits)
    this.#tierShares = limits.cpuShares
  }

  /** Takes away what nobody has a Pod in any more, for a node that is thrown away. */
  async removeEmpty(): Promise<void> {
    const { layout, folders, slices } = this.#options
    for (const name of [tierCgroup(layout, 'Burstable'), tierCgroup(layout, 'BestEffort'), layout.root]) {
      if (folders.removeEmpty(cgroupPath(layout, name))) await slices?.remove(name)
    }
  }

  /** Somebody may have tidied up: another agent that has gone with its node, say. */
  async #keepTiers(): Promise<void> {
    const { layout, folders } = this.#options
    const names = classes.map((qos) => tierCgroup(layout, qos))
    if (!names.every((name) => folders.has(cgroupPath(layout, name)))) await this.makeTiers()
  }

  /** Its class has as much as its Pods ask for. */
  async #know(pod: Pod, limits: CgroupLimits): Promise<void> {
    const qos = qosClass(pod)
    this.#pods.set(pod.metadata.uid, { qos, milliCpu: podRequests(pod).get('cpu') ?? 0n, limits, isSet: true })
    if (qos === 'Burstable') await this.#updateBurstable()
  }

  async #set(name: CgroupName, limits: CgroupLimits): Promise<void> {
    const { layout, folders, slices } = this.#options
    const path = cgroupPath(layout, name)
    try {
      await slices?.set(name, limits)
      folders.make(path)
      folders.write(path, cgroupFiles(limits, folders.hierarchies.version))
    } catch (error) {
      const { message } = KubeletError.from(error)
      throw new KubeletError('internal', `failed to create container for [${name.join(' ')}] : ${message}`, {
        cause: error,
      })
    }
  }

  /** Whether it is gone from everywhere. */
  async #remove(uid: string): Promise<boolean> {
    const { layout, folders, slices } = this.#options
    const known = this.#pods.get(uid)
    const mayBe = known === undefined ? classes : [known.qos]
    const there = mayBe.filter((qos) => folders.remains(cgroupPath(layout, podCgroup(layout, qos, uid))))
    for (const qos of there) {
      const name = podCgroup(layout, qos, uid)
      if (!folders.remove(cgroupPath(layout, name))) return false
      await slices?.remove(name)
    }
    this.#pods.delete(uid)
    if (known?.qos === 'Burstable' || there.includes('Burstable')) await this.#updateBurstable()
    return true
  }

  #paths(uid: string): readonly string[] {
    const { layout } = this.#options
    return classes.map((qos) => cgroupPath(layout, podCgroup(layout, qos, uid)))
  }

  #kill(path: string): void {
    for (const pid of this.#options.folders.processes(path)) {
      // What a process of another PID namespace is called here nobody knows.
      if (pid > 1) kill(pid)
    }
  }

  #burstableShares(): number {
    const { layout, folders } = this.#options
    const tier = cgroupPath(layout, tierCgroup(layout, 'Burstable'))
    const own = new Map([...this.#pods].filter(([, { qos }]) => qos === 'Burstable'))
    const ownPaths = new Set([...own.keys()].map((uid) => cgroupPath(layout, podCgroup(layout, 'Burstable', uid))))
    const others = folders
      .children(tier)
      .map((child) => `${tier}/${child}`)
      .filter((path) => !ownPaths.has(path))
    const milliCpu = [...own.values()].reduce((sum, pod) => sum + pod.milliCpu, 0n)
    return burstableShares(
      milliCpu,
      others.map((path) => readShares(folders, path) ?? 0),
    )
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
