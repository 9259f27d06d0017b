import { Readable } from 'node:stream'
import { KubeletError } from '../model/errors.ts'
import { goDuration } from '../util/go-duration.ts'
import type { DockerConnection } from './connection/docker-connection.ts'
import { dockerError } from './connection/docker-errors.ts'
import { refuseUnroutable } from './docker-images.ts'
import type { JsonObject } from './docker-json.ts'
import { endOnAbort, errorIn, jsonObjects } from './docker-stream.ts'
import type { PullOptions } from './engine.ts'
import { PullReader } from './pull-reader.ts'

export interface PullRequest extends PullOptions {
  /** Name with tag or digest; `latest` where it has neither. */
  readonly reference: string
  /** A pull that says nothing new for so long is ended (facts 5.1). */
  readonly progressDeadlineMs: number
}

/**
 * Pulls an image. Throws what Docker says, in the answer or in the stream after it, and `unavailable` with the kubelet's
 * text when there is no progress.
 */
export async function pullImage(
  connection: DockerConnection,
  request: PullRequest,
  signal: AbortSignal,
): Promise<void> {
  const { reference, credentials, onProgress, progressDeadlineMs } = request
  refuseUnroutable(reference)
  const stalled = new AbortController()
  let stall: KubeletError | undefined
  const reader = new PullReader()
  const giveUp = (): void => {
    const deadline = goDuration(progressDeadlineMs)
    const text = `Cancel pulling image "${reference}" because of no progress for ${deadline}, latest progress: "${reader.latest}"`
    stall = new KubeletError('unavailable', text)
    stalled.abort(stall)
  }
  let timer = setTimeout(giveUp, progressDeadlineMs)
  const authconfig = credentials && {
    username: credentials.username,
    password: credentials.password,
    serveraddress: credentials.serverAddress,
  }
  const pulling = AbortSignal.any([signal, stalled.signal])
  try {
    const stream = await connection.stream(
      { what: `Pull image "${reference}"`, lastsMs: Number.POSITIVE_INFINITY },
      (docker, abortSignal) => docker.pull(reference, { abortSignal, ...(authconfig && { authconfig }) }),
      pulling,
    )
    await readStream(endOnAbort(stream, pulling), (object) => {
      if (!reader.take(object)) return
      clearTimeout(timer)
      timer = setTimeout(giveUp, progressDeadlineMs)
      if (reader.progress !== undefined) onProgress?.(reader.progress)
    })
  } catch (error) {
    throw stall ?? dockerError(error, connection.host)
  } finally {
    clearTimeout(timer)
  }
}

/** Loads images from an archive as `docker save` makes it. */
export async function loadImage(
  connection: DockerConnection,
  archive: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const source = Readable.from(archive)
  try {
    const stream = await connection.stream(
      { what: 'Load an image', lastsMs: Number.POSITIVE_INFINITY },
      (docker, abortSignal) => docker.loadImage(source, { abortSignal, quiet: true }),
      signal,
    )
    await readStream(endOnAbort(stream, signal), () => {})
  } catch (error) {
    throw dockerError(error, connection.host)
  } finally {
    source.destroy()
  }
}

/** Reads a stream of progress to its end and throws the error that is in it. */
async function readStream(stream: Readable, onObject: (object: JsonObject) => void): Promise<void> {
  for await (const object of jsonObjects(stream)) {
    const error = errorIn(object)
    if (error !== undefined) throw error
    onObject(object)
  }
}
