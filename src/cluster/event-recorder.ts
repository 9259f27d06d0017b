import { KubeletError } from '../model/errors.ts'
import type { KubeEvent } from '../model/kube.ts'
import { Bell } from '../util/bell.ts'
import { pause } from './back-off.ts'
import type { Cluster } from './cluster.ts'
import { EventCorrelator, type EventDecision } from './events/event-correlator.ts'
import { makeEvent, type EventRecord } from './events/make-event.ts'
import { takeToken, type Rate, type TokenBucket } from '../util/token-bucket.ts'

export interface EventRecorderOptions {
  readonly cluster: Pick<Cluster, 'createEvent' | 'patchEvent'>
  /** The node's name: who says so. */
  readonly host: string
  /** Requests for events, all together (`--event-qps`, `--event-burst`). */
  readonly rate: Rate
  /** Told of events that are lost: refused by the server, never taken, or more than the queue holds. */
  readonly onFault: (error: KubeletError) => void
  /** Between two tries of one event; client-go's 10 s when left out. */
  readonly retryMs?: number
}

const queueLimit = 1000
const mostTries = 12

/**
 * Kubernetes Events of this agent. `record` only queues; `run` sends, one at a time, as client-go's recorder does
 * (tools/record/event.go): while the server is away everything waits its turn, and what the queue can't hold is lost.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #correlator = new EventCorrelator()
  readonly #queue: KubeEvent[] = []
  readonly #recorded = new Bell()
  readonly #sent = new Bell()
  #bucket: TokenBucket | undefined
  #lastNanos = 0n
  #overflowing = false
  #sending = false

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  /** Never waits and never throws: an event that finds the queue full is dropped. */
  record(record: EventRecord): void {
    if (this.#queue.length >= queueLimit) {
      this.#reportOverflow(record)
      return
    }
    this.#queue.push(makeEvent(record, this.#options.host, this.#nextNanos()))
    this.#recorded.ring()
  }

  /** The same about the node itself. The kubelet gives its name for the UID, and kubectl describe looks under both. */
  recordOfNode(text: Omit<EventRecord, 'object'>): void {
    const name = this.#options.host
    this.record({ object: { apiVersion: 'v1', kind: 'Node', name, uid: name }, ...text })
  }

  /** Sends what is recorded until `signal` fires. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const event = this.#queue.shift()
      if (event === undefined) {
        this.#overflowing = false
        await this.#recorded.wait(undefined, signal)
        continue
      }
      this.#sending = true
      await this.#send(event, signal)
      this.#sending = false
      this.#sent.ring()
    }
  }

  /** For one caller, at the end: resolves when everything recorded has been sent or given up, or when `signal` fires. */
  async flush(signal: AbortSignal): Promise<void> {
    while ((this.#sending || this.#queue.length > 0) && !signal.aborted) {
      await this.#sent.wait(undefined, signal)
    }
  }

  async #send(event: KubeEvent, signal: AbortSignal): Promise<void> {
    const decision = this.#correlator.correlate(event, Date.now())
    if (decision.kind === 'drop') return
    for (let tries = 1; !signal.aborted; tries += 1) {
      const fault = await this.#try(decision, signal)
      if (fault === undefined || fault.code === 'aborted') return
      if (!isPassing(fault) || tries === mostTries) {
        this.#options.onFault(fault)
        return
      }
      await pause(this.#retryDelayMs(tries, fault), signal)
    }
  }

  async #try(
    decision: Exclude<EventDecision, { kind: 'drop' }>,
    signal: AbortSignal,
  ): Promise<KubeletError | undefined> {
    try {
      await this.#paced(signal)
      await this.#store(decision, signal)
      return undefined
    } catch (error) {
      return KubeletError.from(error)
    }
  }

  async #store(decision: Exclude<EventDecision, { kind: 'drop' }>, signal: AbortSignal): Promise<void> {
    const { cluster } = this.#options
    const { metadata } = decision.event
    if (decision.kind === 'patch') {
      try {
        await cluster.patchEvent(metadata.namespace ?? '', metadata.name ?? '', decision.patch, signal)
        return
      } catch (error) {
        // Events live for an hour: what is repeated may be gone.
        if (!KubeletError.is(error, 'not-found')) throw error
      }
    }
    await cluster.createEvent(decision.event, signal)
  }

  async #paced(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { bucket, waitMs } = takeToken(this.#bucket, this.#options.rate, Date.now())
      this.#bucket = bucket
      if (waitMs === 0 || signal.aborted) return
      await pause(waitMs, signal)
    }
  }

  #retryDelayMs(tries: number, fault: KubeletError): number {
    const delay = this.#options.retryMs ?? 10_000
    // The first one is random, so that nodes don't all come back at once after the server was away.
    return Math.max(tries === 1 ? delay * Math.random() : delay, (fault.retryAfterSeconds ?? 0) * 1000)
  }

  /** The time now, but never the same twice: it makes the event's name. */
  #nextNanos(): bigint {
    const now = BigInt(Date.now()) * 1_000_000n
    this.#lastNanos = now > this.#lastNanos ? now : this.#lastNanos + 1n
    return this.#lastNanos
  }

  #reportOverflow({ object, reason }: EventRecord): void {
    if (this.#overflowing) return
    this.#overflowing = true
    const what = `event "${reason}" of ${object.kind} "${object.name}"`
    this.#options.onFault(
      new KubeletError('throttled', `Dropping ${what} and those after it: ${queueLimit} events wait to be sent`),
    )
  }
}

/** The server could not be reached or asks for patience: the same event may be taken later. Anything else is final. */
function isPassing(fault: KubeletError): boolean {
  return KubeletError.is(fault, 'unavailable', 'throttled')
}
