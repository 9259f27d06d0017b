import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { MemoryRun } from '../fake/pods-in-memory.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import type { Row } from '../report/row.ts'
import { median, single, summarize } from '../report/summary.ts'

const sizes = [10, 100, 1000]
/** How much dearer a Pod may be among a thousand than among the first number that is measured. */
const most = 1.25
/** As the agent sets them itself (src/main.ts). */
const v8 = ['--semi-space-growth-factor=1', '--no-opt', '--optimize-for-size']
const program = join(import.meta.dirname, '..', 'fake', 'pods-in-memory.ts')
const runs = 3

/** Does the cost of a Pod grow with their number? The agent's own code, on a Docker and an API server in memory. */
export async function measureScale(): Promise<Measured> {
  const measured = new Map(sizes.map((pods) => [pods, [] as MemoryRun[]]))
  for (let run = 0; run < runs; run += 1) {
    for (const [pods, samples] of measured) samples.push(await inProcessOfItsOwn(pods))
  }
  return rowsOnly(scaleRows(measured))
}

async function inProcessOfItsOwn(pods: number): Promise<MemoryRun> {
  const { stdout } = await promisify(execFile)(process.execPath, [...v8, program, String(pods)])
  const run: MemoryRun = JSON.parse(stdout)
  return run
}

function scaleRows(measured: ReadonlyMap<number, readonly MemoryRun[]>): readonly Row[] {
  const row = (what: string, samples: readonly MemoryRun[], of: keyof MemoryRun): Row => ({
    what,
    unit: 'ms',
    ours: summarize(samples.map((sample) => sample[of])),
    isDetail: of !== 'cpuMs',
  })
  const rows = [...measured].flatMap(([pods, samples]) => [
    row(`in memory, ${pods} at once: CPU for a Pod`, samples, 'cpuMs'),
    row('→ Ready, time for a Pod', samples, 'readyMs'),
    row('→ gone, time for a Pod', samples, 'goneMs'),
  ])
  const cpu = [...measured.values()].map((samples) => median(samples.map(({ cpuMs }) => cpuMs)))
  const [first = 1, last = 1] = [cpu[0], cpu.at(-1)]
  const flat: Row = {
    what: `CPU for one of ${sizes.at(-1)} beside one of ${sizes[0]}`,
    unit: '',
    ours: single(last / first),
    goal: { kind: 'limit', most },
  }
  return [...rows, flat]
}
