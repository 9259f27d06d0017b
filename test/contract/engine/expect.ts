import assert from 'node:assert/strict'
import type { Engine, EngineEvent } from '../../../src/engine/engine.ts'
import { KubeletError, type ErrorCode } from '../../../src/model/errors.ts'
import type { ContainerId } from '../../../src/model/ids.ts'
import type { ObservedObject } from '../../../src/model/observed.ts'

/** The object with this id, which is there. */
export async function inspect(engine: Engine, id: ContainerId, signal: AbortSignal): Promise<ObservedObject> {
  const observed = await engine.inspect(id, signal)
  assert.ok(observed, `no container ${id}`)
  return observed
}

/** Starts a container that ends by itself, and waits for its end. */
export async function ended(engine: Engine, id: ContainerId, signal: AbortSignal): Promise<void> {
  const stream = engine.events(signal)[Symbol.asyncIterator]()
  await stream.next()
  await engine.start(id, signal)
  for (;;) {
    const event = await next(stream)
    if (event.kind === 'container' && event.action === 'die' && event.id === id) break
  }
  await stream.return?.()
  // A list may still show it running: Docker tells of the end before its list knows. An inspect waits for the list.
  await engine.inspect(id, signal)
}

/** Waits for a container's first words: until it has set its traps, PID 1 hears no signal but SIGKILL. */
export async function speaks(engine: Engine, id: ContainerId, signal: AbortSignal): Promise<void> {
  const words = (await engine.logs(id, { follow: true }, signal))[Symbol.asyncIterator]()
  assert.notEqual((await words.next()).done, true)
  await words.return?.()
}

/** The next event of a stream, which has not ended. */
export async function next(stream: AsyncIterator<EngineEvent>): Promise<EngineEvent> {
  const { value, done } = await stream.next()
  assert.ok(done !== true, 'the stream of events has ended')
  return value
}

/** The `KubeletError` that `promise` rejects with, which has this code (one of these) and a message like this. */
export async function rejects(
  promise: Promise<unknown>,
  code: ErrorCode | readonly ErrorCode[],
  message = /./u,
): Promise<KubeletError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const codes = typeof code === 'string' ? [code] : code
  assert.ok(error instanceof KubeletError, `expected ${codes.join(' or ')}, got ${String(error)}`)
  assert.ok(codes.includes(error.code), `expected ${codes.join(' or ')}, got ${error.code}: ${error.message}`)
  assert.match(error.message, message)
  return error
}
