import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { everyStep } from '../../support/every-step.ts'
import type { MeasuredNode, Side } from '../bed/measured-node.ts'
import { cpuSeconds, cpuSecondsOf } from '../bed/process-usage.ts'
import type { TestBed } from '../bed/test-bed.ts'
import { lateness } from '../report/lateness.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import type { Row } from '../report/row.ts'
import { single, summarize } from '../report/summary.ts'

/** What came of the probes of one side. */
interface ProbesResult {
  /** Milliseconds that each came later than it was due. */
  readonly late: readonly number[]
  /** Seconds of CPU a second. */
  readonly node: number
  readonly daemons: number
}

export interface ProbesOptions {
  readonly pods: number
  readonly seconds: number
}

const settleMs = 3000

/** Pods that are asked each second, over HTTP. */
export async function measureProbes(bed: TestBed, options: ProbesOptions): Promise<Measured> {
  const results: Partial<Record<Side, ProbesResult>> = {}
  for (const node of bed.nodes) {
    await bed.turns.give(node)
    results[node.side] = await probe(bed, node, options)
  }
  const { ours, peer } = results
  return rowsOnly(ours === undefined ? [] : probeRows(options, ours, peer))
}

/**
 * All Pods ask the one server of this process, so that what is measured is when the agent asks, and not how long busybox
 * takes to answer on two cores.
 */
async function probe(
  { daemons }: TestBed,
  { cluster, pid }: MeasuredNode,
  { pods, seconds }: ProbesOptions,
): Promise<ProbesResult> {
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
  const readinessProbe = (name: string): unknown => ({
    httpGet: { host: '127.0.0.1', port, path: `/${name}` },
    periodSeconds: 1,
  })
  try {
    await Promise.all(names.map((name) => cluster.start(name, { container: { readinessProbe: readinessProbe(name) } })))
    await delay(settleMs)
    const before = { node: cpuSeconds(pid), daemons: cpuSecondsOf(daemons) }
    for (const name of names) arrivals.set(`/${name}`, [])
    await delay(seconds * 1000)
    const all = [...arrivals.values()]
    arrivals.clear()
    return {
      late: all.flatMap((times) => lateness(times, 1000)),
      node: (cpuSeconds(pid) - before.node) / seconds,
      daemons: (cpuSecondsOf(daemons) - before.daemons) / seconds,
    }
  } finally {
    await everyStep(
      () => Promise.all(names.map((name) => cluster.end(name))),
      () => server.close(),
      () => server.closeAllConnections(),
    )
  }
}

/** The 95th percentile is what is judged. */
function probeRows(
  { pods, seconds }: ProbesOptions,
  ours: ProbesResult,
  peer: ProbesResult | undefined,
): readonly Row[] {
  const both = (of: (result: ProbesResult) => number): Pick<Row, 'ours' | 'peer'> => ({
    ours: single(of(ours)),
    peer: peer === undefined ? undefined : single(of(peer)),
  })
  return [
    {
      what: `a probe each second of ${pods}, late`,
      unit: 'ms',
      ours: summarize(ours.late),
      peer: peer === undefined ? undefined : summarize(peer.late),
      judged: 'p95',
      goal: { kind: 'limit', most: 100 },
    },
    { what: 'that did not come, of 100', isDetail: true, unit: '', ...both(({ late }) => missing(late)) },
    { what: `CPU with a probe each second of ${pods}`, unit: '%', ...both(({ node }) => node * 100) },
    { what: 'of dockerd and containerd', isDetail: true, unit: '%', ...both(({ daemons }) => daemons * 100) },
  ]

  function missing(late: readonly number[]): number {
    return Math.max(0, 100 - (late.length / pods / seconds) * 100)
  }
}
