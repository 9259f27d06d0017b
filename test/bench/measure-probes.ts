import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { cpuSeconds } from './process-usage.ts'
import { lateness } from './lateness.ts'
import { summarize, type Summary } from './summary.ts'
import type { TestBed } from './test-bed.ts'

/** Pods that are asked each second, over HTTP. */
export interface ProbesResult {
  readonly pods: number
  readonly seconds: number
  /** How many came in that time, of `pods` × `seconds`. */
  readonly came: number
  /** Milliseconds that each came later than it was due. */
  readonly late: Summary
  readonly lateP99: number
  /** Seconds of CPU a second. */
  readonly agent: number
  readonly daemons: number
}

export interface ProbesOptions {
  readonly pods: number
  readonly seconds: number
}

const settleMs = 3000

/**
 * All Pods ask the one server of this process, so that what is measured is when the agent asks, and not how long busybox
 * takes to answer on two cores.
 */
export async function measureProbes(bed: TestBed, { pods, seconds }: ProbesOptions): Promise<ProbesResult> {
  const { cluster, agent, daemons } = bed
  const arrivals = new Map<string, number[]>()
  const server = createServer((request, response) => {
    arrivals.get(request.url ?? '')?.push(performance.now())
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const names = Array.from({ length: pods }, (_, index) => `probed-${index}`)
  try {
    const readinessProbe = (name: string): unknown => ({
      httpGet: { host: '127.0.0.1', port, path: `/${name}` },
      periodSeconds: 1,
    })
    await Promise.all(names.map((name) => cluster.start(name, { container: { readinessProbe: readinessProbe(name) } })))
    await delay(settleMs)
    const usage = (): { agent: number; daemons: number } => ({
      agent: cpuSeconds(agent.pid),
      daemons: daemons.map(cpuSeconds).reduce((sum, one) => sum + one, 0),
    })
    const before = usage()
    for (const name of names) arrivals.set(`/${name}`, [])
    await delay(seconds * 1000)
    const after = usage()
    const all = [...arrivals.values()]
    arrivals.clear()
    const late = all.flatMap((times) => lateness(times, 1000)).toSorted((a, b) => a - b)
    return {
      pods,
      seconds,
      came: all.flat().length,
      late: summarize(late),
      lateP99: late[Math.floor((late.length - 1) * 0.99)] ?? 0,
      agent: (after.agent - before.agent) / seconds,
      daemons: (after.daemons - before.daemons) / seconds,
    }
  } finally {
    await Promise.all(names.map((name) => cluster.end(name)))
    server.close()
  }
}
