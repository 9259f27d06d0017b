/** A file that the agent writes into a volume. */
export interface VolumeFile {
  readonly data: Uint8Array
  /** Permission bits. */
  readonly mode: number
  /** Whose it is to be, by number; `undefined` for the agent's own. */
  readonly user?: number
}

/**
 * The files of a volume by their paths in it, as the Pod has written them: they are checked and put straight where they are
 * written. Of two of one path the later counts.
 */
export type Payload = ReadonlyMap<string, VolumeFile>
