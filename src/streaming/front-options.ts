import type { SessionStreams } from '../engine/streams/container-session.ts'

export interface FrontOptions {
  /** What the client says that it has streams for; it waits for these, and is waited for. */
  readonly wanted: SessionStreams
  /** A connection on which nothing is said for so long is closed. */
  readonly idleTimeoutMs: number
}
