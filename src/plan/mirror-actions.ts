import type { Pod } from '../model/kube.ts'
import { configMirrorAnnotation, isTerminating, podFullName } from '../model/pod.ts'

/** What makes the API server show the static Pods that there are, and no others. */
export type MirrorAction =
  | { readonly kind: 'create'; readonly staticPod: Pod }
  /** Grace 0, and only this very object. */
  | { readonly kind: 'delete'; readonly mirror: Pod }

export interface MirrorFacts {
  /** Static Pods that have a manifest. */
  readonly staticPods: readonly Pod[]
  /** The mirror Pods of this node that the API server has. */
  readonly mirrors: readonly Pod[]
  /** UIDs of Pods that run here, or of which something has still to be ended or taken away. */
  readonly held: ReadonlySet<string>
  /** UIDs of static Pods that had a manifest at any time since this agent started. */
  readonly seen: ReadonlySet<string>
  /** Every manifest has been read: what has none by now is not wanted. Else nobody knows what a broken one stood for. */
  readonly allRead: boolean
}

/**
 * What to do now: each static Pod has one mirror, made from the manifest that it runs from (tryReconcileMirrorPods in
 * pkg/kubelet/kubelet.go). A mirror of another version, or one that somebody has deleted, goes first, and the next look
 * finds none; one whose static Pod is still being ended stays until that is over, so that its end can be seen.
 */
export function mirrorActions(facts: MirrorFacts): readonly MirrorAction[] {
  const wanted = new Map(facts.staticPods.map((pod) => [podFullName(pod), pod]))
  const mirrored = new Set(facts.mirrors.map(podFullName))
  return [
    ...facts.mirrors
      .filter((mirror) => isWrong(mirror, wanted.get(podFullName(mirror)), facts))
      .map((mirror) => ({ kind: 'delete', mirror }) as const),
    ...facts.staticPods
      .filter((pod) => !mirrored.has(podFullName(pod)))
      .map((staticPod) => ({ kind: 'create', staticPod }) as const),
  ]
}

/** The UID of the static Pod that a mirror Pod shows: the hash of its manifest. */
export function mirroredUid(mirror: Pod): string {
  return mirror.metadata.annotations?.[configMirrorAnnotation] ?? ''
}

function isWrong(mirror: Pod, wanted: Pod | undefined, { held, seen, allRead }: MirrorFacts): boolean {
  const uid = mirroredUid(mirror)
  // It has been deleted with grace 0 already, by whomever: only finalizers can still hold it.
  if (mirror.metadata.deletionGracePeriodSeconds === 0) return false
  if (wanted?.metadata.uid === uid) return isTerminating(mirror)
  if (held.has(uid)) return false
  return wanted !== undefined || allRead || seen.has(uid)
}
