import type { DockerHostConfig, DockerResources } from '../../model/docker.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { cpuQuota, cpuShares } from './cpu-time.ts'
import { gpuDevices } from './gpus.ts'
import { oomScoreAdj } from './oom-score.ts'
import { amountsOf, hasPodLevel } from './pod-amounts.ts'

/** What must be known of the node. */
export interface ResourceFacts {
  /** All of the machine's memory. */
  readonly nodeMemoryBytes: number
  /** `cpuCFSQuotaPeriod` in microseconds; `undefined` where limits of CPU are not enforced (`cpuCFSQuota: false`). */
  readonly cpuPeriodUs: number | undefined
  /** The Pod's cgroup as Docker takes it; `undefined` where the agent makes none. */
  readonly cgroupParent: string | undefined
  /** The GPUs that are the container's, by Docker's id. */
  readonly gpus: readonly string[]
}

/**
 * What a container gets of the node, and how it stands when memory runs out (generateLinuxContainerResources in
 * pkg/kubelet/kuberuntime/kuberuntime_container_linux.go).
 */
export function containerResources(
  pod: Pod,
  container: ContainerSpec,
  facts: ResourceFacts,
): DockerResources & Pick<DockerHostConfig, 'OomScoreAdj' | 'CgroupParent' | 'DeviceRequests'> {
  return {
    ...containerCpuAndMemory(pod, container, facts),
    OomScoreAdj: oomScoreAdj(pod, container, facts.nodeMemoryBytes),
    ...(facts.cgroupParent === undefined ? {} : { CgroupParent: facts.cgroupParent }),
    ...gpuDevices(facts.gpus),
  }
}

/**
 * CPU and memory: what is not limited is left out, but for the period, which says nothing by itself. Where a container has
 * no limit of its own, that of the Pod as a whole is its limit too.
 */
export function containerCpuAndMemory(
  pod: Pod,
  container: ContainerSpec,
  { cpuPeriodUs }: Pick<ResourceFacts, 'cpuPeriodUs'>,
): DockerResources {
  const cpuLimit = effectiveLimit(pod, container, 'cpu')
  const memory = Number(effectiveLimit(pod, container, 'memory'))
  const quota = cpuPeriodUs === undefined ? 0 : cpuQuota(cpuLimit, cpuPeriodUs)
  return {
    // A request of 0 is one.
    CpuShares: cpuShares(
      container.resources?.requests?.['cpu'] === undefined ? cpuLimit : amount(container.resources.requests, 'cpu'),
    ),
    ...(cpuPeriodUs === undefined ? {} : { CpuPeriod: cpuPeriodUs }),
    ...(quota === 0 ? {} : { CpuQuota: quota }),
    // With the limit of both together at that of memory nothing is left for swap.
    ...(memory === 0 ? {} : { Memory: memory, MemorySwap: memory }),
  }
}

/** The limit of a container: its own, or that of the Pod as a whole. Thousandths of a CPU or bytes, 0 for none. */
export function effectiveLimit(pod: Pod, { resources }: ContainerSpec, name: 'cpu' | 'memory'): bigint {
  const own = amount(resources?.limits, name)
  return own === 0n && hasPodLevel(pod, 'requests', 'limits') ? amount(pod.spec.resources?.limits, name) : own
}

function amount(resources: Readonly<Record<string, string>> | undefined, name: string): bigint {
  return amountsOf(resources).get(name) ?? 0n
}
