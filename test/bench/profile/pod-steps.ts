import { readFile } from 'node:fs/promises'
import { isJsonObject } from '../../../src/cluster/json-object.ts'
import { seconds } from '../rows.ts'
import { summarize } from '../summary.ts'

/** The agent's own events with a duration, summed up by kind, for Pods one at a time and at once. */
export async function formatSteps(logFile: string): Promise<string> {
  const durations = new Map<string, number[]>()
  for (const line of (await readFile(logFile, 'utf8')).split('\n')) {
    const step = readStep(line)
    if (step === undefined) continue
    durations.set(step.name, [...(durations.get(step.name) ?? []), step.durationMs])
  }
  const lines = [...durations].map(([name, samples]) => {
    const { count, p50, p95, max } = summarize(samples)
    return `${name.padEnd(34)} ${String(count).padStart(5)} ×  p50 ${seconds(p50)}  p95 ${seconds(p95)}  max ${seconds(max)}`
  })
  return ["Steps by the agent's log:", ...lines].join('\n')
}

interface Step {
  readonly name: string
  readonly durationMs: number
}

function readStep(line: string): Step | undefined {
  if (!line.startsWith('{')) return undefined
  const entry: unknown = JSON.parse(line)
  if (!isJsonObject(entry)) return undefined
  const { msg, pod, durationMs } = entry
  if (typeof msg !== 'string' || typeof pod !== 'string' || typeof durationMs !== 'number') return undefined
  const kind = /\/([a-z]+)-/.exec(pod)?.[1]
  return kind === undefined ? undefined : { name: `${kind}: ${msg}`, durationMs }
}
