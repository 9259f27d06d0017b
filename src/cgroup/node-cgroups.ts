import { setTimeout as delay } from 'node:timers/promises'
import type { CgroupConfig } from '../config/config.ts'
import { KubeletError } from '../model/errors.ts'
import { listedLimits } from '../translate/resources/cgroup-limits.ts'
import type { Logger } from '../util/log.ts'
import type { KernelCgroups } from './kernel-cgroups.ts'
import { openCgroups, type OpenCgroupsOptions } from './open-cgroups.ts'
import { noPodCgroups, type PodCgroups } from './pod-cgroups.ts'

type Quantities = Readonly<Record<string, string>>

export interface NodeCgroupsOptions extends OpenCgroupsOptions {
  /** What all Pods may have together. */
  readonly podsBounds: Quantities
  readonly systemReserved: Quantities
  readonly kubeReserved: Quantities
  /** Told of an event of the node. */
  readonly tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void
  readonly log: Pick<Logger, 'warn'>
}

/** How often what other agents do is looked at, and what could not be set is tried again: the kubelet's minute. */
const periodMs = 60_000

/**
 * The cgroups of the node: that of all Pods, those of the classes, and those for which a
 * part of the machine is reserved.
 */
export class NodeCgroups {
  /** For the Pods. */
  readonly pods: PodCgroups
  readonly #options: NodeCgroupsOptions
  readonly #kernel: KernelCgroups | undefined
  /** What is still to be enforced. */
  readonly #due: Enforced[]

  private constructor(options: NodeCgroupsOptions, kernel: KernelCgroups | undefined) {
    this.#options = options
    this.#kernel = kernel
    this.pods = kernel ?? noPodCgroups
    this.#due = kernel === undefined ? [] : enforcedOf(options, kernel)
  }

  /** Opens them and enforces what can be enforced at once. Says once why there are none, where there can be none. */
  static async open(options: NodeCgroupsOptions): Promise<NodeCgroups> {
    const { config, docker, log } = options
    const opened = await openCgroups(options)
    if (opened.kind === 'none' && opened.why !== '') {
      log.warn(`Pods get no cgroups of their own, limits hold for each of their containers only: ${opened.why}`)
    }
    if (config.driver !== undefined && config.driver !== docker.cgroupDriver) {
      log.warn(`Docker's cgroup driver is used`, { driver: docker.cgroupDriver, configured: config.driver })
    }
    const cgroups = new NodeCgroups(options, opened.kind === 'open' ? opened.cgroups : undefined)
    await cgroups.#enforce()
    return cgroups
  }

  /** Keeps them right until `signal` fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.#options
    if (this.#kernel === undefined) return
    while (await lasts(periodMs, signal)) {
      await this.#enforce()
      await this.#kernel
        .refresh()
        .catch((error: unknown) => log.warn('The cgroups that all Pods have in common could not be set', { error }))
    }
  }

  /** Takes away what is empty, when the node is not to be used any more. */
  async removeEmpty(): Promise<void> {
    await this.#kernel?.removeEmpty()
  }

  async #enforce(): Promise<void> {
    const { tell, log } = this.#options
    for (const due of this.#due.splice(0)) {
      try {
        await due.set()
        tell('Normal', 'NodeAllocatableEnforced', due.success)
      } catch (error) {
        const message = `${due.failure}: ${KubeletError.from(error).message}`
        log.warn(message)
        tell('Warning', 'FailedNodeAllocatableEnforcement', message)
        this.#due.push(due)
      }
    }
  }
}

/** One cgroup and its limits, with the kubelet's words for how that went. */
interface Enforced {
  readonly set: () => Promise<void>
  readonly success: string
  readonly failure: string
}

function enforcedOf(options: NodeCgroupsOptions, kernel: KernelCgroups): Enforced[] {
  const { config, pageSizes, podsBounds, systemReserved, kubeReserved } = options
  const reserved = [
    { name: 'system', cgroup: config.systemReservedCgroup, list: systemReserved },
    { name: 'kube', cgroup: config.kubeReservedCgroup, list: kubeReserved },
  ]
  return [
    {
      set: () => kernel.bound(listedLimits(podsBounds, pageSizes)),
      success: 'Updated Node Allocatable limit across pods',
      failure: `Failed to update Node Allocatable Limits ${JSON.stringify(kernel.root)}`,
    },
    ...reserved.flatMap(({ name, cgroup, list }) => {
      const part = partEnforced(config, name)
      if (part === undefined) return []
      const title = `${name[0]?.toUpperCase()}${name.slice(1)} Reserved${part === 'cpu' ? ' Compressible' : ''}`
      return [
        {
          set: () => kernel.boundExisting(cgroup, listedLimits(list, pageSizes, part)),
          success: `Updated limits on ${name} reserved cgroup ${cgroup}`,
          failure: `Failed to enforce ${title} Cgroup Limits on ${JSON.stringify(cgroup)}`,
        },
      ]
    }),
  ]
}

/** What of a reservation is enforced, if anything: all, or what can be taken back without harm. */
function partEnforced({ enforced }: CgroupConfig, name: string): 'all' | 'cpu' | undefined {
  if (enforced.some((each) => each === `${name}-reserved`)) return 'all'
  return enforced.some((each) => each === `${name}-reserved-compressible`) ? 'cpu' : undefined
}

/** Waits; false when `signal` has ended the wait. */
async function lasts(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal }).catch(() => false)
}
