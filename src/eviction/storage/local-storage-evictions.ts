import { podUid, type PodUid } from '../../model/ids.ts'
import type { Pod } from '../../model/kube.ts'
import type { PodVerdict } from '../../model/pod-verdict.ts'
import type { NodePaths } from '../../translate/paths.ts'
import { Bell } from '../../util/bell.ts'
import { within } from '../../util/within.ts'
import { emptyDirVerdict, limitedVolumes, type LimitedVolume } from './empty-dir-limits.ts'
import { mayBeEvicted } from './storage-limits.ts'

/** How often the kubelet's eviction manager looks (evictionMonitoringPeriod in pkg/kubelet/kubelet.go). */
const usualIntervalMs = 10_000
/** A volume that takes longer, being huge or on a disk that does not answer, is no reason to leave the others alone. */
const patienceMs = 20_000

export interface LocalStorageEvictionsOptions {
  readonly paths: NodePaths
  /** The Pods that run here now. */
  readonly pods: () => readonly Pod[]
  /** Bytes that a folder takes up; `undefined` where that can't be said. Never rejects. */
  readonly usage: (folder: string, signal: AbortSignal) => Promise<number | undefined>
  readonly evict: (uid: PodUid, verdict: PodVerdict) => void
  readonly intervalMs?: number
}

/**
 * Ends Pods that use more of the node's disk or memory than their volumes may. Volumes are measured one after the other,
 * those of Pods that have a limit only: on a node without any such Pod nothing runs, not even a timer.
 */
export class LocalStorageEvictions {
  readonly #options: LocalStorageEvictionsOptions
  readonly #bell = new Bell()
  /** Volumes that are being measured, by path: none a second time before that has an end. */
  readonly #judging = new Map<string, Promise<void>>()

  constructor(options: LocalStorageEvictionsOptions) {
    this.#options = options
  }

  /** A Pod has come, or is another than before. */
  podChanged(pod: Pod): void {
    if (this.#isLimited(pod)) this.#bell.ring()
  }

  /** Looks until `signal` fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { intervalMs = usualIntervalMs } = this.#options
    while (!signal.aborted) {
      if (this.#limited().length === 0) {
        await this.#bell.wait(undefined, signal)
        continue
      }
      // Who comes meanwhile is measured with the others.
      await this.#until(Date.now() + intervalMs, signal)
      for (const pod of this.#limited()) await this.#measure(pod, signal)
    }
    await Promise.all(this.#judging.values())
  }

  async #until(dueAtMs: number, signal: AbortSignal): Promise<void> {
    while (Date.now() < dueAtMs && !signal.aborted) await this.#bell.wait(dueAtMs, signal)
  }

  #limited(): readonly Pod[] {
    return this.#options.pods().filter((pod) => this.#isLimited(pod))
  }

  #isLimited(pod: Pod): boolean {
    return mayBeEvicted(pod) && limitedVolumes(pod, this.#options.paths).length > 0
  }

  /** Its volumes one after the other, until one holds too much. */
  async #measure(pod: Pod, signal: AbortSignal): Promise<void> {
    for (const volume of limitedVolumes(pod, this.#options.paths)) {
      if (signal.aborted || this.#judging.has(volume.path)) continue
      const outcome = { isEvicted: false }
      const judging = this.#judge(pod, volume, signal).then((evicted) => {
        outcome.isEvicted = evicted
        this.#judging.delete(volume.path)
      })
      this.#judging.set(volume.path, judging)
      await within(patienceMs, judging, signal)
      if (outcome.isEvicted) return
    }
  }

  async #judge(pod: Pod, volume: LimitedVolume, signal: AbortSignal): Promise<boolean> {
    const used = await this.#options.usage(volume.path, signal)
    const verdict = used === undefined || signal.aborted ? undefined : emptyDirVerdict(volume, used)
    if (verdict === undefined) return false
    this.#options.evict(podUid(pod.metadata.uid), verdict)
    return true
  }
}
