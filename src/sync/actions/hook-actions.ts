import type { PreStopHook } from '../../model/action.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import type { ContainerSpec, LifecycleHandler } from '../../model/kube.ts'
import { instancesOf, runningSandbox } from '../../model/observed.ts'
import { podRef, type PodRef } from '../../model/pod.ts'
import { runHook, type HookResult, type HookTools } from '../../lifecycle/run-hook.ts'
import type { HookCall } from '../pod-memory.ts'
import type { PodRun, SpecRun } from '../pod-run.ts'

interface Call {
  readonly id: ContainerId
  readonly pod: PodRef
  readonly container: ContainerSpec
  readonly handler: LifecycleHandler
}

/**
 * Begins the postStart hook of a container that was just started: until it has returned the
 * container counts as starting.
 */
export function beginPostStart(run: SpecRun, container: ContainerSpec, id: ContainerId): void {
  const { memory, pod } = run
  const handler = container.lifecycle?.postStart
  if (handler === undefined) return
  const containerName = container.name
  memory.postStarts.set(id, { containerName, kind: 'running' })
  begin(run, { id, pod: podRef(pod), container, handler }, run.phaseSignal, (result) => {
    if (result.kind === 'done') {
      memory.postStarts.delete(id)
      memory.startFailures.delete(containerName)
      return
    }
    const { message } = result
    run.emit({ kind: 'hook-failed', hook: 'postStart', containerName, message })
    if (memory.postStarts.has(id)) memory.postStarts.set(id, { containerName, kind: 'failed' })
    const isNewest = instancesOf(run.context.observed.get(run.uid), containerName)[0]?.id === id
    const failure = { reason: 'PostStartHookError', message, retryAtMs: Date.now(), instanceId: id }
    if (isNewest) memory.startFailures.set(containerName, failure)
  })
}

/** Begins the preStop hook of a container that is to end. */
export function beginPreStop(run: PodRun, id: ContainerId, { container, handler }: PreStopHook): void {
  const { memory, context, uid } = run
  const owner = context.observed.find(uid, id)?.owner
  const pod = { uid, namespace: owner?.podNamespace ?? '', name: owner?.podName ?? '' }
  begin(run, { id, pod, container, handler }, undefined, (result) => {
    if (result.kind === 'failed') tellPreStopFailed(run, container.name, result.message)
    const kill = memory.kills.get(id)
    if (kill?.step.kind === 'pre-stop') memory.kills.set(id, { ...kill, step: { kind: 'awaiting-turn' } })
  })
}

/**
 * The time of a preStop hook is up, if it still runs. Nobody waits for it any more; a command goes on until it ends by
 * itself or with its container. That it has failed is told now: the end of its container is what it would fail with. Only
 * of a sleep there is nothing to be told.
 */
export function leavePreStop(run: PodRun, id: ContainerId, containerName: string): void {
  const call = run.memory.hookCalls.get(id)
  if (call === undefined) return
  call.abort.abort()
  if (call.kind !== 'sleep') tellPreStopFailed(run, containerName, 'it did not end within the grace period')
}

function tellPreStopFailed(run: PodRun, containerName: string, message: string): void {
  run.emit({ kind: 'hook-failed', hook: 'preStop', containerName, message })
}

/** Runs a hook in the background; pokes the Pod after `onEnd`, which is not called for one that was ended from outside. */
function begin(
  run: PodRun,
  { id, pod, container, handler }: Call,
  phaseSignal: AbortSignal | undefined,
  onEnd: (result: HookResult) => void,
): void {
  const { memory } = run
  const abort = new AbortController()
  const call: HookCall = { kind: kindOf(handler), abort }
  memory.hookCalls.set(id, call)
  const own = phaseSignal === undefined ? abort.signal : AbortSignal.any([abort.signal, phaseSignal])
  run.background.begin(async (signal) => {
    try {
      const result = await runHook({ handler, container, id, pod }, toolsOf(run), signal)
      if (result.kind === 'done' && result.plainAt !== undefined) {
        run.emit({ kind: 'hook-fell-back', address: result.plainAt })
      }
      onEnd(result)
      run.poke()
    } catch (error) {
      if (!KubeletError.is(error, 'aborted')) throw error
    } finally {
      if (memory.hookCalls.get(id) === call) memory.hookCalls.delete(id)
    }
  }, own)
}

function toolsOf({ context, uid }: PodRun): HookTools {
  const sandbox = runningSandbox(context.observed.get(uid))
  const [podIp] = sandbox?.hostNetwork === true ? context.nodeIps : (sandbox?.ips ?? [])
  return { engine: context.engine, podIp, userAgent: `kube-lifecycle/${context.kubernetesRelease}` }
}

function kindOf({ exec, sleep }: LifecycleHandler): HookCall['kind'] {
  if (exec !== undefined) return 'exec'
  return sleep === undefined ? 'other' : 'sleep'
}
