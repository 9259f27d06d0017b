import { readFile } from 'node:fs/promises'
import { pause } from '../../cluster/back-off.ts'
import type { EventRecorder } from '../../cluster/event-recorder.ts'
import type { Logger } from '../../util/log.ts'
import { latest, OomKillReader, parseKernelRecord, parseOomKills, systemOomMessage, type OomKill } from './oom-kills.ts'

/** The kernel's log: what was written since the last time, one text for each record. */
export interface ReadableLog extends AsyncDisposable {
  read(): AsyncIterable<string>
}

export interface OomWatcherOptions {
  /** `undefined` without a cluster. */
  readonly recorder: Pick<EventRecorder, 'recordOfNode'> | undefined
  readonly log: Pick<Logger, 'warn' | 'debug'>
  /** Opens the kernel's log; rejects where it may not be read. Default: /dev/kmsg. */
  readonly openLog?: () => Promise<ReadableLog>
  /** Default: the content of /proc/vmstat. */
  readonly readVmstat?: () => Promise<string>
  readonly intervalMs?: number
}

const usualIntervalMs = 10_000
/** A kill is counted a moment before it is told. */
const marginMs = 2_000

/**
 * Tells of processes that were killed because the machine had no memory left, as the kubelet does (pkg/kubelet/oom).
 * What costs nothing is looked at: how many processes were killed since the machine started. Only when that has grown
 * is the kernel's log read.
 */
export class OomWatcher {
  readonly #options: OomWatcherOptions
  readonly #reader = new OomKillReader()
  #hasRead = false

  constructor(options: OomWatcherOptions) {
    this.#options = options
  }

  /** Watches until `signal` fires, or ends at once where there is nothing to be seen. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#watch(signal)
    } catch (error) {
      this.#options.log.debug('That the machine runs out of memory is not told: its kernel cannot be asked', { error })
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { intervalMs = usualIntervalMs } = this.#options
    await using log = await this.#open()
    let counted = await this.#count()
    while (!signal.aborted) {
      await pause(intervalMs, signal)
      const now = await this.#count()
      if (now === counted && !this.#reader.isMidway) continue
      counted = now
      const kills = await this.#read(log)
      const recent = this.#hasRead ? kills : latest(kills, intervalMs + marginMs)
      this.#hasRead = true
      for (const kill of recent.filter(({ isOfSystem }) => isOfSystem)) this.#tell(kill)
    }
  }

  async #open(): Promise<ReadableLog> {
    const { openLog } = this.#options
    if (openLog !== undefined) return openLog()
    const { KernelLog } = await import('./kernel-log.ts')
    return KernelLog.open('/dev/kmsg')
  }

  async #count(): Promise<number> {
    const { readVmstat = () => readFile('/proc/vmstat', 'utf8') } = this.#options
    const count = parseOomKills(await readVmstat())
    if (count === undefined) throw new Error('/proc/vmstat has no line "oom_kill"')
    return count
  }

  async #read(log: ReadableLog): Promise<readonly OomKill[]> {
    const kills: OomKill[] = []
    for await (const text of log.read()) {
      const record = parseKernelRecord(text)
      const kill = record === undefined ? undefined : this.#reader.read(record)
      if (kill !== undefined) kills.push(kill)
    }
    return kills
  }

  #tell(kill: OomKill): void {
    const message = systemOomMessage(kill)
    this.#options.log.warn('The machine ran out of memory', { victim: kill.victim, pid: kill.pid })
    this.#options.recorder?.recordOfNode({ type: 'Warning', reason: 'SystemOOM', message })
  }
}
