import type { DockerHostConfig } from '../../model/docker.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerSpec } from '../../model/kube.ts'
import { amountsOf } from './pod-amounts.ts'

/** The extended resource by which Pods ask for GPUs, as NVIDIA's device plugin has it. */
export const gpuResource = 'nvidia.com/gpu'

/** The OCI runtime of Docker's that comes with NVIDIA's tools: without it a container cannot be given a GPU. */
export const gpuRuntime = 'nvidia'

/** How many GPUs a container asks for. */
export function gpusAsked({ resources }: ContainerSpec): number {
  return Number(amountsOf(resources?.limits).get(gpuResource) ?? 0n)
}

/** What Docker is asked for so that a container gets these GPUs and no others. */
export function gpuDevices(gpus: readonly string[]): Pick<DockerHostConfig, 'DeviceRequests'> {
  if (gpus.length === 0) return {}
  return { DeviceRequests: [{ Driver: gpuRuntime, DeviceIDs: gpus, Capabilities: [['gpu']] }] }
}

export interface GpuFacts {
  /** Every GPU of the node, by Docker's id. */
  readonly all: readonly string[]
  /** Those of other Pods, and of other containers of this one. */
  readonly taken: ReadonlySet<string>
  /** Those of the Pod's init containers, which have ended when its containers start. */
  readonly reusable: readonly string[]
}

/**
 * The GPUs for a container that wants so many (devicesToAllocate in pkg/kubelet/cm/devicemanager): first what its Pod has
 * already. Throws `invalid` in the kubelet's words where there are not enough.
 */
export function chooseGpus(wanted: number, { all, taken, reusable }: GpuFacts): readonly string[] {
  const reused = reusable.filter((gpu) => all.includes(gpu)).slice(0, wanted)
  const free = all.filter((gpu) => !taken.has(gpu) && !reused.includes(gpu))
  const needed = wanted - reused.length
  if (free.length < needed) {
    const numbers = `Requested: ${needed}, Available: ${free.length}`
    const cause = `requested number of devices unavailable for ${gpuResource}. ${numbers}`
    throw new KubeletError('invalid', `Allocate failed due to ${cause}, which is unexpected`)
  }
  return [...reused, ...free.slice(0, needed)]
}
