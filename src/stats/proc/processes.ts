import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import type { ResourceUsage } from '../../model/usage.ts'
import { noCpu, noMemory } from '../sum-rows.ts'
import { parseProcessStat, type ProcessStat } from './parse-proc.ts'

const tickNs = 1e7
const pageBytes = 4096

/** One process, and when it began, in ticks since the machine did: numbers are used again. */
export interface KnownProcess {
  readonly pid: number
  readonly startTicks: number
}

/** What processes have used themselves, for a daemon that has no cgroup of its own. `undefined` when none is left. */
export function processUsage(processes: readonly KnownProcess[], proc = '/proc'): ResourceUsage | undefined {
  const stats = processes.flatMap(({ pid, startTicks }) => {
    const stat = statOf(pid, proc)
    return stat?.startTicks === startTicks ? [stat] : []
  })
  if (stats.length === 0) return undefined
  const total = (of: (stat: ProcessStat) => number): number => stats.reduce((sum, stat) => sum + of(stat), 0)
  const rss = total(({ rssPages }) => rssPages) * pageBytes
  return {
    atMs: Date.now(),
    cpu: { ...noCpu, totalNs: total(({ cpuTicks }) => cpuTicks) * tickNs },
    memory: {
      ...noMemory,
      usage: rss,
      workingSet: rss,
      rss,
      pageFaults: total(({ pageFaults }) => pageFaults),
      majorPageFaults: total(({ majorPageFaults }) => majorPageFaults),
    },
  }
}

/**
 * Docker's daemon behind this socket, and the containerd that it works with: its own child, or the one of the system.
 * Nothing where they run elsewhere.
 */
export function dockerProcesses(socketPath: string, proc = '/proc'): readonly KnownProcess[] {
  const all = numbersIn(proc).flatMap((pid) => {
    const stat = statOf(pid, proc)
    return stat === undefined ? [] : [{ pid, ...stat }]
  })
  const daemons = all.filter(({ name }) => name === 'dockerd')
  const inodes = listeningInodes(socketPath, proc)
  const daemon = daemons.length === 1 ? daemons[0] : daemons.find(({ pid }) => hasSocket(pid, inodes, proc))
  if (daemon === undefined) return []
  const runtimes = all.filter(({ name }) => name === 'containerd')
  const own = runtimes.filter(({ parent }) => parent === daemon.pid)
  return [daemon, ...(own.length > 0 ? own : runtimes.filter(({ parent }) => parent === 1))]
}

function statOf(pid: number, proc: string): ProcessStat | undefined {
  return parseProcessStat(textOf(`${proc}/${pid}/stat`))
}

function numbersIn(folder: string): readonly number[] {
  return namesIn(folder).flatMap((name) => (/^\d+$/u.test(name) ? [Number(name)] : []))
}

/** `0000…: 00000002 00000000 00010000 0001 01 12345 /run/docker.sock`. */
function listeningInodes(socketPath: string, proc: string): ReadonlySet<string> {
  const lines = textOf(`${proc}/net/unix`).split('\n')
  const own = lines.filter(
    (line) => line.endsWith(` ${socketPath}`) || line.endsWith(` ${socketPath.replace('/var/run/', '/run/')}`),
  )
  return new Set(own.flatMap((line) => line.trim().split(/\s+/u)[6] ?? []))
}

function hasSocket(pid: number, inodes: ReadonlySet<string>, proc: string): boolean {
  const folder = `${proc}/${pid}/fd`
  return namesIn(folder).some((name) => {
    const inode = /^socket:\[(\d+)\]$/u.exec(linkOf(`${folder}/${name}`))?.[1]
    return inode !== undefined && inodes.has(inode)
  })
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
