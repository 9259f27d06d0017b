import { KubeletError } from '../model/errors.ts'
import type { KubeEvent, KubeNode, Lease, Pod, Secret } from '../model/kube.ts'
import type { PodWatchEvent } from './cluster.ts'
import { isJsonObject, objectAt, stringAt, type JsonObject } from './json-object.ts'
import { errorFromStatus } from './http/kube-errors.ts'

/**
 * A Pod of the API server, or the words for what it lacks. `metadata.managedFields`, often the larger half of a Pod
 * and of no use to us, is dropped here, before anybody keeps it.
 */
export function decodePod(value: unknown): Pod | string {
  if (!isJsonObject(value)) return 'it is not an object'
  const { managedFields: _, ...metadata } = objectAt(value, 'metadata')
  const pod = { ...value, metadata }
  return isPod(pod) ? pod : `it has no ${missingPart(pod)}`
}

/** As `decodePod`, where a Pod is the only sensible answer. Throws `internal`. */
export function requirePod(what: string, value: unknown): Pod {
  const pod = decodePod(value)
  if (typeof pod === 'string') throw new KubeletError('internal', `Cannot ${what}: the server's Pod is not one: ${pod}`)
  return pod
}

/** One line of a watch; a word about what is wrong for a Pod that isn't one, `undefined` for a kind of line we don't know. */
export function decodeWatchLine(what: string, line: unknown): PodWatchEvent | string | undefined {
  const { type, object } = isJsonObject(line) ? line : {}
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return withPod(object, (pod) => ({ kind: 'set', pod }))
    case 'DELETED':
      return withPod(object, (pod) => ({ kind: 'deleted', pod }))
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

/** A Node, Lease, Event or Secret as the server gave it. Throws `internal` where it is none. */
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

export function requireSecret(what: string, value: unknown): Secret {
  if (isNamed<Secret>(value)) return value
  throw nameless(what)
}

function withPod(object: unknown, make: (pod: Pod) => PodWatchEvent): PodWatchEvent | string {
  const pod = decodePod(object)
  return typeof pod === 'string' ? pod : make(pod)
}

function isPod(value: JsonObject): value is JsonObject & Pod {
  return missingPart(value) === undefined
}

/** The path of the first thing that every Pod has and this one hasn't. */
function missingPart(value: JsonObject): string | undefined {
  const metadata = objectAt(value, 'metadata')
  const key = ['name', 'namespace', 'uid'].find((candidate) => stringAt(metadata, candidate) === undefined)
  if (key !== undefined) return `metadata.${key}`
  return Array.isArray(objectAt(value, 'spec')['containers']) ? undefined : 'spec.containers'
}

/** Of an object of which only the name is sure, the type is the server's promise. */
function isNamed<T>(value: unknown): value is T {
  return isJsonObject(value) && stringAt(objectAt(value, 'metadata'), 'name') !== undefined
}

function nameless(what: string): KubeletError {
  return new KubeletError('internal', `Cannot ${what}: the server's answer has no metadata.name`)
}
