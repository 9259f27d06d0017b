import { setTimeout as delay } from 'node:timers/promises'
import type { MeasuredNode, Side } from '../bed/measured-node.ts'
import { cpuSeconds, cpuSecondsOf } from '../bed/process-usage.ts'
import type { TestBed } from '../bed/test-bed.ts'
import { timed } from '../bed/timed.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import type { Row } from '../report/row.ts'
import { single, summarize } from '../report/summary.ts'

/** What one Pod after the other took, of one side. */
interface PodSamples {
  readonly start: number[]
  readonly end: number[]
  /** For a start and an end together; and that less what the node needs in as much time when it has nothing to do. */
  readonly cpuSeconds: number[]
  readonly netCpuSeconds: number[]
  readonly daemonCpuSeconds: number[]
}

/** What the agent does behind a Pod's end (Events, its own memory) belongs to the Pod. */
const settleMs = 500
/** Long enough for ticks of 10 ms: a Pod of the real kubelet's lasts ten seconds. */
const idleMs = 20_000

/** Docker alone and a Pod of each node in turn, so that whatever else the machine does meets all. */
export async function measureSingle(bed: TestBed, rounds: number): Promise<Measured> {
  const { raw, nodes, turns, daemons } = bed
  const idle = new Map<MeasuredNode, number>()
  for (const node of nodes) idle.set(node, await idleShare(bed, node))
  const samples = { raw: noSamples(), ours: noSamples(), peer: noSamples() }
  for (let round = 0; round < rounds; round += 1) {
    await turns.give(undefined)
    const before = cpuSecondsOf(daemons)
    const [pod, startMs] = await timed(() => raw.start())
    const [, endMs] = await timed(() => raw.end(pod))
    samples.raw.start.push(startMs)
    samples.raw.end.push(endMs)
    samples.raw.daemonCpuSeconds.push(cpuSecondsOf(daemons) - before)
    for (const node of nodes) {
      await turns.give(node)
      await takePod(bed, node, { name: `single-${round}`, into: samples[node.side], idle: idle.get(node) ?? 0 })
    }
  }
  return rowsOnly(singleRows(samples))
}

/** One Pod's start and end; `idle` is the node's CPU a second without it. */
async function takePod(
  { daemons }: TestBed,
  node: MeasuredNode,
  { name, into, idle }: { readonly name: string; readonly into: PodSamples; readonly idle: number },
): Promise<void> {
  const before = { node: cpuSeconds(node.pid), daemons: cpuSecondsOf(daemons), atMs: performance.now() }
  into.start.push(await node.cluster.start(name))
  into.end.push(await node.cluster.end(name))
  await delay(settleMs)
  const lasted = (performance.now() - before.atMs) / 1000
  const cpu = cpuSeconds(node.pid) - before.node
  into.cpuSeconds.push(cpu)
  into.netCpuSeconds.push(cpu - idle * lasted)
  into.daemonCpuSeconds.push(cpuSecondsOf(daemons) - before.daemons)
}

/** Seconds of CPU a second of a node without Pods. */
async function idleShare({ turns }: TestBed, node: MeasuredNode): Promise<number> {
  await turns.give(node)
  const before = cpuSeconds(node.pid)
  await delay(idleMs)
  return (cpuSeconds(node.pid) - before) / (idleMs / 1000)
}

function noSamples(): PodSamples {
  return { start: [], end: [], cpuSeconds: [], netCpuSeconds: [], daemonCpuSeconds: [] }
}

function singleRows(samples: Readonly<Record<Side | 'raw', PodSamples>>): readonly Row[] {
  const { raw, ours, peer } = samples
  const withPeer = peer.start.length > 0
  const times = (of: 'start' | 'end'): Pick<Row, 'unit' | 'ours' | 'peer' | 'raw'> => ({
    unit: 'ms',
    ours: summarize(ours[of]),
    peer: withPeer ? summarize(peer[of]) : undefined,
    raw: summarize(raw[of]),
  })
  // A tick of the kernel's clock is 10 ms: one Pod alone says little.
  const mean = (values: readonly number[]) => single(values.reduce((sum, one) => sum + one, 0) / values.length)
  return [
    { what: 'created → Ready', ...times('start'), goal: { kind: 'ratio', most: 1.15 } },
    { what: 'deleted → gone', ...times('end'), goal: { kind: 'ratio', most: 1.5 } },
    {
      what: 'CPU for a Pod',
      unit: 's of CPU',
      ours: mean(ours.cpuSeconds),
      peer: withPeer ? mean(peer.cpuSeconds) : undefined,
      goal: { kind: 'limit', most: 0.05 },
    },
    {
      what: 'less what an idle node needs in that time',
      isDetail: true,
      unit: 's of CPU',
      ours: mean(ours.netCpuSeconds),
      peer: withPeer ? mean(peer.netCpuSeconds) : undefined,
    },
    {
      what: 'of dockerd and containerd',
      isDetail: true,
      unit: 's of CPU',
      ours: mean(ours.daemonCpuSeconds),
      peer: withPeer ? mean(peer.daemonCpuSeconds) : undefined,
      raw: mean(raw.daemonCpuSeconds),
    },
  ]
}
