import { readFile } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { parseCpuTimes, shares, type CpuTimes, type MachineLoad } from '../report/machine-load.ts'

const restMs = 2000

/** What else the machine does while it is measured. */
export class MachineWatch {
  readonly #atStart = loadavg()[0] ?? 0
  readonly #first: CpuTimes
  readonly #signal: AbortSignal
  readonly #resting: number[] = []

  private constructor(first: CpuTimes, signal: AbortSignal) {
    this.#first = first
    this.#signal = signal
  }

  static async start(signal: AbortSignal): Promise<MachineWatch> {
    const watch = new MachineWatch(await cpuTimes(), signal)
    await watch.rest()
    return watch
  }

  /** To be called when nothing of ours is at work: how busy the machine is then. */
  async rest(): Promise<void> {
    const before = await cpuTimes()
    await delay(restMs, undefined, { signal: this.#signal })
    this.#resting.push(shares(before, await cpuTimes()).busy)
  }

  async soFar(): Promise<MachineLoad> {
    const { stolen } = shares(this.#first, await cpuTimes())
    return { cores: availableParallelism(), atStart: this.#atStart, resting: this.#resting, stolen }
  }
}

async function cpuTimes(): Promise<CpuTimes> {
  return parseCpuTimes(await readFile('/proc/stat', 'utf8'))
}
