import { randomUUID } from 'node:crypto'
import type { KubeEvent } from '../../model/kube.ts'

/**
 * What an Event is about: the API's ObjectReference. Nodes have no namespace, and the kubelet
 * gives their name for the UID.
 */
export interface EventSubject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion?: string
  /** `spec.containers{web}` */
  readonly fieldPath?: string
}

/** What happened to it, in the kubelet's words. */
export interface EventRecord {
  readonly object: EventSubject
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  readonly annotations?: Readonly<Record<string, string>>
}

const longestName = 253

/** An Event as the kubelet makes it, seen once, at `atNanos` (since the epoch), by the kubelet of node `host`. */
export function makeEvent(record: EventRecord, host: string, atNanos: bigint): KubeEvent {
  const { object, type, reason, message, annotations } = record
  const time = eventTime(Number(atNanos / 1_000_000n))
  return {
    apiVersion: 'v1',
    kind: 'Event',
    // What belongs to no namespace is recorded in the default one (makeEvent in client-go's tools/record/event.go).
    metadata: {
      name: eventName(object.name, atNanos),
      namespace: object.namespace ?? 'default',
      ...(annotations !== undefined && { annotations }),
    },
    involvedObject: object,
    type,
    reason,
    message,
    source: { component: 'kubelet', host },
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    reportingComponent: 'kubelet',
    reportingInstance: host,
  }
}

/** `<name>.<nanoseconds in hex>`; a UUID where that would be longer than a name may be, as today's client-go does. */
export function eventName(objectName: string, atNanos: bigint): string {
  const name = `${objectName}.${atNanos.toString(16)}`
  return name.length > longestName ? randomUUID() : name
}

/** The API's `Time`: seconds, UTC. */
export function eventTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -5)}Z`
}
