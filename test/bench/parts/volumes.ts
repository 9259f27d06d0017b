import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestBed } from '../bed/test-bed.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import { single, summarize } from '../report/summary.ts'

const sources = 10
const keys = 100

/**
 * What a volume of files costs: a Pod without and one with it in turn, so that whatever else the machine does meets both;
 * and the time from the change of a ConfigMap until the file in the volume says so. What is judged is how much later the
 * Pod with the volume is Ready.
 */
export async function measureVolumes(bed: TestBed, rounds: number): Promise<Measured> {
  const { cluster, directory } = bed
  await bed.turns.give(bed.ours)
  const names = Array.from({ length: sources }, (_, index) => `source-${index}`)
  for (const name of names) await cluster.putConfigMap(name, dataOf(name, 'at first'))
  const projected = { sources: names.map((name) => ({ configMap: { name } })) }
  const samples = { plain: [] as number[], projected: [] as number[], change: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    const [plain, files] = [`plain-${round}`, `files-${round}`]
    samples.plain.push(await cluster.start(plain))
    await cluster.end(plain)
    samples.projected.push(await cluster.start(files, { volumes: [{ name: 'files', projected }] }))
    const pod = join(directory, 'root', 'pods', await cluster.uidOf(files))
    const volume = join(pod, 'volumes/kubernetes.io~projected/files')
    const text = `in round ${round}`
    const seen = untilSays(volume, `${names[0]}-0`, text)
    const changedAtMs = performance.now()
    await cluster.putConfigMap(names[0] ?? '', dataOf(names[0] ?? '', text))
    samples.change.push((await seen) - changedAtMs)
    await cluster.end(files)
  }
  const [plain, withFiles] = [summarize(samples.plain), summarize(samples.projected)]
  return rowsOnly([
    { what: `with ${sources} sources of ${keys} keys → Ready`, unit: 'ms', ours: withFiles },
    { what: 'and without', isDetail: true, unit: 'ms', ours: plain },
    {
      what: 'so much later',
      isDetail: true,
      unit: 'ms',
      ours: single(withFiles.p50 - plain.p50),
      goal: { kind: 'limit', most: 100 },
    },
    { what: 'a change → its file', isDetail: true, unit: 'ms', ours: summarize(samples.change) },
  ])
}

function dataOf(name: string, text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: keys }, (_, index) => [`${name}-${index}`, text]))
}

/** When the file says that, by the clock of `performance.now`. It is asked for whenever something moves in its folder. */
async function untilSays(folder: string, file: string, text: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const watcher = watch(folder)
  watcher.on('error', reject)
  watcher.on('change', () => {
    readFile(join(folder, file), 'utf8').then(
      (found) => found === text && resolve(performance.now()),
      // Between one folder and the next.
      () => undefined,
    )
  })
  try {
    return await promise
  } finally {
    watcher.close()
  }
}
