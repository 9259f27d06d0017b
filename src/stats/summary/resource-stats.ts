import type { InterfaceUsage, MemoryUsage, Pressure, PressureShare } from '../../model/usage.ts'
import { rfc3339 } from '../../status/rfc3339.ts'
import type { UsageRow } from '../reading.ts'
import type {
  CpuStats,
  InterfaceStats,
  IoStats,
  MemoryStats,
  NetworkStats,
  PsiData,
  PsiStats,
  SwapStats,
} from './stats-types.ts'

/** CPU, memory and swap of a cgroup (cadvisorInfoToCPUandMemoryStats and cadvisorInfoToSwapStats in pkg/kubelet/stats). */
export interface ResourceStats {
  readonly cpu: CpuStats
  readonly memory: MemoryStats
  readonly swap: SwapStats
}

export function resourceStats({ usage, nanoCores }: UsageRow): ResourceStats {
  const { cpu, memory } = usage
  const time = rfc3339(usage.atMs)
  return {
    cpu: { time, usageNanoCores: nanoCores, usageCoreNanoSeconds: cpu.totalNs, psi: psiStats(cpu.pressure) },
    memory: {
      time,
      ...(memory.limit === undefined ? {} : { availableBytes: left(memory.limit, memory.workingSet) }),
      usageBytes: memory.usage,
      workingSetBytes: memory.workingSet,
      rssBytes: memory.rss,
      pageFaults: memory.pageFaults,
      majorPageFaults: memory.majorPageFaults,
      psi: psiStats(memory.pressure),
    },
    swap: swapStats(time, memory),
  }
}

export function ioStats({ usage, details }: UsageRow): { readonly io?: IoStats } {
  return details === undefined ? {} : { io: { time: rfc3339(usage.atMs), psi: psiStats(details.ioPressure) } }
}

function swapStats(time: string, { swap, swapLimit }: MemoryUsage): SwapStats {
  const available = swapLimit === undefined ? {} : { swapAvailableBytes: left(swapLimit, swap) }
  return { time, ...available, swapUsageBytes: swap }
}

/** The interface whose figures stand for the network, whatever Docker's is called. */
const defaultInterface = 'eth0'

export function networkStats(atMs: number, interfaces: readonly InterfaceUsage[]): NetworkStats {
  const all = interfaces.map(interfaceStats)
  const own = all.find(({ name }) => name === defaultInterface)
  return { time: rfc3339(atMs), ...(own ?? { name: '' }), ...(all.length === 0 ? {} : { interfaces: all }) }
}

function interfaceStats({ name, rxBytes, rxErrors, txBytes, txErrors }: InterfaceUsage): InterfaceStats {
  return { name, rxBytes, rxErrors, txBytes, txErrors }
}

/** There is always one, as clients of 1.36 expect: of noughts, where the kernel keeps none. */
function psiStats(pressure: Pressure | undefined): PsiStats {
  return { full: psiData(pressure?.full), some: psiData(pressure?.some) }
}

function psiData(share: PressureShare | undefined): PsiData {
  if (share === undefined) return { total: 0, avg10: 0, avg60: 0, avg300: 0 }
  const { totalNs, avg10, avg60, avg300 } = share
  return { total: totalNs, avg10, avg60, avg300 }
}

function left(limit: number, used: number): number {
  return Math.max(0, limit - used)
}
