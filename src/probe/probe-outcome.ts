/** What came of asking once. */
export type ProbeOutcome =
  | { readonly kind: 'success' }
  /** It counts as success, and is told. */
  | { readonly kind: 'warning'; readonly output: string }
  | { readonly kind: 'failure'; readonly output: string }
  /** It could not be asked: that says nothing of the container. `state` is the kubelet's word for it in its event. */
  | { readonly kind: 'error'; readonly state: 'unknown' | 'failure'; readonly message: string }
