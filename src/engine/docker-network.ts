import { KubeletError } from '../model/errors.ts'
import { dial } from './connection/dial.ts'
import type { DockerConnection } from './connection/docker-connection.ts'
import { asObject, textAt } from './docker-json.ts'

/** `Engine.networkDriver`. */
export async function networkDriver(
  connection: DockerConnection,
  network: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await connection.ask(
      { what: `Inspect network "${network}"` },
      (docker, abortSignal) => dial(docker, { path: `/networks/${encodeURIComponent(network)}` }, abortSignal),
      signal,
    )
    return textAt(asObject(answer, 'network'), 'Driver')
  } catch (error) {
    if (KubeletError.is(error, 'not-found')) return undefined
    throw error
  }
}
