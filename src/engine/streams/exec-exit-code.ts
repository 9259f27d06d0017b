import { setTimeout as delay } from 'node:timers/promises'
import type { DockerConnection } from '../connection/docker-connection.ts'
import { asObject, booleanAt, numberAt } from '../docker-json.ts'

const firstLookMs = 10
const longestLookMs = 1000

/**
 * The exit code of a command whose output has ended. The output may end before the command does, and Docker learns of the
 * end a moment later still: looks until it has one.
 */
export async function execExitCode(connection: DockerConnection, execId: string, signal: AbortSignal): Promise<number> {
  for (let waitMs = firstLookMs; ; waitMs = Math.min(waitMs * 2, longestLookMs)) {
    const answer = await connection.ask(
      { what: `Inspect exec ${execId}` },
      (docker, abortSignal) => docker.getExec(execId).inspect({ abortSignal }),
      signal,
    )
    const state = asObject(answer, 'exec')
    if (!booleanAt(state, 'Running')) return numberAt(state, 'ExitCode')
    await delay(waitMs, undefined, { signal })
  }
}
