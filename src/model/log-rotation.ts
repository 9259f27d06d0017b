/** How much is kept of what a container writes: the kubelet's `containerLogMaxSize` and `containerLogMaxFiles`. */
export interface LogRotation {
  /** Bytes of one file, more than 0. */
  readonly maxBytes: number
  /** Files, the one that is written to included; at least 2. */
  readonly maxFiles: number
}
