import type { Pod, PodStatus } from '../../model/kube.ts'
import { isStaticPod } from '../../model/pod.ts'
import { mirroredUid } from '../../plan/mirror-actions.ts'
import type { StatusSink } from './status-sink.ts'
import type { StatusWriter } from './status-writer.ts'

/**
 * The newest status of every Pod of this node, for whoever asks the agent itself; those of Pods that the API server has
 * an object of go on to its writer. A static Pod's object is its mirror, whose UID is another.
 */
export class StatusBoard implements StatusSink {
  readonly #statuses = new Map<string, PodStatus>()
  /** By the UID of the static Pod. */
  readonly #mirrors = new Map<string, Pod>()
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
    const object = isStaticPod(pod) ? this.#mirrors.get(pod.metadata.uid) : pod
    if (object !== undefined) this.#writer?.report(object, status)
  }

  /** The API server has (a new version of) a mirror Pod: it gets the status of its static Pod. */
  addMirror(mirror: Pod): void {
    const uid = mirroredUid(mirror)
    this.#mirrors.set(uid, mirror)
    const status = this.#statuses.get(uid)
    if (status !== undefined) this.#writer?.report(mirror, status)
  }

  /** The API server does not have a mirror Pod any more. */
  removeMirror(mirror: Pod): void {
    const uid = mirroredUid(mirror)
    if (this.#mirrors.get(uid)?.metadata.uid === mirror.metadata.uid) this.#mirrors.delete(uid)
    this.#writer?.forget(mirror.metadata.uid)
  }

  async finish(pod: Pod, signal: AbortSignal): Promise<void> {
    await this.#writer?.finish(pod, signal)
  }

  forget(uid: string): void {
    this.#statuses.delete(uid)
    this.#writer?.forget(uid)
  }
}
