import type { PodAction } from '../model/action.ts'
import type { PodFacts, VolumeRefresh, VolumesFact } from './pod-facts.ts'

/** What to do for the Pod's volumes now: set them up, bring them up to date, or wait. Nothing while that is under way. */
export function planVolumes(facts: PodFacts): readonly PodAction[] {
  const { volumes } = facts
  if (facts.volumesUnderWay) return []
  switch (volumes.kind) {
    case 'unprepared':
      return [{ kind: 'prepare-volumes', reason: 'the Pod is new here' }]
    case 'ready': {
      const reason = volumes.refresh && refreshReason(volumes.refresh, facts)
      return reason === undefined ? [] : [{ kind: 'prepare-volumes', reason }]
    }
    case 'failed':
      return [retry(volumes, facts)]
    default:
      return volumes satisfies never
  }
}

/** When volumes that are ready are due to be looked at again; `undefined` when nothing in them can change. */
export function nextVolumeRefresh({ volumes, volumesUnderWay }: PodFacts): number | undefined {
  return volumes.kind === 'ready' && !volumesUnderWay ? volumes.refresh?.atMs : undefined
}

function refreshReason(
  { atMs, objectChanges, specChanges }: VolumeRefresh,
  facts: Pick<PodFacts, 'nowMs' | 'objectChanges' | 'specChanges'>,
): string | undefined {
  if (objectChanges < facts.objectChanges) return 'what they are made of has changed'
  if (specChanges < facts.specChanges) return 'the Pod has changed'
  return atMs <= facts.nowMs ? 'their time has come' : undefined
}

function retry(
  { message, retryAtMs, objectChanges }: Extract<VolumesFact, { kind: 'failed' }>,
  facts: PodFacts,
): PodAction {
  if (retryAtMs <= facts.nowMs) return { kind: 'prepare-volumes', reason: 'the last try failed' }
  if (objectChanges < facts.objectChanges) {
    return { kind: 'prepare-volumes', reason: 'the last try failed, and what they are made of has changed' }
  }
  return { kind: 'wait', untilMs: retryAtMs, waiting: { containerName: undefined, reason: 'FailedMount', message } }
}
