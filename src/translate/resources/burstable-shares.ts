import { cpuShares } from './cpu-time.ts'

/**
 * The CPU shares of the cgroup of all Burstable Pods: as much as they ask for together (setCPUCgroupConfig in
 * pkg/kubelet/cm/qos_container_manager_linux.go). `ownMilliCpu` is what this agent's Pods ask for; of another agent's, whose
 * specs it does not know, the shares of their own cgroups count.
 */
export function burstableShares(ownMilliCpu: bigint, othersShares: readonly number[]): number {
  const others = othersShares.reduce((sum, shares) => sum + shares, 0)
  const own = cpuShares(ownMilliCpu)
  if (others === 0) return own
  return Math.min(cpuShares(BigInt(Number.MAX_SAFE_INTEGER)), ownMilliCpu === 0n ? others : own + others)
}
