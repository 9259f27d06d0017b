import { readFile } from 'node:fs/promises'
import type { RawStep } from '../bed/raw-pods.ts'
import type { TestBed } from '../bed/test-bed.ts'
import type { Measured } from '../report/result.ts'
import { summarize } from '../report/summary.ts'
import { format, formatTable } from '../report/table.ts'
import { formatTimeline, readSteps, timeline, type Marks } from '../report/timeline.ts'

/**
 * The steps of Pods one at a time, by the event model: the agent writes each with its duration into the debug log. The
 * same calls by Docker alone stand below.
 */
export async function measureSteps(bed: TestBed, rounds: number): Promise<Measured> {
  const { agent, cluster, raw, turns } = bed
  const calls = new Map<RawStep, number[]>()
  await turns.give(bed.ours)
  await agent.stop()
  agent.start({ logsSteps: true })
  await cluster.start('first')
  await cluster.end('first')
  const marks: Marks[] = []
  for (let round = 0; round < rounds; round += 1) {
    const pod = `step-${round}`
    const createdAtMs = Date.now()
    const readyAtMs = createdAtMs + (await cluster.start(pod))
    const deletedAtMs = Date.now()
    const goneAtMs = deletedAtMs + (await cluster.end(pod))
    marks.push({ pod, createdAtMs, readyAtMs, deletedAtMs, goneAtMs })
    const made = await raw.start(1, (step, ms) => calls.set(step, [...(calls.get(step) ?? []), ms]))
    await raw.end(made)
  }
  const { logFile } = agent
  await agent.stop()
  agent.start()
  const steps = readSteps(await readFile(logFile, 'utf8'))
  const docker = [...calls].map(([step, ms]) => [step, format(summarize(ms).p50, 'ms')])
  return {
    rows: [],
    notes: [
      formatTimeline(`A Pod's start, median of ${rounds}`, timeline(steps, marks, 'start')),
      '',
      formatTimeline(`A Pod's end, median of ${rounds}`, timeline(steps, marks, 'end')),
      '',
      formatTable([['Docker alone', 'takes'], ...docker]),
    ],
  }
}
