import type { Engine } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec } from '../model/kube.ts'
import { expand } from '../translate/environment/expand.ts'
import { goDuration } from '../util/go-duration.ts'
import type { ProbeOutcome } from './probe-outcome.ts'

export interface ExecProbe {
  readonly container: ContainerSpec
  readonly id: ContainerId
  readonly command: readonly string[]
  readonly timeoutMs: number
}

/**
 * Runs a command in the container (pkg/probe/exec/exec.go): 0 is success, any other exit code a failure with its output,
 * and so is a command that does not end in time.
 */
export async function execProbe(
  engine: Pick<Engine, 'exec'>,
  { container, id, command, timeoutMs }: ExecProbe,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const expanded = expandCommand(command, container)
  try {
    const result = await engine.exec(id, expanded, { timeoutMs }, signal)
    switch (result.kind) {
      case 'exited':
        return result.exitCode === 0 ? { kind: 'success' } : { kind: 'failure', output: result.output }
      case 'timed-out': {
        const line = JSON.stringify(expanded.join(' '))
        return { kind: 'failure', output: `command timed out: ${line} timed out after ${goDuration(timeoutMs)}` }
      }
      default:
        return result satisfies never
    }
  } catch (error) {
    if (KubeletError.is(error, 'aborted')) throw error
    const message = KubeletError.is(error, 'conflict')
      ? `container not running (${id})`
      : KubeletError.from(error).message
    return { kind: 'error', state: 'unknown', message: `rpc error: code = Unknown desc = ${message}` }
  }
}

/** `$(NAME)` stands for the values that the spec spells out, and for no others (ExpandContainerCommandOnlyStatic). */
export function expandCommand(command: readonly string[], container: ContainerSpec): readonly string[] {
  const literal = new Map((container.env ?? []).map(({ name, value = '' }) => [name, value]))
  return command.map((part) => expand(part, literal))
}
