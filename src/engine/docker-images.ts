import type { EngineImage, InspectedImage } from './engine.ts'
import { KubeletError } from '../model/errors.ts'
import { imageId, type ImageId } from '../model/ids.ts'
import { dial } from './connection/dial.ts'
import type { DockerConnection } from './connection/docker-connection.ts'
import { asList, asObject, textAt } from './docker-json.ts'
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

/** `Engine.usedImages`. */
export async function usedImages(connection: DockerConnection, signal: AbortSignal): Promise<ReadonlySet<ImageId>> {
  const answer = await connection.ask(
    { what: 'List the containers of everybody' },
    (docker, abortSignal) => docker.listContainers({ abortSignal, all: true }),
    signal,
  )
  return new Set(
    asList(answer, 'containers').map((container) => imageId(textAt(asObject(container, 'container'), 'ImageID'))),
  )
}

/**
 * `Engine.removeImage`: name by name, never by force, as cri-dockerd does it. With its last name an image goes; what is
 * built upon it, or made a container of meanwhile, keeps its layers.
 */
export async function removeImage(
  connection: DockerConnection,
  { id, tags, digests }: EngineImage,
  signal: AbortSignal,
): Promise<void> {
  // With the last tag of a repository its digests go by themselves.
  const names = tags.length > 0 || digests.length > 0 ? [...tags, ...digests] : [id]
  for (const name of names) {
    try {
      await connection.ask(
        { what: `Remove image "${name}"` },
        (docker, abortSignal) => docker.getImage(name).remove({ abortSignal }),
        signal,
      )
    } catch (error) {
      if (!KubeletError.is(error, 'not-found')) throw error
    }
  }
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
