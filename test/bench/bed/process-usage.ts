import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'

/** Clock ticks a second in /proc, the same on every Linux that Node runs on. */
const ticksPerSecond = 100

/** Seconds of CPU that a process and its threads have used so far; what it has started does not count. */
export function cpuSeconds(pid: number): number {
  return secondsIn(pid, 11)
}

/** Those of several processes together. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.map(cpuSeconds).reduce((sum, seconds) => sum + seconds, 0)
}

/** Those of the programs that it has started and that have ended. */
export function childrenCpuSeconds(pid: number): number {
  return secondsIn(pid, 13)
}

/** User's and system's, which stand side by side from a field on. */
function secondsIn(pid: number, first: number): number {
  const fields = fieldsOf(pid)
  return (Number(fields[first]) + Number(fields[first + 1])) / ticksPerSecond
}

/** The name, in parentheses, may hold anything: the fields are counted from behind it. */
function fieldsOf(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** When a process was started, on the clock of `performance.now()`, to 10 ms. */
export function startedAtMs(pid: number): number {
  const [uptimeSeconds = ''] = readFileSync('/proc/uptime', 'utf8').split(' ')
  return performance.now() - (Number(uptimeSeconds) - Number(fieldsOf(pid)[19]) / ticksPerSecond) * 1000
}

export interface MemoryUse {
  /** Resident, and that without other processes' share of the pages. */
  readonly rssMb: number
  readonly pssMb: number
  /** Of the resident: the process's own, not backed by a file. */
  readonly anonymousMb: number
}

export function memoryUse(pid: number): MemoryUse {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return {
    rssMb: megabytes(status, 'VmRSS'),
    pssMb: megabytes(rollup, 'Pss'),
    anonymousMb: megabytes(status, 'RssAnon'),
  }
}

/** How many file descriptors a process holds. */
export async function openFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length
}

/** Lines like `VmRSS:	   85432 kB`, in units of a million bytes. */
function megabytes(text: string, key: string): number {
  const found = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  return (Number(found) * 1024) / 1e6
}

/** The pid of Docker's daemons, where they run on this machine and say so; a remote Docker's CPU isn't ours to read. */
export function daemonPids(): readonly number[] {
  return ['/var/run/docker.pid', '/var/run/docker/containerd/containerd.pid'].flatMap((file) => {
    try {
      return [Number(readFileSync(file, 'utf8'))]
    } catch {
      return []
    }
  })
}
