import { setTimeout as delay } from 'node:timers/promises'
import { timed } from './measure-single.ts'
import { cpuSeconds, memoryUse, type MemoryUse } from './process-usage.ts'
import { summarize, type Summary } from './summary.ts'
import type { TestBed } from './test-bed.ts'

/** Many Pods at once; times in milliseconds. */
export interface BurstResult {
  readonly pods: number
  /** Docker alone, one Pod at a time: measured right before and right after each burst. */
  readonly rawStart: Summary
  readonly rawEnd: Summary
  /** From the first request until the last Pod was Ready, and was gone; one sample for each burst. */
  readonly allReady: Summary
  readonly allGone: Summary
  /** Those of the single Pods in it. */
  readonly ready: Summary
  readonly gone: Summary
  readonly agentCpuSeconds: number
  /** With all Pods running. */
  readonly memory: MemoryUse
  readonly idle: IdleResult | undefined
}

/** Seconds of CPU a second, with all Pods running and nothing to do. */
export interface IdleResult {
  readonly seconds: number
  readonly agent: number
  readonly daemons: number
}

export interface BurstOptions {
  readonly pods: number
  readonly bursts: number
  /** How long the agent is watched in the middle of the last burst; 0 leaves that out. */
  readonly idleSeconds: number
}

const rawRounds = 5
const settleMs = 1000

export async function measureBurst(bed: TestBed, { pods, bursts, idleSeconds }: BurstOptions): Promise<BurstResult> {
  const { cluster, agent } = bed
  const raw = { start: [] as number[], end: [] as number[] }
  const ours = { allReady: [] as number[], allGone: [] as number[], ready: [] as number[], gone: [] as number[] }
  let cpu = 0
  let memory = memoryUse(agent.pid)
  let idle: IdleResult | undefined
  await measureRaw(bed, raw)
  for (let burst = 0; burst < bursts; burst += 1) {
    const names = Array.from({ length: pods }, (_, index) => `burst-${burst}-${index}`)
    const beforeStart = cpuSeconds(agent.pid)
    const [ready, allReady] = await timed(() => Promise.all(names.map((name) => cluster.start(name))))
    await delay(settleMs)
    cpu += cpuSeconds(agent.pid) - beforeStart
    if (burst === bursts - 1) {
      if (idleSeconds > 0) idle = await measureIdle(bed, idleSeconds)
      memory = memoryUse(agent.pid)
    }
    const beforeEnd = cpuSeconds(agent.pid)
    const [gone, allGone] = await timed(() => Promise.all(names.map((name) => cluster.end(name))))
    await delay(settleMs)
    cpu += cpuSeconds(agent.pid) - beforeEnd
    ours.allReady.push(allReady)
    ours.allGone.push(allGone)
    ours.ready.push(...ready)
    ours.gone.push(...gone)
    await measureRaw(bed, raw)
  }
  return {
    pods,
    rawStart: summarize(raw.start),
    rawEnd: summarize(raw.end),
    allReady: summarize(ours.allReady),
    allGone: summarize(ours.allGone),
    ready: summarize(ours.ready),
    gone: summarize(ours.gone),
    agentCpuSeconds: cpu / pods / bursts,
    memory,
    idle,
  }
}

async function measureRaw(
  { raw }: TestBed,
  samples: { readonly start: number[]; readonly end: number[] },
): Promise<void> {
  for (let round = 0; round < rawRounds; round += 1) {
    const [pod, startMs] = await timed(() => raw.start())
    const [, endMs] = await timed(() => raw.end(pod))
    samples.start.push(startMs)
    samples.end.push(endMs)
  }
}

async function measureIdle({ agent, daemons }: TestBed, seconds: number): Promise<IdleResult> {
  const read = (): { agent: number; daemons: number } => ({
    agent: cpuSeconds(agent.pid),
    daemons: daemons.map(cpuSeconds).reduce((sum, one) => sum + one, 0),
  })
  const before = read()
  await delay(seconds * 1000)
  const after = read()
  return {
    seconds,
    agent: (after.agent - before.agent) / seconds,
    daemons: (after.daemons - before.daemons) / seconds,
  }
}
