import { setTimeout as delay } from 'node:timers/promises'
import { Kubectl } from '../support/kubectl.ts'
import { cpuSeconds, memoryUse } from './process-usage.ts'
import { summarize, type Summary } from './summary.ts'
import type { TestBed } from './test-bed.ts'

/** What monitoring costs: everything that is measured, asked for again and again. */
export interface ScrapeResult {
  readonly containers: number
  readonly seconds: number
  /** Seconds of CPU a second: while nobody asks, while metrics-server's path is asked each 15 s, and all three are. */
  readonly idle: number
  readonly resource: number
  readonly all: number
  /** Of dockerd and containerd, while all are asked for. */
  readonly daemons: number
  /** Until the whole answer is there, through the API server. */
  readonly took: Summary
  readonly bytes: number
  /** Resident memory by then, beside what it was before anybody asked. */
  readonly grownMb: number
}

export interface ScrapeOptions {
  readonly containers: number
  readonly seconds: number
}

const intervalMs = 15_000
const settleMs = 5000
const resource = ['/metrics/resource'] as const
const everything = ['/metrics/resource', '/metrics/cadvisor', '/stats/summary'] as const

/** One container a Pod, beside its sandbox, and an emptyDir: as many cgroups, layers and volumes as there can be. */
export async function measureScrape(bed: TestBed, { containers, seconds }: ScrapeOptions): Promise<ScrapeResult> {
  const { cluster, agent, daemons } = bed
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
    return {
      containers,
      seconds,
      idle,
      resource: ofResource,
      all,
      daemons: others.reduce((sum, one) => sum + one, 0),
      took: summarize(times.toSorted((a, b) => a - b)),
      bytes,
      grownMb: memoryUse(agent.pid).rssMb - rssMb,
    }
  } finally {
    await Promise.all(names.map((name) => cluster.end(name)))
  }
}
