/**
 * The node's own word that a Pod is over: it is Failed, with this reason and message, whatever its containers say, as soon
 * as nothing of it runs any more. Its object stays until somebody deletes it.
 */
export type PodVerdict =
  /** It was let in and has to go: its deadline has passed, or its place is needed. */
  | {
      readonly kind: 'ended'
      readonly reason: string
      readonly message: string
      /** Message of a condition `DisruptionTarget`, where the Pod is not to blame; it comes with the phase, not before. */
      readonly disruption?: string
    }
  /** It was never let in: no container of it is made, and nothing is said of any. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly message: string }
