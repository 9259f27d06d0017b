import type { EndingAction, KillStep } from '../../model/action.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import type { ObservedPod } from '../../model/observed.ts'
import type { KillProgress } from '../../plan/pod-facts.ts'
import { beginPreStop, leavePreStop } from './hook-actions.ts'
import { dockerText, isPassing, type PodRun } from '../pod-run.ts'

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
  else memory.killedForRestart.delete(id)
  if (before === undefined) memory.endPostStart(id)
  const begun = {
    containerName,
    sinceMs: before?.sinceMs ?? Date.now(),
    order: { graceSeconds, message, thenRestart, reason },
  }
  switch (step.kind) {
    case 'pre-stop':
      memory.kills.set(id, { ...begun, step: { kind: 'pre-stop' } })
      beginPreStop(run, id, step.hook)
      return
    case 'await-turn':
      memory.kills.set(id, { ...begun, step: { kind: 'awaiting-turn' } })
      return
    case 'stop': {
      if (before?.step.kind === 'pre-stop') leavePreStop(run, id, containerName)
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
  let failure: KubeletError | undefined
  try {
    await context.engine.stop(id, step.graceSeconds, signal)
  } catch (error) {
    failure = KubeletError.from(error)
  }
  // Its end may have been seen before the answer came, or a shorter grace has taken its place.
  if (signal.aborted || memory.kills.get(id) !== kill) return
  const failed = failure === undefined ? 0 : failures + 1
  const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.max(0, failed - 1))
  memory.kills.set(id, { ...kill, step: { kind: 'retry', failures: failed, atMs: Date.now() + delayMs } })
  if (failure === undefined) context.observed.markStale(uid, id)
  else tellFailure(run, kill, failure)
  run.poke()
}

function tellFailure(run: PodRun, { containerName }: KillProgress, error: KubeletError): void {
  if (isPassing(error)) run.emit({ kind: 'sync-failed', message: error.message })
  else run.emit({ kind: 'kill-failed', container: containerName, message: dockerText(error) })
}

/** Closes the book on containers that have ended. */
export function closeKills(run: PodRun, observed: ObservedPod): void {
  for (const { containerName, sinceMs } of run.memory.takeEndedKills(observed)) {
    run.emit({ kind: 'container-killed', containerName, durationMs: Date.now() - sinceMs })
  }
}
