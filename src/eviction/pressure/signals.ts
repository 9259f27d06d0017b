import type { EvictionSignal, PressureCondition } from '../../model/eviction-threshold.ts'

/** What Pods have to give up when a signal says that there is too little, by the name that messages have for it. */
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'

interface SignalMeaning {
  readonly resource: StarvedResource
  readonly condition: PressureCondition
}

const memory: SignalMeaning = { resource: 'memory', condition: 'MemoryPressure' }
const disk: SignalMeaning = { resource: 'ephemeral-storage', condition: 'DiskPressure' }
const inodes: SignalMeaning = { resource: 'inodes', condition: 'DiskPressure' }

/** What each signal is about (signalToResource and signalToNodeCondition in pkg/kubelet/eviction/helpers.go). */
export const signalMeanings: Readonly<Record<EvictionSignal, SignalMeaning>> = {
  'memory.available': memory,
  'allocatableMemory.available': memory,
  'nodefs.available': disk,
  'imagefs.available': disk,
  'containerfs.available': disk,
  'nodefs.inodesFree': inodes,
  'imagefs.inodesFree': inodes,
  'containerfs.inodesFree': inodes,
  'pid.available': { resource: 'pids', condition: 'PIDPressure' },
}

/** How much of something there is, and is left: bytes, inodes, processes. */
export interface Observation {
  readonly capacity: number
  readonly available: number
  /** Epoch milliseconds. */
  readonly atMs: number
}

/** What is not known of a node is left out: its thresholds are never crossed. */
export type Observations = ReadonlyMap<EvictionSignal, Observation>
