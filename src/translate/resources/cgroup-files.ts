import { parseQuantity, wholeUnits } from '../../util/quantity.ts'
import type { CgroupLimits } from './cgroup-limits.ts'
import { cpuWeight } from './cpu-time.ts'

export type CgroupVersion = '1' | '2'

/** The controllers whose files are written here. */
export const controllers = ['cpu', 'memory', 'pids', 'hugetlb'] as const
export type Controller = (typeof controllers)[number]

/** One file of a cgroup and what is written to it. */
export interface CgroupFile {
  readonly controller: Controller
  readonly name: string
  readonly value: string
  /** Not every kernel has it: a file that is missing is passed over. */
  readonly optional?: true
}

/** The files that set these limits, in the order in which they are written. */
export function cgroupFiles(limits: CgroupLimits, version: CgroupVersion): readonly CgroupFile[] {
  return version === '1' ? filesOfV1(limits) : filesOfV2(limits)
}

function filesOfV1({ cpuShares, cpuQuota, memoryBytes, pids, hugePages }: CgroupLimits): readonly CgroupFile[] {
  return [
    ...(cpuShares === undefined ? [] : [file('cpu', 'cpu.shares', cpuShares)]),
    ...(cpuQuota === undefined
      ? []
      : [
          // A quota of nought is none.
          file('cpu', 'cpu.cfs_period_us', cpuQuota.periodUs),
          file('cpu', 'cpu.cfs_quota_us', cpuQuota.quotaUs <= 0 ? -1 : cpuQuota.quotaUs),
        ]),
    ...(memoryBytes ? [file('memory', 'memory.limit_in_bytes', memoryBytes)] : []),
    ...(pids === undefined ? [] : [file('pids', 'pids.max', pids)]),
    ...[...(hugePages ?? [])].flatMap(([size, bytes]) => [
      optional(file('hugetlb', `hugetlb.${pageSizeOfFile(size)}.limit_in_bytes`, bytes)),
      optional(file('hugetlb', `hugetlb.${pageSizeOfFile(size)}.rsvd.limit_in_bytes`, bytes)),
    ]),
  ]
}

function filesOfV2({ cpuShares, cpuQuota, memoryBytes, pids, hugePages }: CgroupLimits): readonly CgroupFile[] {
  return [
    ...(cpuShares === undefined ? [] : [file('cpu', 'cpu.weight', cpuWeight(cpuShares))]),
    ...(cpuQuota === undefined
      ? []
      : [file('cpu', 'cpu.max', `${cpuQuota.quotaUs <= 0 ? 'max' : cpuQuota.quotaUs} ${cpuQuota.periodUs}`)]),
    ...(memoryBytes ? [file('memory', 'memory.max', memoryBytes < 0 ? 'max' : memoryBytes)] : []),
    ...(pids === undefined ? [] : [file('pids', 'pids.max', pids)]),
    ...[...(hugePages ?? [])].flatMap(([size, bytes]) => [
      optional(file('hugetlb', `hugetlb.${pageSizeOfFile(size)}.max`, bytes)),
      optional(file('hugetlb', `hugetlb.${pageSizeOfFile(size)}.rsvd.max`, bytes)),
    ]),
  ]
}

function file(controller: Controller, name: string, value: number | string): CgroupFile {
  // No exponents, however large the number.
  return { controller, name, value: typeof value === 'number' ? BigInt(value).toString() : value }
}

function optional(given: CgroupFile): CgroupFile {
  return { ...given, optional: true }
}

/** `2MB` for `2Mi`: in the names of files the kernel counts in powers of 1024, and says so with the other letters. */
function pageSizeOfFile(size: string): string {
  const quantity = parseQuantity(size)
  let amount = quantity === undefined ? 0n : wholeUnits(quantity)
  let unit = 0
  while (amount >= 1024n && amount % 1024n === 0n && unit < fileUnits.length - 1) {
    amount /= 1024n
    unit += 1
  }
  return `${amount}${fileUnits[unit] ?? ''}`
}

const fileUnits = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const
