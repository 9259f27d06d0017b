import type { EndingAction, KillStep } from '../model/action.ts'
import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ObservedPod } from '../model/observed.ts'
import type { KillProgress } from '../plan/pod-facts.ts'
import { isPassing, type PodRun } from './pod-run.ts'

type KillAction = Extract<EndingAction, { kind: 'kill-container' }>

const firstRetryMs = 1000
const maxRetryMs = 10_000

/** Takes the end of a container one step further (see plan/plan-kill). What lasts goes on in the background. */
export function killContainer(run: PodRun, action: KillAction): void {
  const { memory } = run
  const { id, containerName, step, graceSeconds, message, thenRestart, reason } = action
  const before = memory.kills.get(id)
  if (!memory.toldKills.has(id)) {
    memory.toldKills.add(id)
    run.emit({ kind: 'container-killing', containerName, message })
  }
  if (thenRestart) memory.killedForRestart.add(id)
  const begun = {
    containerName,
    sinceMs: before?.sinceMs ?? Date.now(),
    order: { graceSeconds, message, thenRestart, reason },
  }
  switch (step.kind) {
    case 'pre-stop':
    case 'await-turn':
      memory.kills.set(id, { ...begun, step: { kind: 'awaiting-turn' } })
      return
    case 'stop': {
      const failures = before?.step.kind === 'retry' ? before.step.failures : 0
      const killAtMs = Date.now() + step.graceSeconds * 1000
      const kill: KillProgress = { ...begun, step: { kind: 'stopping', killAtMs } }
      memory.kills.set(id, kill)
      // A shorter grace takes the place of the call that is under way.
      memory.stopCalls.get(id)?.abort()
      const call = new AbortController()
      memory.stopCalls.set(id, call)
      run.background.begin((signal) => stop(run, { id, kill, step, failures }, signal), call.signal)
      return
    }
    default:
      step satisfies never
  }
}

interface Stop {
  readonly id: ContainerId
  readonly kill: KillProgress
  readonly step: Extract<KillStep, { kind: 'stop' }>
  /** How often Docker could not do it before. */
  readonly failures: number
}

async function stop(run: PodRun, { id, kill, step, failures }: Stop, signal: AbortSignal): Promise<void> {
  const { context, memory, uid } = run
  let failed = 0
  try {
    await context.engine.stop(id, step.graceSeconds, signal)
  } catch (error) {
    if (signal.aborted) return
    const { message } = KubeletError.from(error)
    failed = failures + 1
    if (isPassing(error)) run.emit({ kind: 'sync-failed', message })
    else run.emit({ kind: 'kill-failed', containerName: kill.containerName, message })
  }
  // Its end may have been seen before the answer came; then all is done already.
  if (memory.kills.get(id) !== kill) return
  const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.max(0, failed - 1))
  memory.kills.set(id, { ...kill, step: { kind: 'retry', failures: failed, atMs: Date.now() + delayMs } })
  if (failed === 0) context.observed.markStale(uid, id)
  run.poke()
}

/** Closes the book on containers that have ended. */
export function closeKills(run: PodRun, observed: ObservedPod): void {
  for (const { containerName, sinceMs } of run.memory.takeEndedKills(observed)) {
    run.emit({ kind: 'container-killed', containerName, durationMs: Date.now() - sinceMs })
  }
}
