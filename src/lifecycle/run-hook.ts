import type { Engine } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec, LifecycleHandler } from '../model/kube.ts'
import { formatPod, type PodRef } from '../model/pod.ts'
import type { HttpGetAction } from '../probe/http/http-get-request.ts'
import { longestTimerMs } from '../util/longest-timer.ts'
import { sleep as pause } from '../util/sleep.ts'
import { runHttpHook, type HttpHookTools } from './http-hook.ts'

/** A hook and where it runs. */
export interface Hook {
  readonly handler: LifecycleHandler
  readonly container: ContainerSpec
  readonly id: ContainerId
  readonly pod: PodRef
}

export interface HookTools extends HttpHookTools {
  readonly engine: Pick<Engine, 'exec'>
}

export type HookResult =
  /** `plainAt` as in HttpHookResult. */
  | { readonly kind: 'done'; readonly plainAt?: string }
  /**
   * `message` is the kubelet's. It may hold secrets of the container: it belongs into the log and into
   * the status, not into an event.
   */
  | { readonly kind: 'failed'; readonly message: string }

/**
 * Runs a hook to its end (HandlerRunner.Run in pkg/kubelet/lifecycle/handlers.go). None has a limit of its own: `signal`
 * is what ends it. Throws `aborted` when that fires, and nothing else.
 */
export async function runHook(hook: Hook, tools: HookTools, signal: AbortSignal): Promise<HookResult> {
  const { exec, httpGet, sleep } = hook.handler
  if (exec !== undefined) return runCommand(hook, exec.command ?? [], tools.engine, signal)
  if (httpGet !== undefined) return runRequest(hook, httpGet, tools, signal)
  if (sleep !== undefined) return runSleep(sleep.seconds, signal)
  const error = `invalid handler: ${JSON.stringify(hook.handler)}`
  return { kind: 'failed', message: `Cannot run handler: ${error}` }
}

async function runCommand(
  hook: Hook,
  command: readonly string[],
  engine: HookTools['engine'],
  signal: AbortSignal,
): Promise<HookResult> {
  const failed = (error: string, output: string): HookResult => ({
    kind: 'failed',
    message: `Exec lifecycle hook ([${command.join(' ')}]) ${whose(hook)} failed - error: ${error}, message: ${JSON.stringify(output)}`,
  })
  try {
    const result = await engine.exec(hook.id, command, {}, signal)
    if (result.kind === 'timed-out') return failed('timed out', result.output)
    if (result.exitCode === 0) return { kind: 'done' }
    const { exitCode, output } = result
    return failed(`command '${command.join(' ')}' exited with ${exitCode}: ${output}`, output)
  } catch (error) {
    if (signal.aborted) throw KubeletError.from(error)
    return failed(KubeletError.from(error).message, '')
  }
}

async function runRequest(
  hook: Hook,
  action: HttpGetAction,
  tools: HookTools,
  signal: AbortSignal,
): Promise<HookResult> {
  const result = await runHttpHook(action, hook.container, tools, signal)
  if (result.kind === 'done') return result
  const message = `HTTP lifecycle hook (${action.path ?? ''}) ${whose(hook)} failed - error: ${result.error}`
  return { kind: 'failed', message }
}

/** By timers alone: somebody may set the clock meanwhile. */
async function runSleep(seconds: number, signal: AbortSignal): Promise<HookResult> {
  for (let leftMs = seconds * 1000; leftMs > 0 && !signal.aborted; leftMs -= longestTimerMs)
    await pause(Math.min(leftMs, longestTimerMs), signal)
  if (signal.aborted) throw new KubeletError('aborted', 'The hook was ended', { cause: signal.reason })
  return { kind: 'done' }
}

function whose({ container, pod }: Hook): string {
  return `for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(formatPod(pod))}`
}
