import type { EvictionSignal, EvictionThreshold } from '../../model/eviction-threshold.ts'
import { thresholdAmount } from '../../translate/resources/threshold-amount.ts'
import { formatQuantity, parseQuantity, type QuantityFormat } from '../../util/quantity.ts'
import type { DiskLayout } from './disk-layout.ts'
import { signalMeanings, type Observation, type Observations, type StarvedResource } from './signals.ts'

const nanoPerUnit = 1_000_000_000

/** Those of which there is less than they say; with `withReclaim`, less than that and what is to be reclaimed beyond it. */
export function crossedThresholds(
  thresholds: readonly EvictionThreshold[],
  observations: Observations,
  withReclaim: boolean,
): readonly EvictionThreshold[] {
  return thresholds.filter((threshold) => {
    const observed = observations.get(threshold.signal)
    return observed !== undefined && margin(threshold, observed, withReclaim) < 0
  })
}

/** How much more there is than a threshold says; less than nought where it is crossed. */
export function margin(
  { value, minReclaim }: EvictionThreshold,
  { capacity, available }: Observation,
  withReclaim = false,
): number {
  const most = Number(thresholdAmount(value, capacity).nano) / nanoPerUnit
  if (!withReclaim || minReclaim === undefined) return available - most
  return available - most - Number(thresholdAmount(minReclaim, capacity).nano) / nanoPerUnit
}

export function isHard({ graceMs }: EvictionThreshold): boolean {
  return graceMs === 0
}

/**
 * All thresholds with those of the writable layers, which are never given: they are what lies where the layers lie
 * (UpdateContainerFsThresholds). Those that somebody gives count for nothing.
 */
export function withContainerFs(
  thresholds: readonly EvictionThreshold[],
  layout: DiskLayout,
): readonly EvictionThreshold[] {
  const from = layout === 'one' ? 'nodefs' : 'imagefs'
  const given = thresholds.filter(({ signal }) => !signal.startsWith('containerfs.'))
  const copies = (['available', 'inodesFree'] as const).flatMap((what) => {
    const signal = `containerfs.${what}` satisfies EvictionSignal
    const own = given.filter((threshold) => threshold.signal === `${from}.${what}`)
    return [own.findLast(isHard), own.findLast((threshold) => !isHard(threshold))].flatMap((threshold) =>
      threshold === undefined ? [] : [{ ...threshold, signal }],
    )
  })
  return [...given, ...copies]
}

/** Memory first: without it nothing else works (byEvictionPriority). */
export function byUrgency(thresholds: readonly EvictionThreshold[]): readonly EvictionThreshold[] {
  const rank = ({ signal }: EvictionThreshold): number => (signalMeanings[signal].resource === 'memory' ? 0 : 1)
  return thresholds.toSorted((one, other) => rank(one) - rank(other))
}

/**
 * What the first threshold of a resource says, and what is left, as messages print it;
 * `undefined` where that is not known.
 */
export function crossedBy(
  resource: StarvedResource,
  thresholds: readonly EvictionThreshold[],
  observations: Observations,
): { readonly quantity: string; readonly available: string } | undefined {
  for (const { signal, value } of thresholds) {
    const observed = observations.get(signal)
    if (signalMeanings[signal].resource !== resource || observed === undefined) continue
    const format: QuantityFormat = resource === 'memory' || resource === 'ephemeral-storage' ? 'binary' : 'decimal'
    return {
      quantity: formatQuantity(thresholdAmount(value, observed.capacity)),
      available: formatQuantity({ nano: parseQuantity(String(observed.available))?.nano ?? 0n, format }),
    }
  }
  return undefined
}
