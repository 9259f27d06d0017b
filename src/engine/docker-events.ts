import { setTimeout as delay } from 'node:timers/promises'
import { containerId, podUid } from '../model/ids.ts'
import { labels } from '../model/labels.ts'
import type { DockerConnection } from './connection/docker-connection.ts'
import { numberAt, objectAt, textAt, type JsonObject } from './docker-json.ts'
import { endOnAbort, jsonObjects } from './docker-stream.ts'
import type { EngineEvent } from './engine.ts'
import type { ImageCache } from './image-cache.ts'

const containerActions = ['create', 'start', 'die', 'oom', 'destroy'] as const
/** Those that change what an image is called or whether it is there. */
const imageActions = ['pull', 'load', 'import', 'tag', 'untag', 'delete'] as const

const firstRetryMs = 100
const longestRetryMs = 10_000

export interface DockerEventsOptions {
  readonly connection: DockerConnection
  /** The node whose objects are meant. */
  readonly node: string
  /** Told of what happens to images. */
  readonly images: ImageCache
}

/**
 * Docker's events for this node's objects and for images: one stream, opened again after it broke, with a back-off that
 * doubles from 0.1 to 10 s and begins anew with each connection that stood. Ends when `signal` fires.
 */
export async function* dockerEvents(
  options: DockerEventsOptions,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void, undefined> {
  let retryMs = 0
  while (!signal.aborted) {
    try {
      // The daemon may be another one than before: another version, even.
      if (retryMs > 0) await options.connection.negotiate(signal)
      for await (const event of oneStream(options, signal)) {
        retryMs = 0
        yield event
      }
    } catch {
      // Whoever calls Docker next meets the same trouble and tells of it (the health check, at the latest).
    }
    retryMs = Math.min(Math.max(retryMs * 2, firstRetryMs), longestRetryMs)
    await delay(retryMs, undefined, { signal }).catch(() => {})
  }
}

async function* oneStream(
  options: DockerEventsOptions,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void, undefined> {
  // A label filter would apply to images too, and hide them; so containers of others are left out here.
  const filters = JSON.stringify({ type: ['container', 'image'], event: [...containerActions, ...imageActions] })
  const stream = await options.connection.stream(
    { what: "Read Docker's events" },
    (docker, abortSignal) => docker.getEvents({ abortSignal, filters }),
    signal,
  )
  const readable = endOnAbort(stream, signal)
  using _ = options.images.watch()
  try {
    yield { kind: 'connected' }
    for await (const line of jsonObjects(readable)) {
      const event = observeEvent(line, options.node)
      if (event?.kind === 'image') options.images.forget()
      if (event !== undefined) yield event
    }
  } finally {
    readable.destroy()
  }
}

/** One line of Docker's events; `undefined` for one that concerns neither this node nor an image. */
export function observeEvent(line: JsonObject, node: string): EngineEvent | undefined {
  const atMs = Math.floor(numberAt(line, 'timeNano') / 1e6)
  if (textAt(line, 'Type') === 'image') return { kind: 'image', atMs }
  const actor = objectAt(line, 'Actor')
  const attributes = objectAt(actor, 'Attributes')
  const action = containerActions.find((candidate) => candidate === textAt(line, 'Action'))
  const uid = textAt(attributes, labels.podUid)
  if (action === undefined || uid === '' || textAt(attributes, labels.node) !== node) return undefined
  return { kind: 'container', action, id: containerId(textAt(actor, 'ID')), podUid: podUid(uid), atMs }
}
