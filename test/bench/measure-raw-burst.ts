import PQueue from 'p-queue'
import { timed } from './measure-single.ts'
import type { RawPods } from './raw-pods.ts'

/** Many Pods by Docker alone, so many of them side by side; milliseconds for all. */
export interface RawBurstResult {
  readonly parallel: number
  readonly startMs: number
  readonly endMs: number
}

/** Does Docker get faster or slower when it is asked for more at a time? */
export async function measureRawBurst(raw: RawPods, pods: number): Promise<readonly RawBurstResult[]> {
  const results: RawBurstResult[] = []
  for (const parallel of [1, 2, 4, 8]) {
    const queue = new PQueue({ concurrency: parallel })
    const starts = Array.from({ length: pods }, () => () => raw.start())
    const [made, startMs] = await timed(() => queue.addAll(starts))
    const [, endMs] = await timed(() => queue.addAll(made.map((pod) => () => raw.end(pod))))
    results.push({ parallel, startMs, endMs })
  }
  return results
}
