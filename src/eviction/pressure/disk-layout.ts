import type { EvictionSignal } from '../../model/eviction-threshold.ts'

/** Whether images and writable layers lie on one file system with the agent's own folders, or on another. */
export type DiskLayout = 'one' | 'dedicated-images'

/** What of a Pod lies on a disk. */
export type DiskPart = 'rootfs' | 'logs' | 'volumes'

/** What the node can give up before a Pod has to. */
export type NodeReclaim = 'containers' | 'images'

type DiskSignal = Exclude<EvictionSignal, 'memory.available' | 'allocatableMemory.available' | 'pid.available'>

export function isDiskSignal(signal: EvictionSignal): signal is DiskSignal {
  return signal.includes('fs.')
}

/** What Pods are ranked by when a disk is full (buildSignalToRankFunc in pkg/kubelet/eviction/helpers.go). */
export function rankedParts(signal: DiskSignal, layout: DiskLayout): readonly DiskPart[] {
  if (layout === 'one') return ['rootfs', 'logs', 'volumes']
  return signal.startsWith('nodefs.') ? ['logs', 'volumes'] : ['rootfs']
}

/** What the node gives up first, in this order (buildSignalToNodeReclaimFuncs). */
export function nodeReclaims(signal: EvictionSignal, layout: DiskLayout): readonly NodeReclaim[] {
  if (!isDiskSignal(signal)) return []
  return layout === 'dedicated-images' && signal.startsWith('nodefs.') ? [] : ['containers', 'images']
}
