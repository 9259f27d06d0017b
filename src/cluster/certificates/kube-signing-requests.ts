import type { SigningRequest, SigningRequestDraft } from '../../model/signing-request.ts'
import type { Listing, WatchEvent } from '../listing.ts'
import type { JsonClient } from '../kube-client.ts'
import type { KubeCollection, KubeLists } from '../kube-lists.ts'
import { decodeSigningRequest, requireSigningRequest, signingRequestObject } from './decode-signing-request.ts'
import type { SigningRequests } from './signing-requests.ts'

const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

/** Requests for certificates on a real API server. */
export class KubeSigningRequests implements SigningRequests {
  readonly #client: JsonClient
  readonly #lists: KubeLists

  constructor(client: JsonClient, lists: KubeLists) {
    this.#client = client
    this.#lists = lists
  }

  async create(draft: SigningRequestDraft, signal: AbortSignal): Promise<SigningRequest> {
    const what = `create certificate signing request${draft.name === undefined ? '' : ` "${draft.name}"`}`
    const body = signingRequestObject(draft)
    return requireSigningRequest(what, await this.#client.request({ what, method: 'POST', path, body }, signal))
  }

  async get(name: string, signal: AbortSignal): Promise<SigningRequest> {
    const what = `get certificate signing request "${name}"`
    const request = { what, method: 'GET', path: `${path}/${encodeURIComponent(name)}` } as const
    return requireSigningRequest(what, await this.#client.request(request, signal))
  }

  list(name: string, signal: AbortSignal): Promise<Listing<SigningRequest>> {
    return this.#lists.list(oneOf(name), signal)
  }

  watch(name: string, resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<SigningRequest>> {
    return this.#lists.watch(oneOf(name), resourceVersion, signal)
  }
}

function oneOf(name: string): KubeCollection<SigningRequest> {
  return {
    kind: 'certificate signing request',
    what: `certificate signing request "${name}"`,
    path,
    query: { fieldSelector: `metadata.name=${name}` },
    decode: decodeSigningRequest,
  }
}
