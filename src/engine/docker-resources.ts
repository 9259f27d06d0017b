import type { DockerResources } from '../model/docker.ts'
import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerUsage } from '../model/usage.ts'
import { dial } from './connection/dial.ts'
import type { DockerConnection } from './connection/docker-connection.ts'
import { asObject, objectAt, numberAt } from './docker-json.ts'
import { observeUsage } from './docker-usage.ts'

/** `Engine.update`. */
export async function updateResources(
  connection: DockerConnection,
  id: ContainerId,
  resources: DockerResources,
  signal: AbortSignal,
): Promise<void> {
  try {
    await connection.ask(
      { what: `Update container ${id}` },
      (docker, abortSignal) => {
        // docker-modem's own key for what goes into the body; without it the signal would.
        const options = { _body: resources, abortSignal }
        return docker.getContainer(id).update(options)
      },
      signal,
    )
  } catch (error) {
    // Docker says 400 for what it knows to be wrong, and 500 for what the kernel does not take.
    if (!(error instanceof KubeletError) || error.status !== 500) throw error
    throw new KubeletError('invalid', error.message, { cause: error, status: 500 })
  }
}

/** `Engine.memoryUsage`. */
export async function memoryUsage(
  connection: DockerConnection,
  id: ContainerId,
  signal: AbortSignal,
): Promise<number | undefined> {
  const answer = await oneShot(connection, { what: `Read the memory usage of container ${id}`, id }, signal)
  // Of what does not run Docker knows no number.
  return numberAt(objectAt(asObject(answer, 'stats'), 'memory_stats'), 'usage') || undefined
}

/** `Engine.containerUsage`. */
export async function containerUsage(
  connection: DockerConnection,
  id: ContainerId,
  signal: AbortSignal,
): Promise<ContainerUsage | undefined> {
  return observeUsage(await oneShot(connection, { what: `Read what container ${id} uses`, id }, signal))
}

/** One reading; without `one-shot` Docker waits a second for another. */
function oneShot(
  connection: DockerConnection,
  { what, id }: { readonly what: string; readonly id: ContainerId },
  signal: AbortSignal,
): Promise<unknown> {
  const query = { stream: false, 'one-shot': true }
  return connection.ask(
    { what },
    (docker, abortSignal) => dial(docker, { path: `/containers/${id}/stats?`, query }, abortSignal),
    signal,
  )
}
