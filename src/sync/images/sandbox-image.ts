import type { NodeCredentials } from '../../credentials/node-credentials.ts'
import type { Engine } from '../../engine/engine.ts'
import { ensurePauseImage } from '../../engine/pause-image.ts'
import { pullReference, type ImagePuller } from './image-puller.ts'

export interface SandboxImageOptions {
  /** What the node may pull its sandbox image with. */
  readonly credentials: Pick<NodeCredentials, 'find'>
  readonly engine: Engine
  readonly images: ImagePuller
  /** `--pod-infra-container-image`; the agent's own pause image otherwise. */
  readonly reference: string | undefined
}

/**
 * The image of every sandbox: makes sure that Docker has it and returns a reference to it. Asks Docker only when images
 * have changed since the last time.
 */
export function sandboxImage({
  credentials,
  engine,
  images,
  reference,
}: SandboxImageOptions): (signal: AbortSignal) => Promise<string> {
  let own: Promise<string> | undefined
  return async (signal) => {
    if (reference !== undefined) {
      const name = pullReference(reference)
      const present = await images.find(name, signal)
      if (present !== undefined) return present.id
      return (await images.pull(name, { credentials: await credentials.find(name, signal) }, signal)).image.id
    }
    own ??= loadOwn(engine, signal)
    try {
      const name = await own
      if ((await images.find(name, signal)) !== undefined) return name
      // Somebody removed it.
      own = loadOwn(engine, signal)
      return await own
    } catch (error) {
      own = undefined
      throw error
    }
  }
}

/** Many Pods may want their first sandbox at once: the image is loaded once for all of them. */
async function loadOwn(engine: Engine, signal: AbortSignal): Promise<string> {
  const image = await ensurePauseImage(engine, signal)
  return image.tags[0] ?? image.id
}
