import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { docker } from '../support/command.ts'

/** Size of the layer that only this image has: enough to be in the middle of it. */
const ownLayerBytes = 4_000_000

/** An image in a registry that Docker does not have: a busybox with a layer of its own. */
export interface OwnImage {
  /** By its tag. */
  readonly image: string
  /** The same by its digest. */
  readonly digest: string
}

/** Makes images like no other, and removes from Docker what was pulled of them in the end. */
export class OwnImages implements AsyncDisposable {
  readonly #ids = new Set<string>()

  /** Pushes an image under a name, `host:port/name:tag`, and removes it from Docker. */
  async push(image: string): Promise<OwnImage> {
    const folder = await mkdtemp(join(tmpdir(), 'minikubelet-own-'))
    try {
      const file = join(folder, 'own')
      await writeFile(file, randomBytes(ownLayerBytes))
      const container = await docker('create', 'busybox:1.36')
      try {
        await docker('cp', file, `${container}:/own`)
        this.#ids.add(await docker('commit', container, image))
      } finally {
        await docker('rm', container)
      }
      await docker('push', '--quiet', image)
      const digest = await docker('inspect', '--format', '{{index .RepoDigests 0}}', image)
      await docker('rmi', image)
      return { image, digest }
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#ids].map((id) => docker('rmi', '--force', id)))
  }
}
