import type { ContainerId } from '../../model/ids.ts'
import type { OutputPart } from './frame-reader.ts'

/** A moment, exact: epoch seconds and the nanoseconds beyond them. */
export interface LogTime {
  readonly seconds: number
  readonly nanoseconds: number
}

export interface LogOptions {
  /** Goes on with what is written from now on, until the container has ended. */
  readonly follow?: boolean
  /** So many of the last records, of both streams together: what ends a line, or the 16 KiB of one that is longer. */
  readonly tailLines?: number
  /** Only records of this time or later. */
  readonly since?: LogTime
  /** Each line begins with the time of its first record, `2026-01-02T03:04:05.123456789Z`, and a space. */
  readonly timestamps?: boolean
}

/** Reading what containers have written. */
export interface ContainerLogs {
  /**
   * A container's log, in the order in which Docker got it. Resolves when Docker has begun to answer. With `follow`, what
   * was written up to the container's end is there before the end. Nothing is read ahead of whoever reads this, beyond a
   * few chunks; leaving the loop, or the signal, ends Docker's work for it. A terminal's output is all stdout. Throws
   * `not-found`; `unsupported` where the log driver keeps nothing that could be read; while it is read, `internal` with
   * Docker's text for a log that is broken from there on.
   */
  logs(id: ContainerId, options: LogOptions, signal: AbortSignal): Promise<AsyncIterable<OutputPart>>
}
