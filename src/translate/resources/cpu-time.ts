/** CPU as the kernel's scheduler counts it (pkg/kubelet/cm/helpers_linux.go). */

const sharesPerCpu = 1024n
/** The kernel's bounds: what asks for nothing gets the least. */
const leastShares = 2n
const mostShares = 262_144n
/** A millisecond, the least that the kernel hands out. In microseconds. */
const leastQuota = 1000n

/** `cpu.shares` of a request in thousandths of a CPU. */
export function cpuShares(milliCpu: bigint): number {
  const shares = (milliCpu * sharesPerCpu) / 1000n
  return Number(shares < leastShares ? leastShares : shares > mostShares ? mostShares : shares)
}

/** The CPU time in each period, both in microseconds, of a limit in thousandths of a CPU; 0 without one. */
export function cpuQuota(milliCpu: bigint, periodUs: number): number {
  if (milliCpu === 0n) return 0
  const quota = (milliCpu * BigInt(periodUs)) / 1000n
  return Number(quota < leastQuota ? leastQuota : quota)
}

/** `cpu.weight` of cgroup v2 for shares of v1: the kubelet's formula, which spreads both over their whole range. */
export function cpuWeight(shares: number): number {
  return shares >= mostShares ? 10_000 : 1 + Math.trunc(((shares - 2) * 9999) / 262_142)
}

/** The shares that `cpu.weight` stands for. */
export function sharesOfWeight(weight: number): number {
  return Math.trunc(((weight - 1) * 262_142) / 9999) + 2
}

/** The request in thousandths of a CPU that shares stand for, rounded up. */
export function milliOfShares(shares: number): bigint {
  return (BigInt(shares) * 1000n + sharesPerCpu - 1n) / sharesPerCpu
}

/** The limit in thousandths of a CPU that a quota stands for; 0 where there is none. */
export function milliOfQuota(quota: { readonly quotaUs: number; readonly periodUs: number } | undefined): bigint {
  return quota === undefined || quota.quotaUs <= 0 ? 0n : (BigInt(quota.quotaUs) * 1000n) / BigInt(quota.periodUs)
}
