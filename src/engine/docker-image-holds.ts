import { KubeletError } from '../model/errors.ts'
import { imageId, type PodUid } from '../model/ids.ts'
import { labels } from '../model/labels.ts'
import { dial } from './connection/dial.ts'
import type { DockerConnection } from './connection/docker-connection.ts'
import { refuseUnroutable } from './docker-images.ts'
import { asList, asObject, objectAt, textAt, type JsonObject } from './docker-json.ts'
import type { HeldImage, ImageHold } from './engine.ts'

/**
 * `Engine.holdImage`: a container of the image, created and never started. Docker keeps the layers below a container,
 * whatever becomes of the image (tried with `docker image rm --force`, 20.10 and 28.5).
 */
export async function holdImage(
  connection: DockerConnection,
  node: string,
  hold: ImageHold,
  signal: AbortSignal,
): Promise<HeldImage> {
  refuseUnroutable(hold.image)
  const image = await inspected(connection, `/images/${encodeURIComponent(hold.image)}/json`, signal)
  if (image !== undefined) requireLayers(image)
  try {
    if (image === undefined) throw new KubeletError('not-found', `No such image: ${hold.image}`)
    const options = { _query: { name: imageHoldName(hold) }, _body: imageHoldBody(node, hold, volumesOf(image)) }
    await connection.ask(
      { what: `Hold image "${hold.image}"` },
      (docker, abortSignal) => docker.createContainer({ ...options, abortSignal }),
      signal,
    )
    return { image: imageId(textAt(image, 'Id')), layers: layersOf(image), isNew: true }
  } catch (error) {
    // It is held already, and may be gone itself.
    if (!KubeletError.is(error, 'conflict', 'not-found')) throw error
    const holder = await inspected(connection, `/containers/${imageHoldName(hold)}/json`, signal)
    if (holder === undefined || textAt(labelsOf(holder), labels.node) !== node) throw error
    requireLayers(holder)
    // Above the image's layers lies one that Docker makes for the container.
    return { image: imageId(textAt(holder, 'Image')), layers: layersOf(holder).slice(2), isNew: false }
  }
}

/** `Engine.releaseImages`. */
export async function releaseImages(
  connection: DockerConnection,
  node: string,
  uid: PodUid,
  signal: AbortSignal,
): Promise<void> {
  const label = [`${labels.node}=${node}`, `${labels.podUid}=${uid}`, `${labels.kind}=image`]
  const held = await connection.ask(
    { what: `List the images held for Pod ${uid}` },
    (docker, abortSignal) => docker.listContainers({ abortSignal, all: true, filters: JSON.stringify({ label }) }),
    signal,
  )
  for (const holder of asList(held, 'containers')) {
    const id = textAt(asObject(holder, 'container'), 'Id')
    try {
      await connection.ask(
        { what: `Release the image held by ${id}` },
        (docker, abortSignal) => docker.getContainer(id).remove({ abortSignal, force: true, v: true }),
        signal,
      )
    } catch (error) {
      // On its way out already.
      if (!KubeletError.is(error, 'not-found', 'conflict')) throw error
    }
  }
}

/** A name that only this volume of this Pod has: whoever holds twice is refused by Docker itself. */
export function imageHoldName({ owner, volumeName }: ImageHold): string {
  return `k8s_image_${owner.podUid}_${volumeName}`
}

/** What holds an image, to be created: what it would run is never run. `volumes` are the image's own. */
export function imageHoldBody(
  node: string,
  { owner, volumeName, image }: ImageHold,
  volumes: readonly string[],
): object {
  return {
    Image: image,
    Cmd: ['never-started'],
    Labels: {
      [labels.node]: node,
      [labels.kind]: 'image',
      [labels.podUid]: owner.podUid,
      [labels.podName]: owner.podName,
      [labels.podNamespace]: owner.podNamespace,
      [labels.volumeName]: volumeName,
    },
    HostConfig: {
      NetworkMode: 'none',
      RestartPolicy: { Name: 'no' },
      // For each of the image's volumes Docker would make one of its own, and copy into it what lies there.
      Mounts: volumes.map((Target) => ({ Type: 'tmpfs', Target })),
    },
  }
}

function volumesOf(image: JsonObject): readonly string[] {
  return Object.keys(objectAt(objectAt(image, 'Config'), 'Volumes')).filter((path) => path.startsWith('/'))
}

function labelsOf(container: JsonObject): JsonObject {
  return objectAt(objectAt(container, 'Config'), 'Labels')
}

function requireLayers(object: JsonObject): void {
  const graph = objectAt(object, 'GraphDriver')
  if (textAt(objectAt(graph, 'Data'), 'UpperDir') !== '') return
  const driver = textAt(graph, 'Name')
  throw new KubeletError('unsupported', `Docker's storage driver "${driver}" does not tell where an image's layers lie`)
}

/** Folders on Docker's host, the uppermost first. */
function layersOf(object: JsonObject): readonly string[] {
  const data = objectAt(objectAt(object, 'GraphDriver'), 'Data')
  const lower = textAt(data, 'LowerDir')
  return [textAt(data, 'UpperDir'), ...(lower === '' ? [] : lower.split(':'))]
}

async function inspected(
  connection: DockerConnection,
  path: string,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  try {
    const answer = await connection.ask(
      { what: `Inspect ${path}` },
      (docker, abortSignal) => dial(docker, { path }, abortSignal),
      signal,
    )
    return asObject(answer, path)
  } catch (error) {
    if (KubeletError.is(error, 'not-found')) return undefined
    throw error
  }
}
