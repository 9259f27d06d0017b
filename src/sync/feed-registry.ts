import type { PodChange } from '../cluster/known-pods.ts'
import type { ManifestChange } from '../manifest/reconcile-manifests.ts'
import type { Logger } from '../util/log.ts'
import type { PodRegistry } from './pod-registry.ts'
import type { StatusWriter } from './status-writer.ts'

/** Hands what the API server says of this node's Pods to the registry, until the source ends. */
export async function feedFromCluster(
  changes: AsyncIterable<PodChange>,
  registry: PodRegistry,
  writer: StatusWriter,
): Promise<void> {
  for await (const change of changes) {
    switch (change.kind) {
      case 'set':
        writer.observe(change.pod)
        registry.set(change.pod, 'api')
        break
      case 'removed':
        writer.removed(change.pod)
        registry.removed(change.pod)
        break
      case 'synced':
        registry.sourceSynced('api')
        break
      default:
        change satisfies never
    }
  }
}

/** Hands the static Pods of a folder to the registry, until the source ends. What is wrong with a manifest is logged. */
export async function feedFromManifests(
  changes: AsyncIterable<ManifestChange>,
  registry: PodRegistry,
  log: Logger,
): Promise<void> {
  for await (const change of changes) {
    switch (change.kind) {
      case 'set':
        registry.set(change.pod, 'file')
        break
      case 'removed':
        registry.removed(change.pod)
        break
      case 'invalid':
        log.error('A manifest is not used', { file: change.file, reason: change.message })
        break
      case 'warning':
        log.warn('A manifest says something that means nothing', { file: change.file, reason: change.message })
        break
      case 'synced':
        registry.sourceSynced('file', change.isComplete)
        break
      default:
        change satisfies never
    }
  }
}
