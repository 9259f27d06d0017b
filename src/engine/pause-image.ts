import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { KubeletError } from '../model/errors.ts'
import type { Engine, InspectedImage } from './engine.ts'
import { goArchitectureOf, pauseBinary } from './pause-binary.ts'
import { tar } from './tar-archive.ts'

const repository = 'minikubelet/pause'

/** An image of ours, ready to be loaded. */
export interface PauseImage {
  /** `minikubelet/pause:<hash>`: another content is another name, so what is there under a name is right. */
  readonly reference: string
  /** Makes what `docker load` takes. */
  readonly archive: () => AsyncIterable<Uint8Array>
}

/**
 * Loads the pause image into Docker, unless it is there, and returns it: with it a first Pod needs no registry. Throws
 * `unsupported` when there is no pause binary for Docker's architecture.
 */
export async function ensurePauseImage(engine: Engine, signal: AbortSignal): Promise<InspectedImage> {
  const { architecture } = await engine.info(signal)
  const image = await makePauseImage(architecture, signal)
  const present = await engine.inspectImage(image.reference, signal)
  if (present !== undefined) return present
  await engine.loadImage(image.archive(), signal)
  const loaded = await engine.inspectImage(image.reference, signal)
  if (loaded !== undefined) return loaded
  throw new KubeletError('internal', `Docker has loaded image "${image.reference}", but does not have it`)
}

/** The image for a machine of Docker's `architecture` (`x86_64`, `aarch64`), out of the binary beside this file. */
export async function makePauseImage(architecture: string, signal: AbortSignal): Promise<PauseImage> {
  const binary = await readFile(pauseBinary(architecture), { signal })
  const settings = {
    architecture: goArchitectureOf(architecture),
    os: 'linux',
    // Nobody, as in Kubernetes' own pause image: holding namespaces needs no rights.
    config: { User: '65535:65535', Entrypoint: ['/pause'] },
  }
  const reference = `${repository}:${sha256(JSON.stringify(settings), binary).slice(0, 12)}`
  return { reference, archive: () => imageArchive(reference, settings, binary) }
}

/** Whether this is a pause image of ours, of this version or another. */
export function isPauseImage({ tags }: Pick<InspectedImage, 'tags'>): boolean {
  return tags.some((tag) => tag.startsWith(`${repository}:`))
}

/** An image of one layer with one file, as `docker save` writes it. */
async function* imageArchive(reference: string, settings: object, binary: Buffer): AsyncGenerator<Uint8Array> {
  const layer: Uint8Array[] = []
  for await (const chunk of tar([{ name: 'pause', mode: 0o755, content: binary }])) layer.push(chunk)
  const rootfs = { type: 'layers', diff_ids: [`sha256:${sha256(...layer)}`] }
  const config = JSON.stringify({ ...settings, rootfs })
  const manifest = [{ Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] }]
  yield* tar([
    { name: 'config.json', content: config },
    { name: 'layer.tar', content: Buffer.concat(layer) },
    { name: 'manifest.json', content: JSON.stringify(manifest) },
  ])
}

function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
