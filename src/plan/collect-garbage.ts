import type { PodAction } from '../model/action.ts'
import type { ObservedPod } from '../model/observed.ts'

/** Instances of one container that are kept: the newest, and the one before it for `lastState` and previous logs. */
const keptInstances = 2

/**
 * The records of a living Pod that nobody needs: instances older than the last two of a container, those that were
 * replaced without ever having been started, and sandboxes that were replaced and do not run (the kubelet's container GC
 * with one dead container per Pod and container name).
 */
export function collectGarbage(observed: ObservedPod): readonly PodAction[] {
  const seen = new Map<string, number>()
  const containers = observed.containers.flatMap((container): PodAction[] => {
    const newer = seen.get(container.name) ?? 0
    const neverRan = newer > 0 && container.state.phase === 'created'
    if (!neverRan) seen.set(container.name, newer + 1)
    if ((newer < keptInstances && !neverRan) || container.state.phase === 'running') return []
    return [
      {
        kind: 'remove-container',
        id: container.id,
        containerName: container.name,
        reason: 'newer instances took its place',
      },
    ]
  })
  const sandboxes = observed.sandboxes
    .slice(1)
    .filter((sandbox) => sandbox.state.phase !== 'running')
    .map((sandbox): PodAction => ({ kind: 'remove-sandbox', id: sandbox.id, reason: 'a newer one took its place' }))
  return [...containers, ...sandboxes]
}
