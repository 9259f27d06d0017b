/** How busy a machine is, from what the kernel counts in /proc/stat. */
export interface CpuTimes {
  /** All in ticks: of work, of work for other machines on the same host, and of everything together. */
  readonly busy: number
  readonly stolen: number
  readonly all: number
}

/** What the machine did beside what was measured. Shares are of all its cores, 0 to 1. */
export interface MachineLoad {
  readonly cores: number
  /** The load average of the last minute, when the run began. */
  readonly atStart: number
  /** Busy while the bench and the nodes that it measures rested: before each part. */
  readonly resting: readonly number[]
  /** Taken by other machines on the same host, over the whole run. */
  readonly stolen: number
}

const quietBusy = 0.08
const quietStolen = 0.02

/** Reads the first line of /proc/stat: `cpu  user nice system idle iowait irq softirq steal guest guest_nice`. */
export function parseCpuTimes(text: string): CpuTimes {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, stolen = 0] = (
    text.split('\n', 1)[0] ?? ''
  )
    .trim()
    .split(/\s+/u)
    .slice(1)
    .map(Number)
  const busy = user + nice + system + irq + softirq
  return { busy, stolen, all: busy + idle + iowait + stolen }
}

/** The shares of the time from one moment to a later one. */
export function shares(from: CpuTimes, to: CpuTimes): { readonly busy: number; readonly stolen: number } {
  const all = Math.max(1, to.all - from.all)
  return { busy: (to.busy - from.busy) / all, stolen: (to.stolen - from.stolen) / all }
}

/** One line on the machine, and one more where it was not quiet. */
export function loadLines({ cores, atStart, resting, stolen }: MachineLoad): readonly string[] {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  const most = Math.max(0, ...resting)
  const line =
    `Load at the start ${atStart.toFixed(2)} on ${cores} cores; busy while the bench rested ` +
    `${percent(resting[0] ?? 0)} at first, ${percent(most)} at most; stolen ${percent(stolen)}`
  const isQuiet = most <= quietBusy && stolen <= quietStolen && atStart <= cores / 2
  return isQuiet ? [line] : [line, 'WARNING: this machine was not quiet: times are too long, and ratios unsure']
}
