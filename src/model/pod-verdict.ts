/**
 * The node's own word on a Pod that has to go, or may not come. Its object stays until somebody deletes it, and no
 * terminal phase is told as long as anything of it runs.
 */
export type PodVerdict = ExpiredPod | DisruptedPod | RejectedPod | ShutDownPod

/** Its time is up: it is Failed, whatever its containers say. */
export interface ExpiredPod {
  readonly kind: 'expired'
  readonly reason: string
  readonly message: string
}

/**
 * Its place is needed, or it uses more than it may: Failed with this reason, unless all its containers end well. Then, as
 * kubelets have it, it has Succeeded, without a reason; the condition is there in either case.
 */
export interface DisruptedPod {
  readonly kind: 'disrupted'
  readonly reason: string
  readonly message: string
  /**
   * Message of the condition `DisruptionTarget`, which comes with the phase, not before; `undefined` where it is the Pod's
   * own fault.
   */
  readonly condition: string | undefined
  /** For metrics: what it used too much of (`emptydirfs.limit`), or the resource that there was too little of (`cpu`). */
  readonly signal?: string
  /** Of the event that tells of it. */
  readonly annotations?: Readonly<Record<string, string>>
}

/** It was never let in: no container of it is made, and nothing is said of any. */
export interface RejectedPod {
  readonly kind: 'rejected'
  readonly reason: string
  readonly message: string
}

/**
 * The machine shuts down: Failed, unless all its containers end well; the reason, and the condition `DisruptionTarget` with
 * the message, are there in either case.
 */
export interface ShutDownPod {
  readonly kind: 'shut-down'
  readonly reason: string
  readonly message: string
}
