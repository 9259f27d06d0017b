import type { PodChange } from '../cluster/known-pods.ts'
import type { PodRegistry, PodSourceName } from './pod-registry.ts'
import type { StatusWriter } from './status-writer.ts'

/** Hands what the API server says of this node's Pods to the registry, until the source ends. */
export async function feedFromCluster(
  changes: AsyncIterable<PodChange>,
  registry: PodRegistry,
  writer: StatusWriter,
): Promise<void> {
  const source: PodSourceName = 'api'
  for await (const change of changes) {
    switch (change.kind) {
      case 'set':
        writer.observe(change.pod)
        registry.set(change.pod, source)
        break
      case 'removed':
        registry.removed(change.pod)
        break
      case 'synced':
        registry.sourceSynced(source)
        break
      default:
        change satisfies never
    }
  }
}
