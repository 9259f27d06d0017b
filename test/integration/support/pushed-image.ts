import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { pack } from 'tar-stream'
import { docker } from '../../support/command.ts'

/** Size of the one layer of a pushed image: enough to be in the middle of it. */
export const layerBytes = 2_000_000

/** An image in a registry that Docker does not have. */
export interface PushedImage {
  readonly reference: string
  readonly id: string
  /** `<repository>@sha256:…` */
  readonly digest: string
}

/**
 * Makes an image like no other, pushes it under `reference` (`host:port/name:tag`), and removes it from Docker; again when
 * the test has ended.
 *
 * @param login Arguments of `docker login`, for a registry that asks who is there.
 */
export async function pushImage(test: TestContext, reference: string, login?: readonly string[]): Promise<PushedImage> {
  const folder = await mkdtemp(join(tmpdir(), 'minikubelet-image-'))
  const client = ['--config', folder]
  const layer = join(folder, 'layer.tar')
  await writeFile(layer, await randomLayer())
  const id = await docker('import', layer, reference)
  if (login !== undefined) await docker(...client, 'login', ...login)
  await docker(...client, 'push', '--quiet', reference)
  const digest = await docker('inspect', '--format', '{{index .RepoDigests 0}}', reference)
  await docker('rmi', reference)
  test.after(() => docker('rmi', '--force', id).catch(() => 'the test has not pulled it'))
  await rm(folder, { recursive: true })
  return { reference, id, digest }
}

/** SHA-256 of the layer of a pushed image, as the registry has it. */
export async function layerOf({ digest }: PushedImage): Promise<string> {
  const [repository = '', hash = ''] = digest.split('@')
  const [host = '', name = ''] = repository.split('/')
  const accept = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'
  const answer = await fetch(`http://${host}/v2/${name}/manifests/${hash}`, { headers: { accept } })
  const [, layer] = /"layers":.*?"digest": ?"sha256:([0-9a-f]{64})"/su.exec(await answer.text()) ?? []
  if (layer === undefined) throw new Error(`The registry has no layer of ${digest}`)
  return layer
}

async function randomLayer(): Promise<Buffer> {
  const archive = pack()
  archive.entry({ name: randomUUID() }, randomBytes(layerBytes))
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) if (chunk instanceof Uint8Array) chunks.push(chunk)
  return Buffer.concat(chunks)
}
