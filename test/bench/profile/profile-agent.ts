import { readFile } from 'node:fs/promises'
import type { TestBed } from '../bed/test-bed.ts'
import type { Measured } from '../report/result.ts'
import { formatFunctions } from './hot-functions.ts'

/** Where the agent's own time goes: Pods one at a time and as many at once, under V8's profiler. */
export async function profileAgent({ agent, cluster, turns, ours }: TestBed, pods: number): Promise<Measured> {
  await turns.give(ours)
  await agent.stop()
  agent.start({ profile: true })
  const names = Array.from({ length: pods }, (_, index) => `profiled-${index}`)
  for (const name of names) {
    await cluster.start(name)
    await cluster.end(name)
  }
  await Promise.all(names.map((name) => cluster.start(name)))
  await Promise.all(names.map((name) => cluster.end(name)))
  const { profileFile } = agent
  await agent.stop()
  agent.start()
  return { rows: [], notes: [formatFunctions(await readFile(profileFile, 'utf8'))] }
}
