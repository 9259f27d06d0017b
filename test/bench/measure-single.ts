import { setTimeout as delay } from 'node:timers/promises'
import { cpuSeconds } from './process-usage.ts'
import { summarize, type Summary } from './summary.ts'
import type { TestBed } from './test-bed.ts'

/** One Pod at a time; times in milliseconds. */
export interface SingleResult {
  readonly rawStart: Summary
  readonly rawEnd: Summary
  readonly start: Summary
  readonly end: Summary
  /** The agent's CPU for a Pod's start and end. */
  readonly agentCpuSeconds: number
  /** What dockerd and containerd spend on one Pod, and on the same by themselves. */
  readonly daemonCpuSeconds: number
  readonly rawDaemonCpuSeconds: number
}

/** What the agent does behind a Pod's end (Events, its own memory) belongs to the Pod. */
const settleMs = 500

/** Docker alone and a Pod in turn, so that whatever else the machine does meets both. */
export async function measureSingle(bed: TestBed, rounds: number): Promise<SingleResult> {
  const { raw, cluster, agent, daemons } = bed
  const samples = { rawStart: [] as number[], rawEnd: [] as number[], start: [] as number[], end: [] as number[] }
  const daemon = { ours: 0, raw: 0 }
  const daemonSeconds = (): number => daemons.map(cpuSeconds).reduce((sum, seconds) => sum + seconds, 0)
  const before = cpuSeconds(agent.pid)
  for (let round = 0; round < rounds; round += 1) {
    const beforeRaw = daemonSeconds()
    const [pod, rawStart] = await timed(() => raw.start())
    const [, rawEnd] = await timed(() => raw.end(pod))
    const beforeOurs = daemonSeconds()
    samples.rawStart.push(rawStart)
    samples.rawEnd.push(rawEnd)
    samples.start.push(await cluster.start(`single-${round}`))
    samples.end.push(await cluster.end(`single-${round}`))
    daemon.raw += beforeOurs - beforeRaw
    daemon.ours += daemonSeconds() - beforeOurs
  }
  await delay(settleMs)
  return {
    rawStart: summarize(samples.rawStart),
    rawEnd: summarize(samples.rawEnd),
    start: summarize(samples.start),
    end: summarize(samples.end),
    agentCpuSeconds: (cpuSeconds(agent.pid) - before) / rounds,
    daemonCpuSeconds: daemon.ours / rounds,
    rawDaemonCpuSeconds: daemon.raw / rounds,
  }
}

/** What `work` gave, and how many milliseconds it took. */
export async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startedAtMs = performance.now()
  const result = await work()
  return [result, performance.now() - startedAtMs]
}
