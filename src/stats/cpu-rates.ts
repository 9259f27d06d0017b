/** What has used how much CPU time at some moment, since when. */
export interface CpuSample {
  readonly atMs: number
  readonly totalNs: number
}

/** A rate over less than this says more of the moment than of what runs. */
const shortestWindowMs = 5000
/** What was seen so long ago says nothing of now: cAdvisor keeps its samples for two minutes. */
const longestWindowMs = 120_000

interface Known {
  /** At least the shortest window before `latest`. */
  before: CpuSample | undefined
  latest: CpuSample
}

/**
 * How much of a CPU is used, in billionths of one (`usageNanoCores`). The kernel only counts up; a rate is what was counted
 * between two looks, the first since whatever it is has begun. So nothing runs while nobody asks.
 */
export class CpuRates {
  readonly #known = new Map<string, Known>()

  /** Takes a look at what is called `key`, which began at `sinceMs`, and returns its rate. */
  rate(key: string, sample: CpuSample, sinceMs: number): number {
    const known = this.#known.get(key)
    const base = known === undefined ? undefined : baseOf(known, sample)
    this.#learn(key, known, sample)
    return between(base ?? { atMs: sinceMs, totalNs: 0 }, sample)
  }

  /** Forgets what nobody has looked at for so long that it says nothing any more: it is gone, or nobody wants to know. */
  forget(nowMs: number): void {
    for (const [key, { latest }] of this.#known) if (nowMs - latest.atMs > longestWindowMs) this.#known.delete(key)
  }

  #learn(key: string, known: Known | undefined, sample: CpuSample): void {
    if (known === undefined || sample.totalNs < known.latest.totalNs) {
      this.#known.set(key, { before: undefined, latest: sample })
      return
    }
    if (sample.atMs - known.latest.atMs < shortestWindowMs) return
    known.before = known.latest
    known.latest = sample
  }
}

/** The newest look that is old enough, unless it is too old or counts more than now. */
function baseOf({ before, latest }: Known, sample: CpuSample): CpuSample | undefined {
  const fits = (each: CpuSample | undefined): each is CpuSample =>
    each !== undefined &&
    each.totalNs <= sample.totalNs &&
    sample.atMs - each.atMs >= shortestWindowMs &&
    sample.atMs - each.atMs <= longestWindowMs
  return [latest, before].find(fits)
}

function between(base: CpuSample, { atMs, totalNs }: CpuSample): number {
  const windowMs = atMs - base.atMs
  return windowMs <= 0 ? 0 : Math.max(0, Math.round(((totalNs - base.totalNs) / windowMs) * 1000))
}
