import { setTimeout as delay } from 'node:timers/promises'
import { Kubectl } from '../../support/kubectl.ts'
import { cpuSeconds, memoryUse } from '../bed/process-usage.ts'
import type { TestBed } from '../bed/test-bed.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import type { Row } from '../report/row.ts'
import { single, summarize } from '../report/summary.ts'

export interface ScrapeOptions {
  readonly containers: number
  readonly seconds: number
}

const intervalMs = 15_000
const settleMs = 5000
const resource = ['/metrics/resource'] as const
const everything = ['/metrics/resource', '/metrics/cadvisor', '/stats/summary'] as const

/**
 * What monitoring costs: everything that is measured, asked for again and again. One container a Pod, beside its sandbox,
 * and an emptyDir: as many cgroups, layers and volumes as there can be. What is judged is what comes on top of idling.
 */
export async function measureScrape(bed: TestBed, { containers, seconds }: ScrapeOptions): Promise<Measured> {
  const { cluster, agent, daemons } = bed
  await bed.turns.give(bed.ours)
  const kubectl = await Kubectl.connect(cluster.nodeName)
  const names = Array.from({ length: containers }, (_, index) => `scraped-${index}`)
  const times: number[] = []
  let bytes = 0
  const scrape = async (path: string): Promise<void> => {
    const startedAtMs = performance.now()
    const answer = await kubectl.run('get', '--raw', `/api/v1/nodes/${cluster.nodeName}/proxy${path}`)
    times.push(performance.now() - startedAtMs)
    bytes = Math.max(bytes, answer.length)
  }
  /** Seconds of CPU a second of these processes while the paths are asked for, each in every interval. */
  const during = async (paths: readonly string[], pids: readonly number[]): Promise<readonly number[]> => {
    const before = pids.map(cpuSeconds)
    const startedAtMs = performance.now()
    for (let passed = 0; passed < seconds * 1000; passed += intervalMs) {
      for (const path of paths) await scrape(path)
      await delay(startedAtMs + passed + intervalMs - performance.now())
    }
    const lasted = (performance.now() - startedAtMs) / 1000
    return pids.map((pid, index) => (cpuSeconds(pid) - (before[index] ?? 0)) / lasted)
  }
  try {
    await Promise.all(names.map((name) => cluster.start(name)))
    await delay(settleMs)
    const { rssMb } = memoryUse(agent.pid)
    const [idle = 0] = await during([], [agent.pid])
    // The first time everything is loaded, and disks are looked at.
    for (const path of everything) await scrape(path)
    const [ofResource = 0] = await during(resource, [agent.pid])
    times.length = 0
    const [all = 0, ...others] = await during(everything, [agent.pid, ...daemons])
    const percent = (share: number): Pick<Row, 'unit' | 'ours'> => ({ unit: '%', ours: single(share * 100) })
    const daemonShare = others.reduce((sum, one) => sum + one, 0)
    const grownMb = memoryUse(agent.pid).rssMb - rssMb
    return rowsOnly([
      {
        what: `CPU for all measures of ${containers}, each 15 s`,
        ...percent(all - idle),
        goal: { kind: 'limit', most: 2 },
      },
      { what: 'for /metrics/resource alone', isDetail: true, ...percent(ofResource - idle) },
      { what: 'while nobody asks', isDetail: true, ...percent(idle) },
      { what: 'of dockerd and containerd meanwhile', isDetail: true, ...percent(daemonShare) },
      { what: 'until an answer is there', isDetail: true, unit: 'ms', ours: summarize(times) },
      { what: 'the largest answer', isDetail: true, unit: 'MB', ours: single(bytes / 1e6) },
      { what: 'memory (RSS) that it takes', isDetail: true, unit: 'MB', ours: single(grownMb) },
    ])
  } finally {
    await Promise.all(names.map((name) => cluster.end(name)))
  }
}
