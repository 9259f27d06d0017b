import type { EngineImage, InspectedImage } from './engine.ts'
import { KubeletError } from '../model/errors.ts'
import { dial } from './connection/dial.ts'
import type { DockerConnection } from './connection/docker-connection.ts'
import { asList } from './docker-json.ts'
import { inspectedImage, observeImage } from './docker-observe.ts'
import type { ImageCache } from './image-cache.ts'

/** `Engine.inspectImage`, answered from `cache` where that knows. */
export async function inspectImage(
  connection: DockerConnection,
  cache: ImageCache,
  reference: string,
  signal: AbortSignal,
): Promise<InspectedImage | undefined> {
  const known = cache.get(reference)
  if (known !== undefined) return known
  refuseUnroutable(reference)
  const { generation } = cache
  try {
    const answer = await connection.ask(
      { what: `Inspect image "${reference}"` },
      (docker, abortSignal) => dial(docker, { path: `/images/${encodeURIComponent(reference)}/json` }, abortSignal),
      signal,
    )
    const image = inspectedImage(answer)
    cache.put(reference, image, generation)
    return image
  } catch (error) {
    if (KubeletError.is(error, 'not-found')) return undefined
    throw error
  }
}

/** `Engine.listImages`. */
export async function listImages(connection: DockerConnection, signal: AbortSignal): Promise<readonly EngineImage[]> {
  const answer = await connection.ask(
    { what: 'List images' },
    (docker, abortSignal) => docker.listImages({ abortSignal, digests: true }),
    signal,
  )
  return asList(answer, 'images').map(observeImage)
}

/**
 * Throws Docker's own error for the names that its router tidies up, and redirects, before its parser can refuse them;
 * and for no name at all.
 */
export function refuseUnroutable(reference: string): void {
  if (reference.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new KubeletError('invalid', 'invalid reference format')
  }
}
