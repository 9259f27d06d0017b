import { KubeletError } from '../model/errors.ts'
import type { ContainerId, PodUid } from '../model/ids.ts'
import type { Pod } from '../model/kube.ts'
import type { PodRef } from '../model/pod.ts'
import type { PodEventBody } from '../model/pod-event.ts'
import type { StartFailure } from '../plan/pod-facts.ts'
import type { Background } from './background.ts'
import type { PodMemory } from './pod-memory.ts'
import type { SyncContext } from './sync-context.ts'

/** One pass of one Pod, as its actions see it. */
export interface PodRun {
  readonly context: SyncContext
  readonly uid: PodUid
  /** The Pod's names; empty for an orphan of which nobody knows them. */
  readonly ref: PodRef
  readonly memory: PodMemory
  readonly emit: (event: PodEventBody) => void
  /** Look again: something that the plan waited for in the background is done. */
  readonly poke: () => void
  /** Ends with the agent. A short call to Docker is never cut off for less: what it did would be unknown. */
  readonly signal: AbortSignal
  /** Ends with the Pod's phase too: for pulls, and between steps that need not be begun any more. */
  readonly phaseSignal: AbortSignal
  /** For what lasts longer than a pass. */
  readonly background: Background
}

/** The same with the Pod's spec, which an orphan has not. */
export interface SpecRun extends PodRun {
  readonly pod: Pod
}

/** How long the kubelet leaves a failed start alone (the requeue after a failed sync in pkg/kubelet/pod_workers.go). */
export const retryAfterMs = 10_000

/**
 * A start attempt of a container failed: remembered for the plan and the status, and told. In the event the container's
 * name stands for the instance's id, so that events of one container are alike. `cause` is for the log alone.
 */
export function recordStartFailure(
  run: PodRun,
  containerName: string,
  failure: Omit<StartFailure, 'retryAtMs'>,
  cause?: unknown,
): void {
  const { reason, message, instanceId } = failure
  run.memory.startFailures.set(containerName, { ...failure, retryAtMs: Date.now() + retryAfterMs })
  const told = instanceId === undefined ? message : message.replaceAll(instanceId, containerName)
  const detail = cause instanceof KubeletError ? { detail: cause.message } : {}
  run.emit({ kind: 'container-failed', containerName, reason, message: told, ...detail })
}

/** What Docker answered, as its client and so the kubelet words it; any other error as it is. */
export function dockerText({ message, status }: KubeletError): string {
  return status === undefined ? message : `Error response from daemon: ${message}`
}

/** The Pod's sandbox could not be made or started: remembered for the plan and the status, and told. */
export function recordSandboxFailure(run: PodRun, message: string): void {
  run.memory.sandboxFailure = { reason: 'CreatePodSandboxError', message, retryAtMs: Date.now() + retryAfterMs }
  run.emit({ kind: 'sandbox-failed', message })
}

/**
 * Creates a container whose name makes it unique. A name that is taken by one of ours is the answer to a request whose
 * response was lost: it is looked at again, and the next pass goes on with it. `undefined` then.
 */
export async function createOnce(
  run: PodRun,
  request: Parameters<SyncContext['engine']['create']>[0],
): Promise<ContainerId | undefined> {
  const { engine, observed } = run.context
  try {
    return await engine.create(request, run.signal)
  } catch (error) {
    if (KubeletError.is(error, 'unavailable')) run.memory.unanswered.add(request.name)
    if (!KubeletError.is(error, 'conflict')) throw error
    const id = await engine.findByName(request.name, run.signal)
    if (id === undefined) throw error
    observed.markStale(run.uid, id)
    return undefined
  }
}

/**
 * Finds what was created although Docker's answer was lost: a Pod must not be over before it is gone too. Throws what
 * `Engine.findByName` throws.
 */
export async function findUnanswered({ context, memory, uid, signal }: PodRun): Promise<void> {
  for (const name of memory.unanswered) {
    const id = await context.engine.findByName(name, signal)
    if (id !== undefined) context.observed.markStale(uid, id)
    memory.unanswered.delete(name)
  }
}

/** True for errors that say nothing of the Pod: Docker is away, or the agent is on its way out. */
export function isPassing(error: unknown): boolean {
  return KubeletError.is(error, 'aborted', 'unavailable')
}
