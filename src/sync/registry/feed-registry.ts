import type { PodChange } from '../../cluster/known-pods.ts'
import type { ManifestChange } from '../../manifest/reconcile-manifests.ts'
import type { PodEventSink } from '../../model/pod-event.ts'
import { isMirrorPod, podRef } from '../../model/pod.ts'
import type { Logger } from '../../util/log.ts'
import type { MirrorPods } from '../reporting/mirror-pods.ts'
import type { PodRegistry } from './pod-registry.ts'
import type { StatusWriter } from '../reporting/status-writer.ts'

export interface ClusterReaders {
  readonly registry: PodRegistry
  readonly writer: StatusWriter
  readonly mirrors: MirrorPods
}

export interface ManifestReaders {
  readonly registry: PodRegistry
  /** Without a cluster nobody shows static Pods. */
  readonly mirrors: MirrorPods | undefined
  readonly emit: PodEventSink
  readonly log: Logger
}

/** Hands what the API server says of this node's Pods to whom it concerns, until the source ends. */
export async function feedFromCluster(
  changes: AsyncIterable<PodChange>,
  { registry, writer, mirrors }: ClusterReaders,
): Promise<void> {
  for await (const change of changes) {
    switch (change.kind) {
      case 'set':
        if (change.isRewound === true) writer.rewind(change.pod)
        else writer.observe(change.pod)
        if (isMirrorPod(change.pod)) mirrors.set(change.pod)
        else registry.set(change.pod, 'api')
        break
      case 'removed':
        writer.removed(change.pod)
        if (isMirrorPod(change.pod)) mirrors.removed(change.pod)
        else registry.removed(change.pod)
        break
      case 'unreadable':
        registry.spared.ofCluster = change.uids
        break
      case 'synced':
        registry.sourceSynced('api')
        mirrors.listed()
        break
      default:
        change satisfies never
    }
  }
}

/**
 * Hands the static Pods of a folder to the registry, until the source ends. What is wrong with a manifest is logged, and of
 * a Pod that is none for the sake of another there is an event (filterInvalidPods in pkg/kubelet/config/config.go).
 */
export async function feedFromManifests(
  changes: AsyncIterable<ManifestChange>,
  { registry, mirrors, emit, log }: ManifestReaders,
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
        if (change.pod !== undefined) {
          const { pod, message } = change
          emit({ kind: 'pod-rejected', pod: podRef(pod), atMs: Date.now(), reason: 'FailedValidation', message })
        }
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
    mirrors?.look()
  }
}
