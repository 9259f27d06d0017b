import { setTimeout as delay } from 'node:timers/promises'
import type { BenchPart } from './bench-pod.ts'
import { childrenCpuSeconds, cpuSeconds } from './process-usage.ts'
import { summarize, type Summary } from './summary.ts'
import type { TestBed } from './test-bed.ts'

/** What the token of a ServiceAccount costs the Pod that has it. */
export interface TokensResult {
  readonly plain: PodCost
  readonly withToken: PodCost
}

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

/** In turn, so that whatever else the machine does meets both. */
export async function measureTokens(bed: TestBed, rounds: number): Promise<TokensResult> {
  const plain = new Samples()
  const withToken = new Samples()
  for (let round = 0; round < rounds; round += 1) {
    await plain.take(bed, `plain-${round}`, {})
    await withToken.take(bed, `token-${round}`, { volumes: [access] })
  }
  return { plain: plain.cost(), withToken: withToken.cost() }
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
