import { KubeletError } from '../../model/errors.ts'
import type { IssuedToken, TokenRequest } from '../../model/kube.ts'
import { abortable } from '../../util/abortable.ts'
import { Bell } from '../../util/bell.ts'
import { goQuote } from '../../util/go-quote.ts'
import type { Cluster } from '../cluster.ts'

export interface PodTokenOptions {
  readonly cluster: Pick<Cluster, 'createToken'>
  /** It could not be renewed, and is good for a while yet. */
  readonly onFault: (error: KubeletError) => void
  /** From 0 to 1. */
  readonly random: () => number
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

/** A token that is good now. */
export interface HeldToken {
  readonly token: string
  /** From then on who reads it gets a newer one; epoch milliseconds. */
  readonly renewAtMs: number
}

/** The kubelet's limits (pkg/kubelet/token/token_manager.go). */
const longestMs = 24 * 3600 * 1000
const renewedAfter = 0.8
const mostJitterMs = 10_000
/** After a renewal that failed. */
const retryAfterMs = 10_000
/** The server's authorizer and admission learn of a Pod a moment after it was bound: until then they refuse its tokens. */
const boundWithinMs = 1000
const firstRetryMs = 20

/**
 * One token of a Pod: asked for once however many read it, and anew when it is read after 80 % of its life or 24 h. Its life
 * counts from when it was asked for, by this node's clock: the API server's need not agree with it.
 */
export class PodToken {
  readonly #request: TokenRequest
  readonly #options: PodTokenOptions
  readonly #stop = new AbortController()
  #held: (HeldToken & { readonly expiresAtMs: number }) | undefined
  #renewal: Promise<HeldToken> | undefined

  constructor(request: TokenRequest, options: PodTokenOptions) {
    this.#request = request
    this.#options = options
  }

  /**
   * Throws in the kubelet's words why there is no first one, or no other after it has expired; `aborted` when `signal` fires
   * before there is one, or `stop` was called.
   */
  read(signal: AbortSignal): Promise<HeldToken> {
    return abortable(this.#current(), signal, `Stopped waiting for a token of "${this.#request.serviceAccount}"`)
  }

  /** Resolves when nothing of it goes on. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#renewal?.catch(() => {})
  }

  async #current(): Promise<HeldToken> {
    if (this.#held !== undefined && Date.now() < this.#held.renewAtMs) return this.#held
    this.#renewal ??= this.#renewed().finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #renewed(): Promise<HeldToken> {
    const signal = AbortSignal.any([this.#options.signal, this.#stop.signal])
    const held = this.#held
    const askedAtMs = Date.now()
    try {
      const issued = await (held === undefined ? this.#first(signal) : this.#ask(signal))
      this.#held = this.#taken(issued, askedAtMs)
      return this.#held
    } catch (error) {
      const fault = KubeletError.from(error)
      if (fault.code === 'aborted') throw fault
      if (held === undefined) throw worded('failed to fetch token', fault)
      if (held.expiresAtMs <= Date.now()) {
        this.#held = undefined
        throw worded(`token ${keyOf(this.#request)} expired and refresh failed`, fault)
      }
      this.#options.onFault(fault)
      const waitMs = Math.max(retryAfterMs, (fault.retryAfterSeconds ?? 0) * 1000)
      this.#held = { ...held, renewAtMs: Date.now() + waitMs }
      return this.#held
    }
  }

  /** Tries for a moment while the server may not know yet that the Pod is this node's. */
  async #first(signal: AbortSignal): Promise<IssuedToken> {
    const untilMs = Date.now() + boundWithinMs
    for (let waitMs = firstRetryMs; ; waitMs *= 2) {
      try {
        return await this.#ask(signal)
      } catch (error) {
        const nextAtMs = Date.now() + waitMs
        if (!KubeletError.is(error, 'forbidden', 'not-found') || nextAtMs > untilMs) throw error
        await new Bell().wait(nextAtMs, signal)
      }
    }
  }

  async #ask(signal: AbortSignal): Promise<IssuedToken> {
    if (this.#request.serviceAccount === '') throw new KubeletError('invalid', 'resource name may not be empty')
    return this.#options.cluster.createToken(this.#request, signal)
  }

  #taken({ token, lifetimeSeconds }: IssuedToken, askedAtMs: number): HeldToken & { readonly expiresAtMs: number } {
    const lifetimeMs = lifetimeSeconds * 1000
    const ageMs = Math.min(longestMs, lifetimeMs * renewedAfter) - this.#options.random() * mostJitterMs
    return {
      token,
      renewAtMs: Math.max(askedAtMs + ageMs, Date.now() + retryAfterMs),
      expiresAtMs: askedAtMs + lifetimeMs,
    }
  }
}

function worded(what: string, fault: KubeletError): KubeletError {
  return new KubeletError(fault.code, `${what}: ${fault.reason ?? fault.message}`, { cause: fault })
}

/** What tells one token from another, as the kubelet writes it: nothing of it is a secret. */
export function keyOf({ namespace, serviceAccount, spec }: TokenRequest): string {
  const { audiences, expirationSeconds = 0, boundObjectRef: { kind, apiVersion, name, uid } = {} } = spec
  const list = audiences === undefined ? '(nil)' : `{${audiences.map(goQuote).join(', ')}}`
  const fields = { Kind: kind, APIVersion: apiVersion, Name: name, UID: uid }
  const ref = Object.entries(fields).map(([field, value = '']) => `${field}:${goQuote(value)}`)
  const names = [serviceAccount, namespace].map(goQuote).join('/')
  return `${names}/[]string${list}/${expirationSeconds}/v1.BoundObjectReference{${ref.join(', ')}}/""`
}
