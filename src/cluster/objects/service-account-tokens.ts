import type { KubeletError } from '../../model/errors.ts'
import type { PodUid } from '../../model/ids.ts'
import type { TokenRequest } from '../../model/kube.ts'
import type { Cluster } from '../cluster.ts'
import { keyOf, PodToken, type HeldToken } from './pod-token.ts'

export interface ServiceAccountTokensOptions {
  readonly cluster: Pick<Cluster, 'createToken'>
  /** A token that is good for a while yet could not be renewed. */
  readonly onFault: (request: TokenRequest, error: KubeletError) => void
  /** From 0 to 1. Default: `Math.random`. */
  readonly random?: () => number
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

/**
 * The tokens of the Pods here, in memory alone: an agent that is started anew asks for others. Each is bound to its Pod, so
 * no two Pods share one, and all of a Pod's are forgotten with it. When a new one is to be had: pod-token.ts.
 */
export class ServiceAccountTokens implements AsyncDisposable {
  readonly #options: ServiceAccountTokensOptions
  readonly #pods = new Map<PodUid, Map<string, PodToken>>()
  /** Requests on their way to their end. */
  readonly #ending = new Set<Promise<void>>()

  constructor(options: ServiceAccountTokensOptions) {
    this.#options = options
  }

  /** A token that is good, for a Pod that it is bound to. Throws what `PodToken.read` throws. */
  get(uid: PodUid, request: TokenRequest, signal: AbortSignal): Promise<HeldToken> {
    return this.#token(uid, request).read(signal)
  }

  /** The Pod reads nothing any more. */
  forget(uid: PodUid): void {
    for (const token of this.#pods.get(uid)?.values() ?? []) {
      const done = token.stop().finally(() => this.#ending.delete(done))
      this.#ending.add(done)
    }
    this.#pods.delete(uid)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const uid of this.#pods.keys()) this.forget(uid)
    await Promise.all(this.#ending)
  }

  #token(uid: PodUid, request: TokenRequest): PodToken {
    const tokens = this.#pods.get(uid) ?? new Map<string, PodToken>()
    this.#pods.set(uid, tokens)
    const key = keyOf(request)
    const token = tokens.get(key) ?? this.#newToken(request)
    tokens.set(key, token)
    return token
  }

  #newToken(request: TokenRequest): PodToken {
    const { onFault, random = Math.random, ...options } = this.#options
    return new PodToken(request, { ...options, random, onFault: (error) => onFault(request, error) })
  }
}
