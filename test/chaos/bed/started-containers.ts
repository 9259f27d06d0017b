import { request, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject, objectAt, stringAt } from '../../../src/cluster/json-object.ts'
import { readLines } from '../../../src/cluster/http/response-body.ts'
import { labels } from '../../../src/model/labels.ts'
import type { Start } from '../invariants/snapshot.ts'

const retryMs = 50

/**
 * Every start of a container of a node, as Docker tells of it itself, past all proxies. A daemon that
 * comes back is listened to again.
 */
export class StartedContainers implements AsyncDisposable {
  readonly #socketPath: string
  readonly #node: string
  readonly #ending = new AbortController()
  readonly #listening: Promise<void>
  #starts: Start[] = []
  /** Docker's time of the last one, `1669622400.000000001`: those are told again that come from then on. */
  #since = ''
  readonly #told = new Set<string>()

  constructor(host: string, node: string) {
    this.#socketPath = host.replace('unix://', '')
    this.#node = node
    this.#listening = this.#listen()
  }

  /** All since the last `forget`. */
  get starts(): readonly Start[] {
    return this.#starts
  }

  forget(): void {
    this.#starts = []
    this.#told.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#listening
  }

  async #listen(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#once().catch(() => 'the daemon is away')
      await delay(retryMs, undefined, { signal: this.#ending.signal }).catch(() => 'it is over')
    }
  }

  async #once(): Promise<void> {
    const filters = encodeURIComponent(
      JSON.stringify({ type: ['container'], event: ['start'], label: [`${labels.node}=${this.#node}`] }),
    )
    const since = this.#since === '' ? '' : `&since=${this.#since}`
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const sent = request(
      {
        socketPath: this.#socketPath,
        path: `/events?filters=${filters}${since}`,
        agent: false,
        signal: this.#ending.signal,
      },
      resolve,
    )
    sent.on('error', reject)
    sent.end()
    for await (const line of readLines(await promise)) this.#take(JSON.parse(line))
  }

  #take(event: unknown): void {
    if (!isJsonObject(event)) return
    const nanoseconds = String(event['timeNano'])
    const actor = objectAt(event, 'Actor')
    const id = stringAt(actor, 'ID') ?? ''
    // Numbers past 2^53 lose their last digits: good enough to begin at, and to know it again.
    if (this.#told.has(`${id} ${nanoseconds}`)) return
    this.#told.add(`${id} ${nanoseconds}`)
    this.#since = String(event['time'])
    const attributes = objectAt(actor, 'Attributes')
    const text = (label: keyof typeof labels): string => stringAt(attributes, labels[label]) ?? ''
    this.#starts.push({ id, uid: text('podUid'), pod: text('podName'), container: text('containerName') })
  }
}
