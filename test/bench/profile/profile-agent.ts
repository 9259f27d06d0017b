import { readFile } from 'node:fs/promises'
import type { TestBed } from '../bed/test-bed.ts'
import type { Measured } from '../report/result.ts'
import { formatFunctions } from './hot-functions.ts'

const atOnce = 40

/** Where the agent's own time goes: so many Pods one at a time, and some at once, under V8's profiler. */
export async function profileAgent({ agent, cluster, turns, ours }: TestBed, pods: number): Promise<Measured> {
  await turns.give(ours)
  await agent.stop()
  agent.start({ profile: true })
  for (let round = 0; round < pods; round += 1) {
    await cluster.start(`profiled-${round}`)
    await cluster.end(`profiled-${round}`)
  }
  const names = Array.from({ length: atOnce }, (_, index) => `at-once-${index}`)
  await Promise.all(names.map((name) => cluster.start(name)))
  await Promise.all(names.map((name) => cluster.end(name)))
  const { profileFile } = agent
  await agent.stop()
  agent.start()
  return { rows: [], notes: [formatFunctions(await readFile(profileFile, 'utf8'))] }
}
