/** Steps of a start that wait for a turn among the node's Pods. */
export type StartStep =
  | { readonly kind: 'create-sandbox' | 'start-sandbox' | 'start-container' }
  /** `attempt` 0 is the first instance of a container, others come after one that ended. */
  | { readonly kind: 'create-container'; readonly attempt: number }

/**
 * Whose turn comes first: the higher number, and of the same who has waited longest. Who is further along goes first:
 * of many Pods at once the first is then Ready within a second or two, not with the last. But what comes again waits
 * behind whoever has come before: a hundred containers that end at once would otherwise keep every new Pod from its start.
 */
export function turnPriority(step: StartStep): number {
  switch (step.kind) {
    case 'create-sandbox':
      return 0
    case 'start-sandbox':
      return 1
    case 'create-container':
      return step.attempt === 0 ? 2 : 0
    case 'start-container':
      return 3
    default:
      return step satisfies never
  }
}
