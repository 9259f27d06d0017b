import { setTimeout as delay } from 'node:timers/promises'
import type { MeasuredNode, Side } from '../bed/measured-node.ts'
import { cpuSeconds, cpuSecondsOf, memoryUse, type MemoryUse } from '../bed/process-usage.ts'
import type { TestBed } from '../bed/test-bed.ts'
import { timed } from '../bed/timed.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import type { Row } from '../report/row.ts'
import { scale, single, summarize } from '../report/summary.ts'

export interface BurstOptions {
  readonly bursts: number
  /** How long each node is watched while all Pods run, in the last burst of as many as the goals are for. */
  readonly idleSeconds: number
}

/** Many Pods at once, of one side; times in milliseconds. */
interface BurstSamples {
  /** From the first request until the last Pod was so; one for each burst. */
  readonly allReady: number[]
  readonly allGone: number[]
  /** Those of the single Pods in it. */
  readonly ready: number[]
  readonly gone: number[]
  /** For one of them; one sample for each burst. */
  readonly cpuSeconds: number[]
  /** With all Pods of the last burst running. */
  memory: MemoryUse | undefined
  idle: { readonly node: number; readonly daemons: number } | undefined
}

/** Docker alone, one Pod at a time: in front of each burst and behind the last. */
interface RawSamples {
  readonly start: number[]
  readonly end: number[]
}

const rawRounds = 5
const settleMs = 1000

/** The goals about memory and idle CPU are for 40 Pods. */
const judgedPods = 40

/** So many Pods at once, with Docker alone and each node in turn. */
export async function measureBursts(bed: TestBed, sizes: readonly number[], options: BurstOptions): Promise<Measured> {
  const idlePods = sizes.includes(judgedPods) ? judgedPods : sizes.at(-1)
  const rows: Row[] = []
  for (const pods of sizes) {
    const idleSeconds = pods === idlePods ? options.idleSeconds : 0
    rows.push(...(await measureSize(bed, pods, { ...options, idleSeconds })))
  }
  return rowsOnly(rows)
}

async function measureSize(bed: TestBed, pods: number, options: BurstOptions): Promise<readonly Row[]> {
  const { nodes, turns } = bed
  const raw: RawSamples = { start: [], end: [] }
  const sides = { ours: noSamples(), peer: noSamples() }
  for (let burst = 0; burst < options.bursts; burst += 1) {
    for (const node of nodes) {
      await measureRaw(bed, raw)
      await turns.give(node)
      const idleSeconds = burst === options.bursts - 1 ? options.idleSeconds : 0
      await takeBurst(bed, node, { burst, into: sides[node.side], pods, idleSeconds })
    }
  }
  await measureRaw(bed, raw)
  return burstRows(pods, raw, sides)
}

interface BurstRound {
  readonly burst: number
  readonly pods: number
  readonly idleSeconds: number
  readonly into: BurstSamples
}

async function takeBurst(bed: TestBed, node: MeasuredNode, round: BurstRound): Promise<void> {
  const { burst, pods, idleSeconds, into } = round
  const { cluster } = node
  const names = Array.from({ length: pods }, (_, index) => `burst-${burst}-${index}`)
  const beforeStart = cpuSeconds(node.pid)
  const [ready, allReady] = await timed(() => Promise.all(names.map((name) => cluster.start(name))))
  await delay(settleMs)
  let cpu = cpuSeconds(node.pid) - beforeStart
  if (idleSeconds > 0) into.idle = await measureIdle(bed, node, idleSeconds)
  into.memory = memoryUse(node.pid)
  const beforeEnd = cpuSeconds(node.pid)
  const [gone, allGone] = await timed(() => Promise.all(names.map((name) => cluster.end(name))))
  await delay(settleMs)
  cpu += cpuSeconds(node.pid) - beforeEnd
  into.allReady.push(allReady)
  into.allGone.push(allGone)
  into.ready.push(...ready)
  into.gone.push(...gone)
  into.cpuSeconds.push(cpu / pods)
}

async function measureRaw({ raw, turns }: TestBed, samples: RawSamples): Promise<void> {
  await turns.give(undefined)
  for (let round = 0; round < rawRounds; round += 1) {
    const [pod, startMs] = await timed(() => raw.start())
    const [, endMs] = await timed(() => raw.end(pod))
    samples.start.push(startMs)
    samples.end.push(endMs)
  }
}

/** Seconds of CPU a second, with all Pods running and nothing to do. */
async function measureIdle({ daemons }: TestBed, node: MeasuredNode, seconds: number): Promise<BurstSamples['idle']> {
  const before = { node: cpuSeconds(node.pid), daemons: cpuSecondsOf(daemons) }
  await delay(seconds * 1000)
  return {
    node: (cpuSeconds(node.pid) - before.node) / seconds,
    daemons: (cpuSecondsOf(daemons) - before.daemons) / seconds,
  }
}

function noSamples(): BurstSamples {
  return { allReady: [], allGone: [], ready: [], gone: [], cpuSeconds: [], memory: undefined, idle: undefined }
}

function burstRows(
  pods: number,
  raw: RawSamples,
  { ours, peer }: Readonly<Record<Side, BurstSamples>>,
): readonly Row[] {
  type Samples = 'allReady' | 'allGone' | 'ready' | 'gone' | 'cpuSeconds'
  const both = (of: Samples): Pick<Row, 'ours' | 'peer'> => ({
    ours: summarize(ours[of]),
    peer: peer[of].length === 0 ? undefined : summarize(peer[of]),
  })
  const rawFor = { start: scale(summarize(raw.start), pods), end: scale(summarize(raw.end), pods) }
  const memory = (of: keyof MemoryUse): Pick<Row, 'ours' | 'peer' | 'unit'> => ({
    unit: 'MB',
    ours: single(ours.memory?.[of] ?? 0),
    peer: peer.memory === undefined ? undefined : single(peer.memory[of]),
  })
  const idle = (of: 'node' | 'daemons'): Pick<Row, 'ours' | 'peer' | 'unit'> => ({
    unit: '%',
    ours: single((ours.idle?.[of] ?? 0) * 100),
    peer: peer.idle === undefined ? undefined : single(peer.idle[of] * 100),
  })
  const limit = (most: number): Pick<Row, 'goal'> => (pods === judgedPods ? { goal: { kind: 'limit', most } } : {})
  return [
    {
      what: `${pods} at once → all Ready`,
      unit: 'ms',
      ...both('allReady'),
      raw: rawFor.start,
      goal: { kind: 'ratio', most: 1.1 },
    },
    { what: 'one of them', isDetail: true, unit: 'ms', ...both('ready') },
    {
      what: `${pods} at once → all gone`,
      unit: 'ms',
      ...both('allGone'),
      raw: rawFor.end,
      goal: { kind: 'ratio', most: 1.5 },
    },
    { what: 'one of them', isDetail: true, unit: 'ms', ...both('gone') },
    { what: `CPU for one of ${pods}`, unit: 's of CPU', ...both('cpuSeconds'), goal: { kind: 'limit', most: 0.05 } },
    { what: `memory (RSS) with ${pods}`, ...memory('rssMb'), ...limit(100) },
    { what: 'of that proportional (PSS)', isDetail: true, ...memory('pssMb') },
    { what: 'of that anonymous', isDetail: true, ...memory('anonymousMb') },
    ...(ours.idle === undefined
      ? []
      : [
          { what: `idle CPU with ${pods}`, ...idle('node'), ...limit(0.5) },
          { what: 'of dockerd and containerd', isDetail: true, ...idle('daemons') },
        ]),
  ]
}
