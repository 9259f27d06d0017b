import { podUid, type PodUid } from '../../model/ids.ts'
import type { Pod } from '../../model/kube.ts'
import { stopGraceSeconds } from '../../model/pod.ts'

export interface PreemptionsOptions {
  /** The Pods that hold a part of the node. */
  readonly holders: () => readonly Pod[]
  /** A Pod that was to make room takes longer than it may. */
  readonly onOverdue: (victim: Pod) => void
}

/** A critical Pod, and those that are still making room for it. */
interface Preemption {
  readonly pod: Pod
  readonly victims: Map<PodUid, { readonly pod: Pod; readonly untilMs: number }>
}

/**
 * The critical Pods that wait for others to go, as long as a kubelet would wait (killPodNow in
 * pkg/kubelet/pod_workers.go).
 */
export class Preemptions {
  readonly #options: PreemptionsOptions
  readonly #underWay = new Map<PodUid, Preemption>()

  constructor(options: PreemptionsOptions) {
    this.#options = options
  }

  get isAnyUnderWay(): boolean {
    return this.#underWay.size > 0
  }

  /** The Pods that room is being made for. */
  claimants(): readonly Pod[] {
    return [...this.#underWay.values()].map(({ pod }) => pod)
  }

  begin(pod: Pod, victims: readonly Pod[]): void {
    const entries = victims.map((victim) => {
      const untilMs = Date.now() + limitMs(victim)
      return [podUid(victim.metadata.uid), { pod: victim, untilMs }] as const
    })
    this.#underWay.set(podUid(pod.metadata.uid), { pod, victims: new Map(entries) })
  }

  /** The critical Pod has gone itself; those that make room go on doing so. */
  withdraw(uid: PodUid): void {
    this.#underWay.delete(uid)
  }

  /** The Pods for which all has been done that can be: whoever was to go has gone, or has not in time. */
  over(): readonly PodUid[] {
    if (!this.isAnyUnderWay) return []
    const holding = new Set(this.#options.holders().map(({ metadata }) => metadata.uid))
    for (const { victims } of this.#underWay.values()) {
      for (const [uid, { pod, untilMs }] of victims) {
        const isOverdue = Date.now() >= untilMs
        if (holding.has(uid) && !isOverdue) continue
        victims.delete(uid)
        if (holding.has(uid)) this.#options.onOverdue(pod)
      }
    }
    return [...this.#underWay].filter(([, { victims }]) => victims.size === 0).map(([uid]) => uid)
  }

  /** When the first of them will have taken too long; `undefined` when none is waited for. */
  get nextOverdueMs(): number | undefined {
    const times = [...this.#underWay.values()].flatMap(({ victims }) =>
      [...victims.values()].map(({ untilMs }) => untilMs),
    )
    return times.length === 0 ? undefined : Math.min(...times)
  }
}

/** Half as long again as its grace, and ten seconds at least. */
function limitMs(victim: Pod): number {
  return Math.max(10_000, 1500 * stopGraceSeconds(victim))
}
