import type { Readable, Writable } from 'node:stream'
import type { TerminalSize } from '../engine/streams/container-session.ts'

/** How a command ended, or why there is none. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** `message` says what failed too: `error executing command in container: …`. */
  | { readonly kind: 'failed'; readonly message: string }

/**
 * The client's side of a session, whatever protocol it speaks. All of them end when the client goes, and may then have an
 * error; the signal of the call fires as well.
 */
export interface ClientStreams {
  /** What the client sends as input; it may never end. */
  readonly stdin: Readable | undefined
  /** A write is done when it has been handed to the client's connection. */
  readonly stdout: Writable | undefined
  readonly stderr: Writable | undefined
  /** The sizes of the client's terminal, the first as soon as it says one. Ends with `finish` at the latest. */
  readonly resizes: AsyncIterable<TerminalSize> | undefined
  /**
   * Tells the client how it ended, after all that has been written to its outputs, and closes the connection. Resolves
   * when that is done or the client has not taken it for too long. Never rejects.
   */
  readonly finish: (end: CommandEnd) => Promise<void>
}
