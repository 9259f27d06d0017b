import type { SigningRequest, SigningRequestDraft } from '../../model/signing-request.ts'
import type { Listing, WatchEvent } from '../listing.ts'

/**
 * Requests for certificates: the part of the cluster port that a node needs to be somebody. The promises are those of
 * `Cluster`.
 */
export interface SigningRequests {
  /** `conflict` when the name is taken. */
  create(draft: SigningRequestDraft, signal: AbortSignal): Promise<SigningRequest>
  /** `not-found` when there is none of that name. */
  get(name: string, signal: AbortSignal): Promise<SigningRequest>
  /** That one, if it is there. */
  list(name: string, signal: AbortSignal): Promise<Listing<SigningRequest>>
  /** The changes of that one, as `Cluster.watchPods` tells those of Pods. */
  watch(name: string, resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<SigningRequest>>
}
