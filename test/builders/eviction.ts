import type { Observation, Observations } from '../../src/eviction/pressure/signals.ts'
import type { ContainerUse, PodUse } from '../../src/eviction/usage/pod-usage.ts'
import type { EvictionSignal, EvictionThreshold } from '../../src/model/eviction-threshold.ts'

export const mebibyte = 1024 ** 2
export const gibibyte = 1024 ** 3

/** A hard threshold of so much, or so many parts of a hundred, with these changes. */
export function aThreshold(
  signal: EvictionSignal,
  amount: string,
  change: Partial<EvictionThreshold> = {},
): EvictionThreshold {
  return { signal, value: valueOf(amount), graceMs: 0, ...change }
}

export function valueOf(amount: string): EvictionThreshold['value'] {
  return amount.endsWith('%')
    ? { kind: 'share', share: Math.fround(Number.parseFloat(amount) / 100) }
    : { kind: 'quantity', quantity: amount }
}

/** What is seen at that time: of each signal how much is left, of 10 GiB. */
export function seen(left: Partial<Record<EvictionSignal, number>>, atMs = 0): Observations {
  const entries = Object.entries(left).map(([signal, available]): readonly [EvictionSignal, Observation] => [
    signal as EvictionSignal,
    { capacity: 10 * gibibyte, available, atMs },
  ])
  return new Map(entries)
}

/** A Pod that uses nothing, with these changes. */
export function aPodUse(change: Partial<PodUse> = {}): PodUse {
  return { memory: 0, processes: 0, containers: [], volumes: [], hostsFile: undefined, ...change }
}

/** A container that uses so many bytes. */
export function aContainerUse(
  name: string,
  bytes: { readonly memory?: number; readonly rootfs?: number; readonly logs?: number },
): ContainerUse {
  const amount = (count: number | undefined): ContainerUse['rootfs'] =>
    count === undefined ? undefined : { bytes: count, inodes: 1 }
  return { name, memory: bytes.memory, rootfs: amount(bytes.rootfs), logs: amount(bytes.logs) }
}
