import type { Engine } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerUsage } from '../model/usage.ts'
import { sideBySide } from '../util/side-by-side.ts'
import { CpuRates } from './cpu-rates.ts'
import { isResourcesOnly, type Extent, type SystemReading, type UsageRow } from './reading.ts'
import type { RunningContainer, RunningPod } from './running-pods.ts'
import { sumOfRows } from './sum-rows.ts'
import type { PodUsage, UsageSource } from './usage-source.ts'

export interface DockerSourceOptions {
  readonly engine: Pick<Engine, 'containerUsage'>
  /** What Docker's host has: Docker says that of every container without a limit. */
  readonly memoryBytes: number
  readonly nowMs?: () => number
}

/** So many containers are asked about at once: each answer makes Docker read a dozen files. */
const width = 4
/** Who asks again so soon gets the same. */
const freshMs = 5000

interface Answer {
  readonly askedAtMs: number
  readonly usage: Promise<ContainerUsage | undefined>
}

/**
 * Figures from Docker's API, one call for each container, for an agent that does not see the kernel of Docker's host. Of the
 * machine itself, of disks and of Pods as a whole Docker does not tell.
 */
export class DockerSource implements UsageSource {
  readonly hasPressure = false
  readonly #options: DockerSourceOptions
  readonly #answers = new Map<ContainerId, Answer>()
  readonly #rates = new CpuRates()

  constructor(options: DockerSourceOptions) {
    this.#options = options
  }

  node(): undefined {
    return undefined
  }

  system(_: Extent, pods: readonly UsageRow[]): readonly SystemReading[] {
    const row = sumOfRows('pods', pods)
    return row === undefined ? [] : [{ name: 'pods', row }]
  }

  interfaces(): undefined {
    return undefined
  }

  async pod({ sandbox, containers }: RunningPod, extent: Extent, signal: AbortSignal): Promise<PodUsage> {
    const rows = new Map<ContainerId, UsageRow>()
    let interfaces: PodUsage['interfaces']
    // Nobody asks how much the pause container uses who asks for CPU and memory alone.
    const asked = sandbox === undefined || isResourcesOnly(extent) ? containers : [sandbox, ...containers]
    await sideBySide(width, asked, async (container) => {
      const usage = await this.#usage(container.id, signal)
      if (usage === undefined) return
      if (container.id === sandbox?.id) ({ interfaces } = usage)
      rows.set(container.id, this.#row(container, usage, extent))
    })
    const processes = [...rows.values()].reduce((sum, row) => sum + row.processes, 0)
    return { rows, pod: undefined, processes, interfaces, layers: new Map() }
  }

  keep(pods: readonly RunningPod[]): void {
    const running = pods.flatMap(({ sandbox, containers }) => [
      ...containers,
      ...(sandbox === undefined ? [] : [sandbox]),
    ])
    const known = new Set(running.map(({ id }) => id))
    for (const id of this.#answers.keys()) if (!known.has(id)) this.#answers.delete(id)
    this.#rates.forget(Date.now())
  }

  #usage(id: ContainerId, signal: AbortSignal): Promise<ContainerUsage | undefined> {
    const nowMs = (this.#options.nowMs ?? Date.now)()
    const known = this.#answers.get(id)
    if (known !== undefined && nowMs - known.askedAtMs < freshMs) return known.usage
    const usage = this.#ask(id, signal)
    this.#answers.set(id, { askedAtMs: nowMs, usage })
    return usage
  }

  /** One that cannot be asked about is left out, as one that has ended is. */
  async #ask(id: ContainerId, signal: AbortSignal): Promise<ContainerUsage | undefined> {
    try {
      return await this.#options.engine.containerUsage(id, signal)
    } catch (error) {
      this.#answers.delete(id)
      if (KubeletError.is(error, 'aborted')) throw error
      return undefined
    }
  }

  #row({ id, startedAtMs }: RunningContainer, usage: ContainerUsage, extent: Extent): UsageRow {
    const { limit } = usage.memory
    const memory = { ...usage.memory, limit: limit === this.#options.memoryBytes ? undefined : limit }
    const sample = { atMs: usage.atMs, totalNs: usage.cpu.totalNs }
    return {
      id,
      usage: { atMs: usage.atMs, cpu: usage.cpu, memory },
      nanoCores: this.#rates.rate(id, sample, startedAtMs),
      sinceMs: startedAtMs,
      details: isResourcesOnly(extent) ? undefined : usage,
      processes: usage.threads,
      files: undefined,
    }
  }
}
