import type { ForwardPort } from './forward.ts'

/** What every protocol for ports needs. */
export interface PortForward {
  /** The Pod as errors name it, and its UID there. */
  readonly pod: string
  readonly uid: string
  readonly forward: ForwardPort
  /** A connection on which nothing is said for so long is closed. */
  readonly idleTimeoutMs: number
}
