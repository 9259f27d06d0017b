import { hash } from 'node:crypto'
import type { KubeEvent } from '../../model/kube.ts'
import type { Patch } from '../cluster.ts'
import { LruMap } from '../../util/lru-map.ts'
import { eventName, eventTime } from './make-event.ts'
import { takeToken, type Rate, type TokenBucket } from '../../util/token-bucket.ts'

/** What to do about an event that was recorded. */
export type EventDecision =
  | { readonly kind: 'create'; readonly event: KubeEvent }
  /** It is `event`, stored before, once more; where the server has forgotten that, `event` is to be created. */
  | { readonly kind: 'patch'; readonly event: KubeEvent; readonly patch: Patch }
  /** Too many about the same object. */
  | { readonly kind: 'drop' }

/** Messages of one reason about one object, of late. */
interface Similar {
  /** Each once, the oldest first. */
  readonly messages: readonly string[]
  readonly lastMs: number
}

/** The event in the API server that stands for all of its kind. */
interface Stored {
  readonly name: string
  readonly count: number
  readonly firstTimestamp: string | undefined
}

/** So many different messages … */
const similarLimit = 10
/** … no further apart than this are combined. */
const similarWindowMs = 600_000
/** For each object, Normal and Warning apart: 25 at once, then one every five minutes. */
const spamRate: Rate = { burst: 25, perSecond: 1 / 300 }
const cacheSize = 4096
const combinedPrefix = '(combined from similar events): '

/**
 * Decides what the API server hears of the events that happen: the same again counts up, many of a kind become one,
 * and an object that goes on and on is cut short. No clock and no I/O. The rules and numbers are the kubelet's, from
 * client-go's tools/record/events_cache.go.
 */
export class EventCorrelator {
  readonly #similar = new LruMap<string, Similar>(cacheSize)
  readonly #stored = new LruMap<string, Stored>(cacheSize)
  readonly #buckets = new LruMap<string, TokenBucket>(cacheSize)

  correlate(event: KubeEvent, nowMs: number): EventDecision {
    const { key, combined } = this.#combine(event, nowMs)
    const counted = this.#count(key, combined)
    if (this.#isSpam(event, nowMs)) return { kind: 'drop' }
    if (counted.count === 1) return { kind: 'create', event: counted }
    const { count, lastTimestamp, message } = counted
    return { kind: 'patch', event: counted, patch: { count, lastTimestamp, message } }
  }

  /** The event itself, or the one that stands for the many like it. */
  #combine(event: KubeEvent, nowMs: number): { readonly key: string; readonly combined: KubeEvent } {
    const key = keyOf(event)
    const before = this.#similar.get(key)
    const recent = before !== undefined && nowMs - before.lastMs <= similarWindowMs ? before.messages : []
    const { message: own = '' } = event
    const messages = recent.includes(own) ? recent : [...recent, own]
    const many = messages.length >= similarLimit
    this.#similar.set(key, { messages: many ? messages.slice(1) : messages, lastMs: nowMs })
    if (!many) {
      return { key: digest([key, event.involvedObject.fieldPath, event.message]), combined: event }
    }
    const time = eventTime(nowMs)
    const metadata = {
      ...event.metadata,
      name: eventName(event.involvedObject.name ?? '', BigInt(nowMs) * 1_000_000n),
    }
    const message = combinedPrefix + own
    return { key, combined: { ...event, metadata, message, firstTimestamp: time, lastTimestamp: time } }
  }

  /** The event with the name, the first time and the count of what it repeats. */
  #count(key: string, event: KubeEvent): KubeEvent & { readonly count: number } {
    const before = this.#stored.get(key)
    const count = (before?.count ?? 0) + 1
    const counted = { ...event, count }
    const name = before?.name ?? event.metadata.name ?? ''
    const firstTimestamp = before?.firstTimestamp ?? event.firstTimestamp
    this.#stored.set(key, { name, count, firstTimestamp })
    if (before === undefined || firstTimestamp === undefined) return counted
    return { ...counted, metadata: { ...event.metadata, name }, firstTimestamp }
  }

  #isSpam(event: KubeEvent, nowMs: number): boolean {
    const key = digest([...identityOf(event), event.type])
    const { bucket, waitMs } = takeToken(this.#buckets.get(key), spamRate, nowMs)
    this.#buckets.set(key, bucket)
    return waitMs > 0
  }
}

/** Of the same kind: everything but message, place within the object, and time. */
function keyOf(event: KubeEvent): string {
  return digest([...identityOf(event), event.type, event.reason, event.reportingComponent, event.reportingInstance])
}

function identityOf({ source, involvedObject: object }: KubeEvent): readonly (string | undefined)[] {
  return [source?.component, source?.host, object.kind, object.namespace, object.name, object.uid, object.apiVersion]
}

/** What thousands of keys are kept by: as text they would be a third of all that is remembered of events. */
function digest(parts: readonly (string | undefined)[]): string {
  return hash('sha1', JSON.stringify(parts), 'base64')
}
