import type { KubeClient } from '../../../src/cluster/kube-client.ts'
import { isJsonObject, objectAt, stringAt, type JsonObject } from '../../../src/cluster/json-object.ts'

/** `ended`: all its containers have, for good. */
export type PodChange = 'ready' | 'gone' | 'ended'

/** Longer than any run. */
const watchSeconds = 3600
/** Longer than any Pod takes, however busy the machine: the agent that is measured must be at fault. */
const patienceMs = 600_000

/** A client that watches the Pods of one namespace: what it sees and when is what counts. */
export class PodWatch {
  readonly #waits = new Map<string, (atMs: number) => void>()
  readonly #failed = Promise.withResolvers<never>()

  /** Sees every change from now on; `signal` ends it. */
  constructor(client: KubeClient, namespace: string, signal: AbortSignal) {
    // Whoever waits gets the fault; with nobody waiting it must not count as unhandled.
    this.#failed.promise.catch(() => undefined)
    this.#run(client, namespace, signal).catch((error: unknown) => {
      // Who waits when the run is over waits in vain, and nobody hears of it.
      if (!signal.aborted) this.#failed.reject(error)
    })
  }

  /**
   * The moment (`performance.now()`) in which the Pod was first seen to be so. Ask before it
   * can be; gives up in the end.
   */
  when(name: string, change: PodChange): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const giveUp = (): void => reject(new Error(`Pod "${name}" is not ${change} after ${patienceMs / 1000} s`))
    // It keeps nobody alive whose run is over.
    const timer = setTimeout(giveUp, patienceMs).unref()
    this.#waits.set(`${name} ${change}`, resolve)
    return Promise.race([promise, this.#failed.promise]).finally(() => clearTimeout(timer))
  }

  async #run(client: KubeClient, namespace: string, signal: AbortSignal): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods?watch=true&timeoutSeconds=${watchSeconds}`
    const request = { what: 'watch Pods', method: 'GET', path, lane: 'express', limitMs: watchSeconds * 1000 } as const
    for await (const line of client.lines(request, signal)) {
      if (isJsonObject(line)) this.#take(line)
    }
    throw new Error('The API server ended the watch')
  }

  #take(line: JsonObject): void {
    const atMs = performance.now()
    const pod = objectAt(line, 'object')
    const name = stringAt(objectAt(pod, 'metadata'), 'name') ?? ''
    const key = `${name} ${line['type'] === 'DELETED' ? 'gone' : stateOf(pod)}`
    this.#waits.get(key)?.(atMs)
    this.#waits.delete(key)
  }
}

function stateOf(pod: JsonObject): PodChange | undefined {
  const { phase, conditions } = objectAt(pod, 'status')
  if (phase === 'Succeeded' || phase === 'Failed') return 'ended'
  return isReady(conditions) ? 'ready' : undefined
}

/** By the conditions of a Pod or a Node. */
export function isReady(conditions: unknown): boolean {
  return (
    Array.isArray(conditions) &&
    conditions.some((entry: unknown) => isJsonObject(entry) && entry['type'] === 'Ready' && entry['status'] === 'True')
  )
}
