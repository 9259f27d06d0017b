/** What becomes of a field that somebody sets. */
export type FieldVerdict =
  /** What the kubelet does. */
  | 'done'
  /** The same, but for what `why` says; nothing is told. */
  | 'partly'
  /** Somebody else's business: the scheduler's, the API server's, a controller's. */
  | 'elsewhere'
  /** The Pod runs without it, which an event tells. */
  | 'ignored'
  /** Without it, it would be another Pod: the container waits (all of them where it is the Pod's), which an event tells. */
  | 'refused'
  /**
   * The Pod waits where its volumes are made, if one of its containers mounts this;
   * `FailedMount` tells, and another event.
   */
  | 'unmounted'
  /** Of a status: the agent does not write it. */
  | 'unwritten'

export interface FieldRow {
  /** Types of the API, as in `Container`, separated by blanks. */
  readonly of: string
  readonly is: FieldVerdict
  /** Fields of these types, separated by blanks. One whose verdict is not `done` speaks for all that is in it. */
  readonly fields: string
  /** The verdict is about this value only: whatever else the field says is done. */
  readonly when?: string | boolean
  readonly why?: string
}
