import { createHmac, randomBytes } from 'node:crypto'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Caller, TokenVerdict } from '../../model/access.ts'
import { KubeletError } from '../../model/errors.ts'
import { askPatiently } from './ask-patiently.ts'
import { SharedAnswers } from './shared-answers.ts'

export interface KnownTokensOptions {
  readonly cluster: Pick<Cluster, 'reviewToken'>
  /** How long a token that is known needs no further question; 0 for not at all. */
  readonly cacheTtlMs: number
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

const capacity = 4096

/** Whose tokens are, as the API server says. No token is kept: what it is known by cannot be turned back into it. */
export class KnownTokens {
  readonly #cluster: KnownTokensOptions['cluster']
  readonly #answers: SharedAnswers<TokenVerdict>
  readonly #secret = randomBytes(32)

  constructor({ cluster, cacheTtlMs, signal }: KnownTokensOptions) {
    this.#cluster = cluster
    // One that is not known now may be in a moment: its ServiceAccount is new, or the server's cache is old.
    const keepMs = ({ kind }: TokenVerdict): number => (kind === 'known' ? cacheTtlMs : 0)
    this.#answers = new SharedAnswers({ capacity, keepMs, signal })
  }

  /** Throws `unauthorized` with the server's reason for a token that it does not know, and what kept it from saying. */
  async callerOf(token: string, signal: AbortSignal): Promise<Caller> {
    const key = createHmac('sha256', this.#secret).update(token).digest('base64')
    const ask = (askSignal: AbortSignal): Promise<TokenVerdict> =>
      askPatiently(() => this.#cluster.reviewToken(token, askSignal), askSignal)
    const verdict = await this.#answers.get(key, ask, signal)
    if (verdict.kind === 'known') return verdict.caller
    throw new KubeletError('unauthorized', verdict.reason)
  }
}
