import type { PodAction } from '../model/action.ts'
import type { ObservedPod } from '../model/observed.ts'

/**
 * The records of a living Pod that nobody needs: instances of a container beyond the newest and `kept` before it, which
 * `lastState` and previous logs are about; those that were replaced without ever having been started; and sandboxes
 * that were replaced, do not run and have no container left (the kubelet's container deletor,
 * pkg/kubelet/pod_container_deletor.go). What the node as a whole has no room for is found in garbage/dead-containers.
 */
export function collectGarbage(observed: ObservedPod, kept: number): readonly PodAction[] {
  const seen = new Map<string, number>()
  const removed = observed.containers.filter((container) => {
    const newer = seen.get(container.name) ?? 0
    const neverRan = newer > 0 && container.state.phase === 'created'
    if (!neverRan) seen.set(container.name, newer + 1)
    return (newer > kept || neverRan) && container.state.phase !== 'running'
  })
  const inhabited = new Set(
    observed.containers.filter((container) => !removed.includes(container)).map(({ sandboxId }) => sandboxId),
  )
  const sandboxes = observed.sandboxes
    .slice(1)
    .filter(({ id, state }) => state.phase !== 'running' && !inhabited.has(id))
    .map((sandbox): PodAction => ({ kind: 'remove-sandbox', id: sandbox.id, reason: 'a newer one took its place' }))
  const containers = removed.map(({ id, name }): PodAction => ({
    kind: 'remove-container',
    id,
    containerName: name,
    reason: 'newer instances took its place',
  }))
  return [...containers, ...sandboxes]
}
