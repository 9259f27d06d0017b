/** What a node watches so that it does not run short (pkg/kubelet/eviction/api/types.go). */
export const evictionSignals = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'containerfs.available',
  'containerfs.inodesFree',
  'allocatableMemory.available',
  'pid.available',
] as const
export type EvictionSignal = (typeof evictionSignals)[number]

/** So much, as a quantity is printed, or such a part of what there is, from 0 to 1. */
export type ThresholdValue =
  | { readonly kind: 'quantity'; readonly quantity: string }
  | { readonly kind: 'share'; readonly share: number }

/** When less than `value` of something is left, Pods have to go. */
export interface EvictionThreshold {
  readonly signal: EvictionSignal
  readonly value: ThresholdValue
  /** For so long it must have been less; 0 of a hard threshold. */
  readonly graceMs: number
  /** So much more than `value` must be left before that is over. */
  readonly minReclaim?: ThresholdValue
}

/** The conditions of a node that runs short, in the order in which it shows them. */
export const pressureConditions = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const
export type PressureCondition = (typeof pressureConditions)[number]
