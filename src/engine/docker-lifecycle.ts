import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import type { DockerConnection } from './connection/docker-connection.ts'

/** 68 years. What is much longer Docker counts in nanoseconds past what fits, and kills at once. */
const longestGraceSeconds = 2 ** 31 - 1

/** `Engine.start`. */
export async function startContainer(
  connection: DockerConnection,
  id: ContainerId,
  signal: AbortSignal,
): Promise<void> {
  try {
    await connection.ask(
      { what: `Start container ${id}` },
      (docker, abortSignal) => docker.getContainer(id).start({ abortSignal }),
      signal,
    )
  } catch (error) {
    if (hasStatus(error, 304)) return
    // Docker says 400 where it knows the command to be at fault, and 500 for all else that keeps a container from running.
    if (hasStatus(error, 500)) throw new KubeletError('invalid', error.message, { cause: error, status: 500 })
    throw error
  }
}

/** `Engine.stop`. */
export async function stopContainer(
  connection: DockerConnection,
  id: ContainerId,
  graceSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await connection.ask(
      { what: `Stop container ${id}`, lastsMs: graceSeconds * 1000 },
      (docker, abortSignal) =>
        docker.getContainer(id).stop({ abortSignal, t: Math.min(graceSeconds, longestGraceSeconds) }),
      signal,
    )
  } catch (error) {
    if (!hasStatus(error, 304, 404)) throw error
  }
}

/** `Engine.remove`. */
export async function removeContainer(
  connection: DockerConnection,
  id: ContainerId,
  signal: AbortSignal,
): Promise<void> {
  try {
    await connection.ask(
      { what: `Remove container ${id}` },
      (docker, abortSignal) => docker.getContainer(id).remove({ abortSignal, force: true, v: true }),
      signal,
    )
  } catch (error) {
    // 409: "removal of container … is already in progress". With `force` there is no other conflict.
    if (!hasStatus(error, 404, 409)) throw error
  }
}

/** True when Docker has answered with one of these HTTP statuses. */
function hasStatus(error: unknown, ...statuses: readonly number[]): error is KubeletError {
  return error instanceof KubeletError && error.status !== undefined && statuses.includes(error.status)
}
