import type { CgroupDetails, CpuUsage, MemoryUsage } from '../model/usage.ts'
import type { UsageRow } from './reading.ts'

export const noCpu: CpuUsage = {
  totalNs: 0,
  userNs: 0,
  systemNs: 0,
  periods: 0,
  throttledPeriods: 0,
  throttledNs: 0,
  burstPeriods: 0,
  burstNs: 0,
  pressure: undefined,
}

export const noMemory: MemoryUsage = {
  usage: 0,
  maxUsage: 0,
  workingSet: 0,
  rss: 0,
  cache: 0,
  mappedFile: 0,
  kernel: 0,
  swap: 0,
  activeFile: 0,
  inactiveFile: 0,
  pageFaults: 0,
  majorPageFaults: 0,
  limitHits: 0,
  oomKills: 0,
  limit: undefined,
  swapLimit: undefined,
  reservation: 0,
  pressure: undefined,
}

export const noDetails: CgroupDetails = {
  bounds: { shares: 0, periodUs: 0, quotaUs: undefined },
  devices: [],
  ioPressure: undefined,
  threads: 0,
  maxThreads: 0,
}

/**
 * What several use together, for a Pod or a node that has no cgroup to be read: `undefined` of none. What bounds each
 * of them bounds no sum, and pressures don't add up.
 */
export function sumOfRows(id: string, rows: readonly UsageRow[]): UsageRow | undefined {
  if (rows.length === 0) return undefined
  return {
    id,
    usage: {
      atMs: Math.max(...rows.map(({ usage }) => usage.atMs)),
      cpu: rows.reduce((sum, { usage }) => addCpu(sum, usage.cpu, 1), noCpu),
      memory: rows.reduce((sum, { usage }) => addMemory(sum, usage.memory, 1), noMemory),
    },
    nanoCores: rows.reduce((sum, { nanoCores }) => sum + nanoCores, 0),
    sinceMs: Math.min(...rows.map(({ sinceMs }) => sinceMs)),
    details: rows.every(({ details }) => details === undefined) ? undefined : noDetails,
    processes: rows.reduce((sum, { processes }) => sum + processes, 0),
    files: undefined,
  }
}

/**
 * What is left of a whole without its parts, and no less than nothing. Cgroups of version 1 count page faults of their own
 * processes alone: what the root has of them is the rest already.
 */
export function restOfRow(
  id: string,
  { whole, hasOwnFaults }: { readonly whole: UsageRow; readonly hasOwnFaults: boolean },
  parts: readonly UsageRow[],
): UsageRow {
  const { pageFaults, majorPageFaults } = whole.usage.memory
  const faults = hasOwnFaults ? { pageFaults, majorPageFaults } : {}
  const cpu = parts.reduce((left, { usage }) => addCpu(left, usage.cpu, -1), whole.usage.cpu)
  const memory = parts.reduce((left, { usage }) => addMemory(left, usage.memory, -1), whole.usage.memory)
  return {
    ...whole,
    id,
    usage: {
      atMs: whole.usage.atMs,
      cpu: { ...cpu, pressure: undefined },
      memory: { ...memory, ...faults, limit: undefined, swapLimit: undefined, pressure: undefined },
    },
    nanoCores: parts.reduce((left, { nanoCores }) => Math.max(0, left - nanoCores), whole.nanoCores),
    details: whole.details === undefined ? undefined : noDetails,
  }
}

function addCpu(one: CpuUsage, other: CpuUsage, factor: 1 | -1): CpuUsage {
  const add = (of: (cpu: CpuUsage) => number): number => Math.max(0, of(one) + factor * of(other))
  return {
    ...one,
    totalNs: add(({ totalNs }) => totalNs),
    userNs: add(({ userNs }) => userNs),
    systemNs: add(({ systemNs }) => systemNs),
  }
}

function addMemory(one: MemoryUsage, other: MemoryUsage, factor: 1 | -1): MemoryUsage {
  const add = (of: (memory: MemoryUsage) => number): number => Math.max(0, of(one) + factor * of(other))
  return {
    ...one,
    usage: add(({ usage }) => usage),
    workingSet: add(({ workingSet }) => workingSet),
    rss: add(({ rss }) => rss),
    cache: add(({ cache }) => cache),
    mappedFile: add(({ mappedFile }) => mappedFile),
    kernel: add(({ kernel }) => kernel),
    swap: add(({ swap }) => swap),
    activeFile: add(({ activeFile }) => activeFile),
    inactiveFile: add(({ inactiveFile }) => inactiveFile),
    pageFaults: add(({ pageFaults }) => pageFaults),
    majorPageFaults: add(({ majorPageFaults }) => majorPageFaults),
  }
}
