import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { memoryUse, openFiles } from '../bed/process-usage.ts'
import type { TestBed } from '../bed/test-bed.ts'
import { heapSizes } from '../report/heap-log.ts'
import type { Measured } from '../report/result.ts'
import { later, slope } from '../report/slope.ts'
import { single } from '../report/summary.ts'
import { formatTable } from '../report/table.ts'

/** The agent after so many Pods. */
interface Sample {
  readonly minute: number
  readonly pods: number
  readonly rssMb: number
  readonly anonymousMb: number
  readonly openFiles: number
  /** Live objects, by V8's last big collection; `undefined` before the first. */
  readonly heapMb: number | undefined
}

const sideBySide = 8
/** Lines of the table: more than enough to see whether it grows. */
const lines = 20
const settleMs = 2000
/** MB for each thousand Pods. */
const mostGrowth = 1
/** Fewer Pods tell nothing of growth: until then V8 is still finding its size. */
const leastPods = 3000

/** Pods that come and go, eight at any moment: does the agent grow? */
export async function measureChurn(bed: TestBed, minutes: number): Promise<Measured> {
  const { agent, cluster } = bed
  await bed.turns.give(bed.ours)
  await agent.stop()
  agent.start({ logsHeap: true })
  await cluster.start('first')
  await cluster.end('first')
  const beganMs = performance.now()
  const endsMs = beganMs + minutes * 60_000
  const samples: Sample[] = []
  let pods = 0
  const comeAndGo = async (): Promise<void> => {
    while (performance.now() < endsMs) {
      pods += 1
      const name = `churn-${pods}`
      await cluster.start(name)
      await cluster.end(name)
    }
  }
  const watch = async (): Promise<void> => {
    while (performance.now() < endsMs) {
      samples.push(await sample(bed, (performance.now() - beganMs) / 60_000, pods))
      await delay((minutes * 60_000) / lines)
    }
  }
  await Promise.all([watch(), ...Array.from({ length: sideBySide }, comeAndGo)])
  await delay(settleMs)
  samples.push(await sample(bed, (performance.now() - beganMs) / 60_000, pods))
  await agent.stop()
  agent.start()
  return churned(samples)
}

async function sample({ agent }: TestBed, minute: number, pods: number): Promise<Sample> {
  const { rssMb, anonymousMb } = memoryUse(agent.pid)
  const heapMb = heapSizes(await readFile(agent.logFile, 'utf8')).at(-1)
  return { minute, pods, rssMb, anonymousMb, openFiles: await openFiles(agent.pid), heapMb }
}

/** What comes in the first third is warming up. */
function churned(samples: readonly Sample[]): Measured {
  const growth = (of: (sample: Sample) => number | undefined): number =>
    slope(
      later(samples).flatMap((one) => {
        const y = of(one)
        return y === undefined ? [] : [{ x: one.pods / 1000, y }]
      }),
    )
  const table = samples.map(({ minute, pods, rssMb, anonymousMb, heapMb, openFiles: files }) => [
    minute.toFixed(1),
    String(pods),
    rssMb.toFixed(1),
    anonymousMb.toFixed(1),
    heapMb?.toFixed(1) ?? '',
    String(files),
  ])
  const rss = samples.at(-1)?.rssMb ?? 0
  const all = samples.at(-1)?.pods ?? 0
  return {
    rows: [
      {
        what: `RSS for each 1,000 Pods, of ${all} that came and went`,
        unit: 'MB',
        ours: single(growth(({ rssMb }) => rssMb)),
        goal: all < leastPods ? undefined : { kind: 'limit', most: mostGrowth },
      },
      {
        what: 'live heap for each 1,000 Pods',
        isDetail: true,
        unit: 'MB',
        ours: single(growth(({ heapMb }) => heapMb)),
      },
      { what: 'RSS in the end', isDetail: true, unit: 'MB', ours: single(rss) },
    ],
    notes: [
      formatTable([['minute', 'Pods so far', 'RSS, MB', 'anonymous, MB', 'live heap, MB', 'open files'], ...table]),
    ],
  }
}
