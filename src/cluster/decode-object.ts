import { KubeletError } from '../model/errors.ts'
import type {
  DataObject,
  IssuedToken,
  KubeEvent,
  KubeNode,
  Lease,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  RuntimeClass,
  Service,
  ServicePort,
} from '../model/kube.ts'
import type { WatchEvent } from './listing.ts'
import { isJsonObject, objectAt, stringAt, type JsonObject } from './json-object.ts'
import { errorFromStatus } from './http/kube-errors.ts'

/**
 * A Pod of the API server, or the words for what it lacks. `metadata.managedFields`, often the larger half of a Pod
 * and of no use to us, is dropped here, before anybody keeps it.
 */
export function decodePod(value: unknown): Pod | string {
  if (!isJsonObject(value)) return 'it is not an object'
  const pod = withoutManagedFields(value)
  return isPod(pod) ? pod : `it has no ${missingPart(pod)}`
}

/** A ConfigMap or a Secret likewise. */
export function decodeDataObject(value: unknown): DataObject | string {
  if (!isJsonObject(value)) return 'it is not an object'
  const object = withoutManagedFields(value)
  return isDataObject(object) ? object : `it has no ${missingName(object)}`
}

/** A Service, of which only what the type has is kept. */
export function decodeService(value: unknown): Service | string {
  if (!isJsonObject(value)) return 'it is not an object'
  const missing = missingName(value)
  if (missing !== undefined) return `it has no ${missing}`
  const metadata = objectAt(value, 'metadata')
  const spec = objectAt(value, 'spec')
  const text = (key: string): string => stringAt(metadata, key) ?? ''
  const ports: readonly unknown[] = Array.isArray(spec['ports']) ? spec['ports'] : []
  return {
    metadata: { namespace: text('namespace'), name: text('name'), resourceVersion: text('resourceVersion') },
    spec: { clusterIP: stringAt(spec, 'clusterIP') ?? '', ports: ports.flatMap(decodePort) },
  }
}

function decodePort(value: unknown): readonly ServicePort[] {
  if (!isJsonObject(value) || typeof value['port'] !== 'number') return []
  const name = stringAt(value, 'name')
  const port = { port: value['port'], protocol: stringAt(value, 'protocol') ?? 'TCP' }
  return [name === undefined ? port : { name, ...port }]
}

/** As `decodePod`, where a Pod is the only sensible answer. Throws `internal`. */
export function requirePod(what: string, value: unknown): Pod {
  const pod = decodePod(value)
  if (typeof pod === 'string') throw new KubeletError('internal', `Cannot ${what}: the server's Pod is not one: ${pod}`)
  return pod
}

/**
 * One line of a watch of objects that `decode` knows; a word about what is wrong for one that isn't such an object,
 * `undefined` for a kind of line we don't know.
 */
export function decodeWatchLine<T>(
  what: string,
  line: unknown,
  decode: (value: unknown) => T | string,
): WatchEvent<T> | string | undefined {
  const { type, object } = isJsonObject(line) ? line : {}
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return withObject(decode(object), 'set')
    case 'DELETED':
      return withObject(decode(object), 'deleted')
    case 'BOOKMARK': {
      const resourceVersion = isJsonObject(object)
        ? stringAt(objectAt(object, 'metadata'), 'resourceVersion')
        : undefined
      return resourceVersion === undefined ? undefined : { kind: 'bookmark', resourceVersion }
    }
    case 'ERROR':
      throw errorFromStatus(what, object)
    default:
      return undefined
  }
}

function withObject<T>(decoded: T | string, kind: 'set' | 'deleted'): WatchEvent<T> | string {
  return typeof decoded === 'string' ? decoded : { kind, object: decoded }
}

/**
 * A Node, Lease, Event, RuntimeClass, claim or PersistentVolume as the server gave it. Throws
 * `internal` where it is none.
 */
export function requireNode(what: string, value: unknown): KubeNode {
  if (isNamed<KubeNode>(value)) return value
  throw nameless(what)
}

export function requireLease(what: string, value: unknown): Lease {
  if (isNamed<Lease>(value)) return value
  throw nameless(what)
}

export function requireEvent(what: string, value: unknown): KubeEvent {
  if (isNamed<KubeEvent>(value)) return value
  throw nameless(what)
}

export function requireRuntimeClass(what: string, value: unknown): RuntimeClass {
  if (isNamed<RuntimeClass>(value) && typeof value.handler === 'string') return value
  throw nameless(what)
}

export function requireClaim(what: string, value: unknown): PersistentVolumeClaim {
  if (isJsonObject(value) && isClaim(value)) return value
  throw new KubeletError('internal', `Cannot ${what}: the server's answer is no claim`)
}

export function requirePersistentVolume(what: string, value: unknown): PersistentVolume {
  if (isNamed<PersistentVolume>(value) && isJsonObject(value.spec)) return value
  throw new KubeletError('internal', `Cannot ${what}: the server's answer is no PersistentVolume`)
}

function isClaim(value: JsonObject): value is JsonObject & PersistentVolumeClaim {
  return missingName(value) === undefined
}

/** What of a TokenRequest the server has answered. Throws `internal` where the token or its lifetime is missing. */
export function requireToken(what: string, value: unknown): IssuedToken {
  const answer = isJsonObject(value) ? value : {}
  const token = stringAt(objectAt(answer, 'status'), 'token')
  const lifetimeSeconds = objectAt(answer, 'spec')['expirationSeconds']
  if (token !== undefined && typeof lifetimeSeconds === 'number') return { token, lifetimeSeconds }
  throw new KubeletError('internal', `Cannot ${what}: the server's answer has no token and how long it is good`)
}

function withoutManagedFields(value: JsonObject): JsonObject {
  const { managedFields: _, ...metadata } = objectAt(value, 'metadata')
  return { ...value, metadata }
}

function isPod(value: JsonObject): value is JsonObject & Pod {
  return missingPart(value) === undefined
}

/** The path of the first thing that every Pod has and this one hasn't. */
function missingPart(value: JsonObject): string | undefined {
  const missing = missingName(value)
  if (missing !== undefined) return missing
  return Array.isArray(objectAt(value, 'spec')['containers']) ? undefined : 'spec.containers'
}

function isDataObject(value: JsonObject): value is JsonObject & DataObject {
  return missingName(value) === undefined
}

/** The path of what it is missing of that by which everything in a namespace is known. */
function missingName(value: JsonObject): string | undefined {
  const metadata = objectAt(value, 'metadata')
  const key = ['name', 'namespace', 'uid'].find((candidate) => stringAt(metadata, candidate) === undefined)
  return key === undefined ? undefined : `metadata.${key}`
}

/** Of an object of which only the name is sure, the type is the server's promise. */
function isNamed<T>(value: unknown): value is T {
  return isJsonObject(value) && stringAt(objectAt(value, 'metadata'), 'name') !== undefined
}

function nameless(what: string): KubeletError {
  return new KubeletError('internal', `Cannot ${what}: the server's answer has no metadata.name`)
}
