/** What must be true of a node on which nothing goes wrong any more. Pure. */
import { nodeIsWell } from './node-state.ts'
import { neverRunsTwice, podsAreComplete } from './pods-complete.ts'
import { nothingLiesWithoutItsPod, nothingRunsWithoutItsPod, wantedPodsAreThere } from './pods-there.ts'
import type { Snapshot } from './snapshot.ts'
import { statusesAreTrue } from './statuses.ts'

/** Says what is not as it must be, as sentences; nothing where all is. */
export type Invariant = (snapshot: Snapshot) => readonly string[]

const invariants: readonly Invariant[] = [
  wantedPodsAreThere,
  podsAreComplete,
  statusesAreTrue,
  nothingRunsWithoutItsPod,
  nothingLiesWithoutItsPod,
  neverRunsTwice,
  nodeIsWell,
]

/** All that is wrong. */
export function violations(snapshot: Snapshot): readonly string[] {
  return invariants.flatMap((invariant) => invariant(snapshot))
}
