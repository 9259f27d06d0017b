import type { CgroupLimits } from '../translate/resources/cgroup-limits.ts'
import type { CgroupVersion } from '../translate/resources/cgroup-files.ts'
import { cpuWeight, sharesOfWeight } from '../translate/resources/cpu-time.ts'
import type { CgroupFolders } from './cgroup-folders.ts'

/** Version 1 says that there is no limit of memory with the largest whole number of pages. */
const mostBytes = 2 ** 62

/** CPU and memory of a cgroup as the kernel has them; `undefined` where there is no such cgroup. */
export function readLimits(folders: CgroupFolders, path: string): CgroupLimits | undefined {
  if (!folders.has(path)) return undefined
  const shares = readShares(folders, path)
  const quota = readQuota(folders, path)
  const memory = numberIn(
    folders.read(path, 'memory', folders.hierarchies.version === '1' ? 'memory.limit_in_bytes' : 'memory.max'),
  )
  return {
    ...(shares === undefined ? {} : { cpuShares: shares }),
    ...(quota === undefined ? {} : { cpuQuota: quota }),
    ...(memory === undefined || memory > mostBytes ? {} : { memoryBytes: memory }),
  }
}

/** CPU shares, be they kept as a weight. */
export function readShares(folders: CgroupFolders, path: string): number | undefined {
  const isFirst = folders.hierarchies.version === '1'
  const value = numberIn(folders.read(path, 'cpu', isFirst ? 'cpu.shares' : 'cpu.weight'))
  return isFirst || value === undefined ? value : sharesOfWeight(value)
}

function readQuota(folders: CgroupFolders, path: string): CgroupLimits['cpuQuota'] {
  const texts =
    folders.hierarchies.version === '1'
      ? [folders.read(path, 'cpu', 'cpu.cfs_quota_us'), folders.read(path, 'cpu', 'cpu.cfs_period_us')]
      : folders.read(path, 'cpu', 'cpu.max')?.split(' ')
  const [quotaUs, periodUs] = (texts ?? []).map(numberIn)
  return quotaUs === undefined || periodUs === undefined || quotaUs < 0 ? undefined : { quotaUs, periodUs }
}

/** `undefined` for what is no number, `max` for example. */
function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/u.test(text) ? Number(text) : undefined
}

/** The kernel keeps memory by the page, version 2 keeps shares as a weight, and systemd keeps CPU time in whole percents. */
const pageBytes = 4096

/** What was read, as it was asked for where the same would be read for that. */
export function asAsked(asked: CgroupLimits, read: CgroupLimits, version: CgroupVersion): CgroupLimits {
  const { cpuShares: shares = 0, cpuQuota: quota, memoryBytes: memory = 0 } = asked
  const kept = version === '1' ? shares : sharesOfWeight(cpuWeight(shares))
  return {
    ...read,
    ...(shares > 0 && read.cpuShares === kept ? { cpuShares: shares } : {}),
    ...(quota !== undefined && read.cpuQuota?.quotaUs === wholePercents(quota) ? { cpuQuota: quota } : {}),
    ...(memory > 0 && read.memoryBytes === memory - (memory % pageBytes) ? { memoryBytes: memory } : {}),
  }
}

function wholePercents({ quotaUs, periodUs }: NonNullable<CgroupLimits['cpuQuota']>): number {
  const percent = periodUs / 100
  return Math.ceil(quotaUs / percent) * percent
}
