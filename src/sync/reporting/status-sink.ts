import type { Pod, PodStatus } from '../../model/kube.ts'

/** Where workers report to: the API server's writer, or in standalone mode just the memory of the last status. */
export interface StatusSink {
  /** The Pod's newest status; never waits. An older one that has not been sent yet is never sent. */
  report(pod: Pod, status: PodStatus): void

  /**
   * The Pod is over and gone from this node: resolves when its last status has been sent and its object is deleted (or
   * is somebody else's by now). Retries until then; throws `aborted` only.
   */
  finish(pod: Pod, signal: AbortSignal): Promise<void>

  /** Nobody asks for the Pod any more. */
  forget(uid: string): void
}
