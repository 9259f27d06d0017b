import PQueue from 'p-queue'
import type { TestBed } from '../bed/test-bed.ts'
import { timed } from '../bed/timed.ts'
import type { Measured } from '../report/result.ts'
import { format } from '../report/table.ts'

/** Does Docker get faster or slower when it is asked for more at a time? One line for each number side by side. */
export async function measureRawBurst({ raw, turns }: TestBed, pods: number): Promise<Measured> {
  await turns.give(undefined)
  const lines: string[] = []
  for (const parallel of [1, 2, 4, 8]) {
    const queue = new PQueue({ concurrency: parallel })
    const starts = Array.from({ length: pods }, () => () => raw.start())
    const [made, startMs] = await timed(() => queue.addAll(starts))
    const [, endMs] = await timed(() => queue.addAll(made.map((pod) => () => raw.end(pod))))
    lines.push(
      `Docker alone, ${pods} Pods, ${parallel} at a time: all started in ${format(startMs, 'ms')}, ended in ${format(endMs, 'ms')}`,
    )
  }
  return { rows: [], notes: lines }
}
