/** Rounds of Pods and faults on a node, and whether all is as it must be after each: see docs/decisions/faults.md. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aborted } from '../../src/util/aborted.ts'
import { openBed } from './bed/open-bed.ts'
import type { ChaosBed, Fault } from './fault.ts'
import { allFaults } from './faults/all-faults.ts'
import type { AgentSize } from './invariants/snapshot.ts'
import { readOptions, usage, type ChaosOptions } from './options.ts'
import { Random } from './random.ts'
import { formatEnd, formatHeading, formatLog, formatRow } from './report/format-report.ts'
import { resetBed } from './reset-bed.ts'
import { playRound, type RoundResult } from './round.ts'
import { chosenFaults, schedule } from './schedule.ts'

const wish = asked()
try {
  if (wish?.options.list === true) say(wish.faults.map(({ name }) => name).join('\n'))
  else if (wish !== undefined) await main(wish, endedByUser())
} catch (error) {
  process.stderr.write(`chaos: ${tell(error)}\n`)
  process.exitCode = 1
}

interface Wish {
  readonly options: ChaosOptions
  readonly faults: readonly Fault[]
}

/** `undefined` where nothing is to be done: help was asked for, or what nobody knows. */
function asked(): Wish | undefined {
  try {
    const options = readOptions(process.argv.slice(2), new Date())
    if (options !== undefined)
      return { options, faults: options.faults.length === 0 ? allFaults : chosenFaults(allFaults, options.faults) }
    say(usage)
    return undefined
  } catch (error) {
    process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
    return undefined
  }
}

/** Fires with Ctrl-C, however often: then all is taken down. */
function endedByUser(): AbortSignal {
  const controller = new AbortController()
  const end = (): void => {
    process.stderr.write('chaos: taking everything down\n')
    controller.abort(new Error('it was ended'))
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  return controller.signal
}

async function main({ options, faults }: Wish, signal: AbortSignal): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const startedAtMs = performance.now()
  const bed = await openBed(new Random(process.pid), stack, signal)
  stack.defer(() => keepLog(bed, options))
  say(`Docker, control plane and agent are up after ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`)
  say(formatHeading())
  const results: RoundResult[] = []
  let fresh: AgentSize | undefined
  for (const scheduled of schedule(faults, options.rounds, options.seed)) {
    const result = await playRound(bed, scheduled, fresh, signal)
    results.push(result)
    say(formatRow(results.length, result))
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`)
    fresh ??= result.agent
    if (result.violations.length === 0) continue
    process.stderr.write(`${formatLog(result.log)}\n`)
    if (options.hold) await held(bed, signal)
    await resetBed(bed, signal)
  }
  say(formatEnd(results))
  if (results.some(({ violations }) => violations.length > 0)) process.exitCode = 1
}

async function held(bed: ChaosBed, signal: AbortSignal): Promise<void> {
  say(`held: KUBECONFIG=${bed.plane.kubeconfig} DOCKER_HOST=${bed.docker.host}; Ctrl-C takes it down`)
  // Nothing else may keep the process.
  const alive = setInterval(() => undefined, 60_000)
  await aborted(signal)
  clearInterval(alive)
}

async function keepLog(bed: ChaosBed, { keep }: ChaosOptions): Promise<void> {
  if (keep === undefined) return
  await mkdir(keep, { recursive: true })
  await copyFile(bed.agent.logFile, join(keep, 'agent.log'))
}

/** What went wrong while everything was taken down is told after what was the reason for it. */
function tell(error: unknown): string {
  if (error instanceof SuppressedError) return `${tell(error.suppressed)}; then: ${tell(error.error)}`
  if (error instanceof Error && error.name === 'AbortError') return 'it was ended'
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
