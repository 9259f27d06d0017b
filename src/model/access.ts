/** Who calls this node, and what they ask to do with it: the API server's words for users and their rights. */

/** Somebody who was recognized, by a certificate or by a token. */
export interface Caller {
  readonly name: string
  /** Empty where nobody gave one. */
  readonly uid: string
  readonly groups: readonly string[]
  /** What else the authenticator knows, and the authorizer may want to. */
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** What the API server makes of a bearer token. */
export type TokenVerdict =
  | { readonly kind: 'known'; readonly caller: Caller }
  /** `reason` is the server's, for the log. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** May this caller do this with this node? */
export interface AccessQuestion {
  readonly caller: Caller
  /** `get`, `create`, `update`, `patch`, `delete`; empty for what is none of these. */
  readonly verb: string
  readonly nodeName: string
  /** What of the node: `proxy`, `log`, `metrics`, … */
  readonly subresource: string
}

/** `denied` is a no that no later authorizer may turn; what is neither was allowed by nobody. */
export interface AccessVerdict {
  readonly kind: 'allowed' | 'denied' | 'no-opinion'
  /** The server's, for the log; may be empty. */
  readonly reason: string
}
