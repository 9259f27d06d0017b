import { setTimeout as delay } from 'node:timers/promises'
import type { ChaosBed } from './fault.ts'
import { violations } from './invariants/invariants.ts'
import type { Snapshot } from './invariants/snapshot.ts'
import { takeSnapshot } from './invariants/take-snapshot.ts'
import type { Wanted } from './workload/steps.ts'

/**
 * It only ends the wait for what will never come: a container that crashes waits up to half
 * a minute to be started again.
 */
const deadlineMs = 75_000
const periodMs = 300

export interface Settled {
  readonly snapshot: Snapshot | undefined
  /** What is wrong when there was time for everything; nothing where all is well. */
  readonly faults: readonly string[]
  readonly tookMs: number
}

/** Looks at the node until all is as it must be, twice in a row, or until it would have been long ago. */
export async function settle(bed: ChaosBed, wanted: Wanted, signal: AbortSignal): Promise<Settled> {
  const startedAtMs = performance.now()
  for (let good = 0; ; await delay(periodMs, undefined, { signal })) {
    const { snapshot, faults } = await look(bed, wanted, signal)
    good = faults.length === 0 ? good + 1 : 0
    const tookMs = performance.now() - startedAtMs
    if (good === 2 || tookMs > deadlineMs) return { snapshot, faults, tookMs }
  }
}

async function look(bed: ChaosBed, wanted: Wanted, signal: AbortSignal): Promise<Pick<Settled, 'snapshot' | 'faults'>> {
  try {
    const snapshot = await takeSnapshot(bed, wanted, signal)
    return { snapshot, faults: violations(snapshot) }
  } catch (error) {
    if (signal.aborted) throw error
    return { snapshot: undefined, faults: [`the node cannot be looked at: ${String(error)}`] }
  }
}
