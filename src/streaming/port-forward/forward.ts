import type { Duplex } from 'node:stream'
import type { PortDialing } from '../../engine/streams/dial.ts'
import type { ContainerId } from '../../model/ids.ts'
import { join } from './join.ts'

/**
 * Joins `data` with a port until both sides have said all. Throws a `KubeletError` whose message is for the client, when
 * nothing listens there or the connection breaks.
 */
export type ForwardPort = (port: number, data: Duplex, signal: AbortSignal) => Promise<void>

/** Forwards to the ports of a sandbox. Each connection is made at once, whether or not the client has anything to say. */
export function forwardTo(engine: PortDialing, sandbox: ContainerId): ForwardPort {
  return async (port, data, signal) => {
    await join(data, await engine.dial(sandbox, port, signal))
  }
}
