import { setTimeout as delay } from 'node:timers/promises'
import type { BenchPart } from '../bed/bench-pod.ts'
import { childrenCpuSeconds, cpuSeconds } from '../bed/process-usage.ts'
import type { TestBed } from '../bed/test-bed.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import type { Row } from '../report/row.ts'
import { single, summarize, type Summary } from '../report/summary.ts'

/** What Pods cost that come and go one at a time; times in milliseconds. */
export interface PodCost {
  readonly start: Summary
  readonly end: Summary
  /** For one Pod's start and end: of the agent, and of the programs that it runs. */
  readonly agentCpuSeconds: number
  readonly programCpuSeconds: number
}

/** As today's API servers add it to every Pod. */
const access = {
  name: 'kube-api-access',
  projected: {
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  },
}

/** What the agent does behind a Pod's end belongs to the Pod. */
const settleMs = 500

/** What the token of a ServiceAccount costs the Pod that has it: one with and one without in turn. */
export async function measureTokens(bed: TestBed, rounds: number): Promise<Measured> {
  await bed.turns.give(bed.ours)
  const plain = new Samples()
  const withToken = new Samples()
  for (let round = 0; round < rounds; round += 1) {
    await plain.take(bed, `plain-${round}`, {})
    await withToken.take(bed, `token-${round}`, { volumes: [access] })
  }
  return rowsOnly(tokenRows(plain.cost(), withToken.cost()))
}

function tokenRows(plain: PodCost, withToken: PodCost): readonly Row[] {
  const cpu = (seconds: number): Pick<Row, 'unit' | 'ours' | 'isDetail'> => ({
    unit: 's of CPU',
    ours: single(seconds),
    isDetail: true,
  })
  return [
    { what: 'with a token → Ready', unit: 'ms', ours: withToken.start },
    { what: 'and without', isDetail: true, unit: 'ms', ours: plain.start },
    { what: 'with a token → gone', unit: 'ms', ours: withToken.end },
    { what: 'and without', isDetail: true, unit: 'ms', ours: plain.end },
    { what: 'CPU for it', ...cpu(withToken.agentCpuSeconds) },
    { what: 'and for one without', ...cpu(plain.agentCpuSeconds) },
    { what: 'of mount and umount', ...cpu(withToken.programCpuSeconds) },
  ]
}

class Samples {
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #agentSeconds = 0
  #programSeconds = 0

  async take({ cluster, agent }: TestBed, name: string, part: BenchPart): Promise<void> {
    const before = { agent: cpuSeconds(agent.pid), programs: childrenCpuSeconds(agent.pid) }
    this.#starts.push(await cluster.start(name, part))
    this.#ends.push(await cluster.end(name))
    await delay(settleMs)
    this.#agentSeconds += cpuSeconds(agent.pid) - before.agent
    this.#programSeconds += childrenCpuSeconds(agent.pid) - before.programs
  }

  cost(): PodCost {
    const pods = this.#starts.length
    return {
      start: summarize(this.#starts),
      end: summarize(this.#ends),
      agentCpuSeconds: this.#agentSeconds / pods,
      programCpuSeconds: this.#programSeconds / pods,
    }
  }
}
