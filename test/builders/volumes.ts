import type { VolumeFacts } from '../../src/volume/pod-volumes.ts'
import { aPod } from './pod.ts'

/** What volumes show where there is nothing to show. */
export function volumeFacts(change: Partial<VolumeFacts> = {}): VolumeFacts {
  return {
    nowMs: 0,
    leftAlone: new Set(),
    claims: new Map(),
    node: {},
    refreshAtMs: undefined,
    objects: new Map(),
    tokens: new Map(),
    pod: aPod(),
    allocatable: {},
    ...change,
  }
}
