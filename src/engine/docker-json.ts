import { KubeletError } from '../model/errors.ts'

/**
 * Reading Docker's JSON. Docker writes it in Go, where what is absent or null is the zero value of its type; so it is
 * here. A value of another type than the one asked for is a Docker that we don't know: `internal`, naming the field.
 */
export type JsonObject = Readonly<Record<string, unknown>>

/** `value` as an object; `what` names it in the error. */
export function asObject(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value
  throw unreadable(what, 'an object', value)
}

/** `value` as a list; null is an empty one. */
export function asList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value === undefined || value === null) return []
  throw unreadable(what, 'a list', value)
}

export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key]
  return value === undefined || value === null ? {} : asObject(value, key)
}

export function textAt(object: JsonObject, key: string): string {
  const value = object[key] ?? ''
  if (typeof value === 'string') return value
  throw unreadable(key, 'a string', value)
}

export function numberAt(object: JsonObject, key: string): number {
  const value = object[key] ?? 0
  if (typeof value === 'number') return value
  throw unreadable(key, 'a number', value)
}

export function booleanAt(object: JsonObject, key: string): boolean {
  const value = object[key] ?? false
  if (typeof value === 'boolean') return value
  throw unreadable(key, 'a boolean', value)
}

export function objectsAt(object: JsonObject, key: string): readonly JsonObject[] {
  return asList(object[key], key).map((value) => asObject(value, key))
}

export function textsAt(object: JsonObject, key: string): readonly string[] {
  return asList(object[key], key).map((value) => {
    if (typeof value === 'string') return value
    throw unreadable(key, 'a list of strings', value)
  })
}

/** A time of Docker's in epoch milliseconds; `undefined` for none, which Go writes as the year 1. */
export function timeAt(object: JsonObject, key: string): number | undefined {
  const text = textAt(object, key)
  if (text === '' || text.startsWith('0001-')) return undefined
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw unreadable(key, 'a time', text)
  return time
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unreadable(what: string, expected: string, value: unknown): KubeletError {
  return new KubeletError(
    'internal',
    `Docker's answer has no ${expected.replace(/^an? /u, '')} in "${what}" but ${JSON.stringify(value)}`,
  )
}
