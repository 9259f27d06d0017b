import type { Side } from '../bed/measured-node.ts'
import type { TestBed } from '../bed/test-bed.ts'
import { timed } from '../bed/timed.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import type { Row } from '../report/row.ts'
import { summarize } from '../report/summary.ts'

type Samples = Readonly<Record<Side | 'raw', { readonly start: number[]; readonly end: number[] }>>

const sizes = [1, 2, 4, 8]

/** Pods of several containers, one Pod at a time, with Docker alone and each node in turn. */
export async function measureContainers(bed: TestBed, rounds: number): Promise<Measured> {
  const rows: Row[] = []
  for (const containers of sizes) rows.push(...(await measureSize(bed, containers, rounds)))
  return rowsOnly(rows)
}

async function measureSize(
  { raw, nodes, turns }: TestBed,
  containers: number,
  rounds: number,
): Promise<readonly Row[]> {
  const samples: Samples = {
    raw: { start: [], end: [] },
    ours: { start: [], end: [] },
    peer: { start: [], end: [] },
  }
  for (let round = 0; round < rounds; round += 1) {
    await turns.give(undefined)
    const [pod, startMs] = await timed(() => raw.start(containers))
    const [, endMs] = await timed(() => raw.end(pod))
    samples.raw.start.push(startMs)
    samples.raw.end.push(endMs)
    for (const node of nodes) {
      await turns.give(node)
      const name = `of-${containers}-${round}`
      samples[node.side].start.push(await node.cluster.start(name, { containers }))
      samples[node.side].end.push(await node.cluster.end(name))
    }
  }
  const row = (what: string, of: 'start' | 'end'): Row => ({
    what,
    unit: 'ms',
    ours: summarize(samples.ours[of]),
    peer: samples.peer[of].length === 0 ? undefined : summarize(samples.peer[of]),
    raw: summarize(samples.raw[of]),
  })
  const plural = containers === 1 ? 'container' : 'containers'
  const what = `${containers} ${plural}`
  return [row(`a Pod of ${what} → Ready`, 'start'), row(`a Pod of ${what} → gone`, 'end')]
}
