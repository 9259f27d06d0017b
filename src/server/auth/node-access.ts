import type { Cluster } from '../../cluster/cluster.ts'
import type { AccessQuestion, AccessVerdict, Caller } from '../../model/access.ts'
import { askPatiently } from './ask-patiently.ts'
import { notAllowed, notJudged } from './refusals.ts'
import { SharedAnswers } from './shared-answers.ts'
import { subresourcesOf, verbOf } from './subresources.ts'

export interface NodeAccessOptions {
  readonly nodeName: string
  readonly cluster: Pick<Cluster, 'reviewAccess'>
  /** How long a yes and anything else need no further question; 0 for not at all. */
  readonly authorizedTtlMs: number
  readonly unauthorizedTtlMs: number
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

/** As many as the kubelet's. */
const capacity = 8192

/** What callers may do with this node, as the API server says (--authorization-mode Webhook). */
export class NodeAccess {
  readonly #options: NodeAccessOptions
  readonly #answers: SharedAnswers<AccessVerdict>

  constructor(options: NodeAccessOptions) {
    this.#options = options
    const { authorizedTtlMs, unauthorizedTtlMs, signal } = options
    const keepMs = ({ kind }: AccessVerdict): number => (kind === 'allowed' ? authorizedTtlMs : unauthorizedTtlMs)
    this.#answers = new SharedAnswers({ capacity, keepMs, signal })
  }

  /**
   * Resolves when one of the subresources that would do is the caller's. Throws `forbidden` (403) when none is,
   * `internal` (500) when that could not be found out of one, and `aborted` when `signal` fires.
   */
  async require(caller: Caller, method: string, path: string, signal: AbortSignal): Promise<void> {
    const verb = verbOf(method)
    const subresources = subresourcesOf(path)
    for (const subresource of subresources) {
      const question = { caller, verb, nodeName: this.#options.nodeName, subresource }
      // One after the other: the first is nearly always enough, or known.
      const { kind } = await this.#judge(question, signal)
      if (kind === 'allowed') return
    }
    throw notAllowed(caller.name, verb, subresources)
  }

  async #judge(question: AccessQuestion, signal: AbortSignal): Promise<AccessVerdict> {
    const ask = (askSignal: AbortSignal): Promise<AccessVerdict> =>
      askPatiently(() => this.#options.cluster.reviewAccess(question, askSignal), askSignal)
    try {
      return await this.#answers.get(JSON.stringify(question), ask, signal)
    } catch (error) {
      if (signal.aborted) throw error
      throw notJudged(question.caller.name, question.verb, question.subresource, error)
    }
  }
}
