import type { Cluster } from '../cluster/cluster.ts'
import type { Secret } from '../model/kube.ts'

interface Look {
  readonly answer: Promise<Secret>
  readonly askedAtMs: number
}

/**
 * How long an answer is good for. Pods that come together share it, so a secret costs one request in this time at most,
 * however many Pods name it; and the first retry of a pull, 10 s after it has failed, sees what has changed since.
 */
const goodForMs = 10_000

/**
 * Secrets by name, each asked for once at a time. A failure is told to those who wait for it and not kept, so a secret
 * that is created late is found at the next look. What is too old is dropped at the next look of anybody.
 */
export class SecretCache {
  readonly #cluster: Pick<Cluster, 'getSecret'>
  /** Ends with the agent: one Pod's end must not fail the others that wait for the same answer. */
  readonly #signal: AbortSignal
  readonly #looks = new Map<string, Look>()

  constructor(cluster: Pick<Cluster, 'getSecret'>, signal: AbortSignal) {
    this.#cluster = cluster
    this.#signal = signal
  }

  /** Throws what `Cluster.getSecret` throws. */
  get(namespace: string, name: string): Promise<Secret> {
    const nowMs = Date.now()
    for (const [key, { askedAtMs }] of this.#looks) if (nowMs - askedAtMs >= goodForMs) this.#looks.delete(key)
    const key = `${namespace}/${name}`
    const known = this.#looks.get(key)
    if (known !== undefined) return known.answer
    const look = { answer: this.#cluster.getSecret(namespace, name, this.#signal), askedAtMs: nowMs }
    this.#looks.set(key, look)
    look.answer.catch(() => {
      if (this.#looks.get(key) === look) this.#looks.delete(key)
    })
    return look.answer
  }
}
