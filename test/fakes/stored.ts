import { randomUUID } from 'node:crypto'
import { KubeletError } from '../../src/model/errors.ts'

/** What every object has that the server keeps. */
export interface Stored {
  readonly metadata?: { readonly resourceVersion?: string; readonly uid?: string; readonly [key: string]: unknown }
}

/** The object as the server keeps one that is new; refused where there is one of that name. */
export function created<T extends Stored>(object: T, before: T | undefined): T {
  if (before !== undefined) throw refused(409, `"${nameOf(object)}" already exists`)
  return { ...object, metadata: { ...object.metadata, uid: randomUUID(), creationTimestamp: now() } }
}

/** What is there; refused where nothing is. */
export function found<T>(object: T | undefined, what: string): T {
  if (object !== undefined) return object
  throw refused(404, `${what} not found`)
}

/** The server's answer to what it will not do. */
export function refused(status: keyof typeof refusals, message: string): KubeletError {
  return new KubeletError(refusals[status], message, { status, reason: message })
}

const refusals = { 400: 'invalid', 403: 'forbidden', 404: 'not-found', 409: 'conflict', 422: 'invalid' } as const

export function nameOf(object: Stored): string {
  return typeof object.metadata?.['name'] === 'string' ? object.metadata['name'] : ''
}

/** As the server writes times. */
export function now(plusSeconds = 0): string {
  return `${new Date(Date.now() + plusSeconds * 1000).toISOString().slice(0, -5)}Z`
}
