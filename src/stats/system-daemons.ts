import { readFileSync } from 'node:fs'
import type { ResourceUsage } from '../model/usage.ts'
import { parsePlace, pathOf, type CgroupPlace } from './cgroups/cgroup-place.ts'
import type { CgroupReader } from './cgroups/cgroup-reader.ts'
import { bootTimeMs, parseProcessStat } from './proc/parse-proc.ts'
import { dockerProcesses, processUsage, type KnownProcess } from './proc/processes.ts'

const tickMs = 10

/** What a daemon has used, and by which cgroup that is known, if by any. */
export interface DaemonUsage {
  readonly startedAtMs: number
  readonly usage: ResourceUsage
  readonly cgroup: CgroupPlace | undefined
}

/**
 * The agent itself and Docker, as the kubelet tells of itself and its runtime: by the cgroup of a service of systemd's,
 * which holds it and what it has started, and where there is none by its own process.
 */
export class SystemDaemons {
  readonly #reader: CgroupReader
  readonly #dockerSocket: string | undefined
  readonly #proc: string
  readonly #bootedAtMs: number
  #own: readonly KnownProcess[] | undefined
  #docker: readonly KnownProcess[] = []

  constructor(reader: CgroupReader, dockerSocket: string | undefined, proc = '/proc') {
    this.#reader = reader
    this.#dockerSocket = dockerSocket
    this.#proc = proc
    this.#bootedAtMs = bootTimeMs(textOf(`${proc}/stat`))
  }

  agent(): DaemonUsage | undefined {
    this.#own ??= ownProcess(this.#proc)
    return this.#usage(this.#own)
  }

  docker(): DaemonUsage | undefined {
    if (this.#dockerSocket === undefined) return undefined
    const known = this.#usage(this.#docker)
    if (known !== undefined) return known
    // It is another one, after a restart.
    this.#docker = dockerProcesses(this.#dockerSocket, this.#proc)
    return this.#usage(this.#docker)
  }

  #usage(processes: readonly KnownProcess[]): DaemonUsage | undefined {
    const usage = processUsage(processes, this.#proc)
    if (usage === undefined) return undefined
    const [{ pid, startTicks } = { pid: 0, startTicks: 0 }] = processes
    const startedAtMs = this.#bootedAtMs + startTicks * tickMs
    const cgroup = this.#service(pid)
    const whole = cgroup === undefined ? undefined : this.#reader.usage(cgroup, 'summary')
    return whole === undefined ? { startedAtMs, usage, cgroup: undefined } : { startedAtMs, usage: whole, cgroup }
  }

  /** `/system.slice/docker.service`, say: a cgroup that nobody else is in. */
  #service(pid: number): CgroupPlace | undefined {
    const place = parsePlace(textOf(`${this.#proc}/${pid}/cgroup`))
    return place?.path.endsWith('.service') === true && isWhole(place) ? place : undefined
  }
}

/** Version 1 may have it somewhere else for its memory than for its CPU. */
function isWhole(place: CgroupPlace): boolean {
  return ['cpuacct', 'memory'].every((controller) => pathOf(place, controller) === place.path)
}

function ownProcess(proc: string): readonly KnownProcess[] {
  const { pid } = process
  const stat = parseProcessStat(textOf(`${proc}/self/stat`))
  return stat === undefined ? [] : [{ pid, startTicks: stat.startTicks }]
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
