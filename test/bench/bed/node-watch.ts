import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject, objectAt, stringAt } from '../../../src/cluster/json-object.ts'
import type { KubeClient } from '../../../src/cluster/kube-client.ts'
import { isReady } from './pod-watch.ts'

const watchSeconds = 3600
const lookMs = 20

/** What a client sees of a Node: when its agent has said that it is Ready. */
export class NodeWatch {
  /** Moments (`performance.now()`) in which a new heartbeat of a Ready node was seen. */
  readonly #beats: number[] = []
  #last = ''

  constructor(client: KubeClient, nodeName: string, signal: AbortSignal) {
    this.#run(client, nodeName, signal).catch(() => undefined)
  }

  /** The first moment after that one in which the agent was seen to say so; waits for it until `signal` fires. */
  async readyAfter(afterMs: number, signal: AbortSignal): Promise<number> {
    for (;;) {
      const found = this.#beats.find((atMs) => atMs > afterMs)
      if (found !== undefined) return found
      await delay(lookMs, undefined, { signal })
    }
  }

  async #run(client: KubeClient, nodeName: string, signal: AbortSignal): Promise<void> {
    const path = `/api/v1/nodes?watch=true&timeoutSeconds=${watchSeconds}&fieldSelector=metadata.name=${nodeName}`
    const request = {
      what: 'watch a Node',
      method: 'GET',
      path,
      lane: 'express',
      limitMs: watchSeconds * 1000,
    } as const
    for await (const line of client.lines(request, signal)) {
      if (!isJsonObject(line)) continue
      const { conditions } = objectAt(objectAt(line, 'object'), 'status')
      const beat = (Array.isArray(conditions) ? conditions : [])
        .map((condition: unknown) => (isJsonObject(condition) ? (stringAt(condition, 'lastHeartbeatTime') ?? '') : ''))
        .toSorted()
        .at(-1)
      if (!isReady(conditions) || beat === undefined || beat <= this.#last) continue
      this.#last = beat
      this.#beats.push(performance.now())
    }
  }
}
