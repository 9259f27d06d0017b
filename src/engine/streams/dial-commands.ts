import { readFile } from 'node:fs/promises'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import type { DockerConnection } from '../connection/docker-connection.ts'
import { pauseBinary } from '../pause-binary.ts'
import { makePauseImage } from '../pause-image.ts'
import { tar, type ArchivedFile } from '../tar-archive.ts'

/**
 * The beginning of `pause dial` as a command in a running sandbox that was made from `image`, on a host of this
 * architecture: a sandbox of another image, or of an earlier agent, gets a copy of our binary first. Throws `unsupported`,
 * saying why, where none can be had.
 */
export async function dialCommand(
  connection: DockerConnection,
  sandbox: { readonly id: ContainerId; readonly image: string; readonly architecture: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { reference } = await makePauseImage(sandbox.architecture, signal)
  if (sandbox.image === reference) return ['/pause', 'dial']
  // The name says what is in it, so what is there under it is right.
  const name = `.minikubelet-${reference.replace(/^.*:/u, '')}`
  if (!(await has(connection, sandbox.id, name, signal))) {
    const content = await readFile(pauseBinary(sandbox.architecture), { signal })
    await copy(connection, sandbox.id, { name, mode: 0o755, content }, signal)
  }
  return [`/${name}`, 'dial']
}

async function has(
  connection: DockerConnection,
  sandbox: ContainerId,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const answer = await connection.stream(
      { what: `Look for ${name} in container ${sandbox}` },
      (docker, abortSignal) => docker.getContainer(sandbox).infoArchive({ path: `/${name}`, abortSignal }),
      signal,
    )
    answer.resume()
    return true
  } catch (error) {
    if (KubeletError.is(error, 'not-found')) return false
    throw error
  }
}

async function copy(
  connection: DockerConnection,
  sandbox: ContainerId,
  file: ArchivedFile,
  signal: AbortSignal,
): Promise<void> {
  const archive: Uint8Array[] = []
  for await (const chunk of tar([file])) archive.push(chunk)
  try {
    await connection.ask(
      { what: `Copy ${file.name} into container ${sandbox}` },
      (docker, abortSignal) =>
        docker.getContainer(sandbox).putArchive(Buffer.concat(archive), { path: '/', abortSignal }),
      signal,
    )
  } catch (error) {
    if (!KubeletError.is(error, 'invalid', 'forbidden', 'internal', 'not-found')) throw error
    const text = `The sandbox has nothing of ours that reaches its ports, and takes no copy of it: ${error.message}`
    throw new KubeletError('unsupported', text, { cause: error })
  }
}
