import type { Pod, PodStatus } from '../model/kube.ts'
import { isStaticPod } from '../model/pod.ts'
import type { StatusSink } from './status-sink.ts'
import type { StatusWriter } from './status-writer.ts'

/**
 * The newest status of every Pod of this node, for whoever asks the agent itself; those of Pods that the API server has
 * an object of go on to its writer.
 */
export class StatusBoard implements StatusSink {
  readonly #statuses = new Map<string, PodStatus>()
  readonly #writer: StatusWriter | undefined

  /** Without a writer (standalone mode) a status goes nowhere else. */
  constructor(writer: StatusWriter | undefined) {
    this.#writer = writer
  }

  get(uid: string): PodStatus | undefined {
    return this.#statuses.get(uid)
  }

  report(pod: Pod, status: PodStatus): void {
    this.#statuses.set(pod.metadata.uid, status)
    if (!isStaticPod(pod)) this.#writer?.report(pod, status)
  }

  async finish(pod: Pod, signal: AbortSignal): Promise<void> {
    await this.#writer?.finish(pod, signal)
  }

  forget(uid: string): void {
    this.#statuses.delete(uid)
    this.#writer?.forget(uid)
  }
}
