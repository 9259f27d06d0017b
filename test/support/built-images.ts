import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { docker, run } from './command.ts'

/** Builds images in Docker, from busybox and with what a Dockerfile says, and removes them in the end. */
export class BuiltImages implements AsyncDisposable {
  readonly #images: string[] = []

  /** The name of a new image of these directives. There is a `file` that they may copy. */
  async build(...directives: readonly string[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'minikubelet-image-'))
    const image = `minikubelet-test/image:${randomBytes(6).toString('hex')}`
    try {
      await writeFile(join(folder, 'file'), 'of the image\n')
      await writeFile(join(folder, 'Dockerfile'), ['FROM busybox:1.36', ...directives, ''].join('\n'))
      // The builder that every Docker has.
      await run('env', 'DOCKER_BUILDKIT=0', 'docker', 'build', '--quiet', '--tag', image, folder)
      this.#images.push(image)
    } finally {
      await rm(folder, { recursive: true })
    }
    return image
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#images.map((image) => docker('rmi', '--force', image)))
  }
}
