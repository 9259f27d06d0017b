/** A process that the kernel has killed for memory. */
export interface OomKill {
  readonly victim: string
  readonly pid: number
  /** Microseconds since the start of the machine, by the clock of the kernel's log. */
  readonly atUs: number
  /** The machine had none left, and not one of its cgroups. */
  readonly isOfSystem: boolean
}

/** A record of the kernel's log, as /dev/kmsg gives it. */
export interface KernelRecord {
  readonly atUs: number
  readonly message: string
}

const limitReached = 'oom-kill:constraint=CONSTRAINT_MEMCG'
/** Kernels before 5.0. */
const limitReachedOnce = /^Task in .* killed as a result of limit of /u

/**
 * Finds what a kernel says when memory runs out: "… invoked oom-killer: …" first, whose memory it was, then
 * "… Killed process 123 (name) …". When a limit of some cgroup was reached, it is no matter of the node's: what
 * happened to a container is in its status. The rules are cAdvisor's, which the kubelet has its events from
 * (utils/oomparser). Give it every record, in order.
 */
export class OomKillReader {
  /** `undefined` while nothing is being told. */
  #telling: { isOfCgroup: boolean } | undefined

  /** Whether a kill has been begun to be told, and not to the end. */
  get isMidway(): boolean {
    return this.#telling !== undefined
  }

  read({ atUs, message }: KernelRecord): OomKill | undefined {
    if (message.includes('invoked oom-killer:')) {
      this.#telling = { isOfCgroup: false }
      return undefined
    }
    if (this.#telling === undefined) return undefined
    if (message.includes(limitReached) || limitReachedOnce.test(message)) this.#telling.isOfCgroup = true
    const killed = /Killed process (\d+) \((.+)\)/u.exec(message)
    if (killed === null) return undefined
    const { isOfCgroup } = this.#telling
    this.#telling = undefined
    const [, pid, victim = ''] = killed
    return { victim, pid: Number(pid), atUs, isOfSystem: !isOfCgroup }
  }
}

/** `<priority>,<number>,<microseconds>,<flags>;<message>`, then lines with more about it; `undefined` for what is none. */
export function parseKernelRecord(text: string): KernelRecord | undefined {
  const match = /^\d+,\d+,(\d+),[^;]*;([^\n]*)/u.exec(text)
  return match === null ? undefined : { atUs: Number(match[1]), message: match[2] ?? '' }
}

/**
 * Of kills that were read, the oldest first, those of the last `withinMs`, seen from the newest: a log that is read for the
 * first time has those of all weeks.
 */
export function latest(kills: readonly OomKill[], withinMs: number): readonly OomKill[] {
  const newestUs = kills.at(-1)?.atUs ?? 0
  return kills.filter(({ atUs }) => newestUs - atUs <= withinMs * 1000)
}

/**
 * How many processes the kernel has killed for memory since the machine started, by /proc/vmstat;
 * `undefined` before Linux 4.13.
 */
export function parseOomKills(vmstat: string): number | undefined {
  const count = /^oom_kill (\d+)$/mu.exec(vmstat)?.[1]
  return count === undefined ? undefined : Number(count)
}

/** The message of the event `SystemOOM` (pkg/kubelet/oom). */
export function systemOomMessage({ victim, pid }: OomKill): string {
  return `System OOM encountered, victim process: ${victim}, pid: ${pid}`
}
