import { podUid, type PodUid } from '../../model/ids.ts'
import type { Pod } from '../../model/kube.ts'
import type { PodVerdict } from '../../model/pod-verdict.ts'
import type { NodePaths } from '../../translate/paths.ts'
import { Bell } from '../../util/bell.ts'
import { within } from '../../util/within.ts'
import type { DiskLayout } from '../pressure/disk-layout.ts'
import type { PodUse } from '../usage/pod-usage.ts'
import { emptyDirVerdict, limitedVolumes } from './empty-dir-limits.ts'
import { hasStorageLimit, mayBeEvicted, storageVerdict } from './storage-limits.ts'

/** How often the kubelet's eviction manager looks (evictionMonitoringPeriod in pkg/kubelet/kubelet.go). */
const usualIntervalMs = 10_000
/** A Pod that takes longer, being huge or on a disk that does not answer, is no reason to leave the others alone. */
const patienceMs = 20_000

export interface LocalStorageEvictionsOptions {
  readonly paths: NodePaths
  /** The Pods that run here now, with what they were given. */
  readonly pods: () => readonly Pod[]
  /** Bytes that a folder takes up; `undefined` where that can't be said. Never rejects. */
  readonly usage: (folder: string, signal: AbortSignal) => Promise<number | undefined>
  /** All that a Pod takes up of disks. Never rejects. */
  readonly measure: (pod: Pod, signal: AbortSignal) => Promise<Omit<PodUse, 'memory' | 'processes'>>
  readonly layout: () => Promise<DiskLayout>
  readonly evict: (uid: PodUid, verdict: PodVerdict) => void
  readonly intervalMs?: number
  /** Milliseconds, by a clock that nobody sets. */
  readonly now?: () => number
}

/**
 * Ends Pods that use more of the node's disk or memory than they, their containers or their volumes may
 * (localStorageEviction in pkg/kubelet/eviction/eviction_manager.go). They are measured one after the other, those that have
 * a limit only: on a node without any such Pod nothing runs, not even a timer.
 */
export class LocalStorageEvictions {
  readonly #options: LocalStorageEvictionsOptions
  readonly #bell = new Bell()
  /** Pods that are being measured: none a second time before that has an end. */
  readonly #judging = new Map<PodUid, Promise<void>>()

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
      await this.#rest(intervalMs, signal)
      for (const pod of this.#limited()) await this.#judge(pod, signal)
    }
    await Promise.all(this.#judging.values())
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const { now = () => performance.now() } = this.#options
    const dueAtMs = now() + ms
    while (now() < dueAtMs && !signal.aborted) await this.#bell.waitFor(dueAtMs - now(), signal)
  }

  #limited(): readonly Pod[] {
    return this.#options.pods().filter((pod) => this.#isLimited(pod))
  }

  #isLimited(pod: Pod): boolean {
    return mayBeEvicted(pod) && (hasStorageLimit(pod) || limitedVolumes(pod, this.#options.paths).length > 0)
  }

  async #judge(pod: Pod, signal: AbortSignal): Promise<void> {
    const uid = podUid(pod.metadata.uid)
    if (signal.aborted || this.#judging.has(uid)) return
    const judging = this.#verdict(pod, signal).then((verdict) => {
      this.#judging.delete(uid)
      if (verdict !== undefined && !signal.aborted) this.#options.evict(uid, verdict)
    })
    this.#judging.set(uid, judging)
    await within(patienceMs, judging, signal)
  }

  /** Its emptyDirs one after the other, until one holds too much; then all of it, if there is a limit to that. */
  async #verdict(pod: Pod, signal: AbortSignal): Promise<PodVerdict | undefined> {
    const { paths, usage, measure, layout } = this.#options
    for (const volume of limitedVolumes(pod, paths)) {
      const used = signal.aborted ? undefined : await usage(volume.path, signal)
      const verdict = used === undefined ? undefined : emptyDirVerdict(volume, used)
      if (verdict !== undefined) return verdict
    }
    if (!hasStorageLimit(pod) || signal.aborted) return undefined
    const [measured, where] = await Promise.all([measure(pod, signal), layout()])
    return storageVerdict(pod, { memory: undefined, processes: 0, ...measured }, where)
  }
}
