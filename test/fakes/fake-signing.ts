import type { SigningRequests } from '../../src/cluster/certificates/signing-requests.ts'
import type { Listing, WatchEvent } from '../../src/cluster/listing.ts'
import type { SigningRequest, SigningRequestDraft, SigningVerdict } from '../../src/model/signing-request.ts'
import { FakeAuthority } from './fake-authority.ts'
import type { ObjectServer } from './fake-objects.ts'
import { created, found } from './stored.ts'
import { WatchLog } from './watch-log.ts'

/** What an approver and the signer do with a request that has just come, if anything. */
export type Approver = (request: SigningRequest, draft: SigningRequestDraft) => void

/** The CertificateSigningRequests of a fake API server. */
export class FakeSigning {
  readonly authority = new FakeAuthority()
  readonly watches = new WatchLog<SigningRequest>()
  /** Every request that was made, in order. */
  readonly drafts: SigningRequestDraft[] = []
  /** Runs for each new request. */
  approver: Approver | undefined
  readonly #server: Pick<ObjectServer, 'version' | 'changed'>
  readonly #requests = new Map<string, SigningRequest>()

  constructor(server: Pick<ObjectServer, 'version' | 'changed'>) {
    this.#server = server
  }

  get requests(): readonly SigningRequest[] {
    return [...this.#requests.values()]
  }

  create(draft: SigningRequestDraft): SigningRequest {
    const name = draft.name ?? `csr-${this.drafts.length + 1}`
    const { signerName, request: text } = draft
    const stored = { metadata: { name, uid: '' }, signerName, request: text, verdict: { kind: 'pending' } } as const
    const request = this.#put(created<SigningRequest>(stored, this.#requests.get(name)))
    this.drafts.push(draft)
    this.approver?.(request, draft)
    return request
  }

  require(name: string): SigningRequest {
    return found(this.#requests.get(name), `certificatesigningrequests.certificates.k8s.io "${name}"`)
  }

  list(name: string): Listing<SigningRequest> {
    return {
      items: this.requests.filter(({ metadata }) => metadata.name === name),
      resourceVersion: this.#server.version,
    }
  }

  watch(name: string, version: string, signal: AbortSignal): AsyncGenerator<WatchEvent<SigningRequest>> {
    return this.watches.read(name, Number(version), signal)
  }

  decide(name: string, verdict: SigningVerdict): void {
    this.#put({ ...this.require(name), verdict })
  }

  /** Approves and signs it, for that time (epoch milliseconds). */
  issue(name: string, validFromMs: number, validUntilMs: number): void {
    const certificatePem = this.authority.sign(this.require(name).request, validFromMs, validUntilMs)
    this.decide(name, { kind: 'issued', certificatePem })
  }

  delete(name: string): void {
    const object = this.require(name)
    this.#requests.delete(name)
    const metadata = { ...object.metadata, resourceVersion: this.#server.changed() }
    this.watches.append(Number(this.#server.version), name, { kind: 'deleted', object: { ...object, metadata } })
  }

  #put(request: SigningRequest): SigningRequest {
    const object = { ...request, metadata: { ...request.metadata, resourceVersion: this.#server.changed() } }
    this.#requests.set(object.metadata.name, object)
    this.watches.append(Number(this.#server.version), object.metadata.name, { kind: 'set', object })
    return object
  }
}

/** A node's way to them; `enter` runs before each call. */
export function fakeSigningRequests(
  signing: FakeSigning,
  enter: (method: keyof SigningRequests, name: string, signal: AbortSignal) => Promise<void>,
): SigningRequests {
  return {
    create: async (draft, signal) => {
      await enter('create', draft.name ?? '', signal)
      return signing.create(draft)
    },
    get: async (name, signal) => {
      await enter('get', name, signal)
      return signing.require(name)
    },
    list: async (name, signal) => {
      await enter('list', name, signal)
      return signing.list(name)
    },
    async *watch(name, resourceVersion, signal) {
      await enter('watch', name, signal)
      yield* signing.watch(name, resourceVersion, signal)
    },
  }
}
