import { imageNameOnly } from '../model/image-name.ts'

/** The place of an image without its tag and digest, and with what Docker adds to a short name. */
export interface ImageRepository {
  /** `registry.test:5000`; `docker.io` for what Docker takes from its default registry. */
  readonly host: string
  /** `/library/busybox` */
  readonly path: string
}

const defaultRegistry = 'docker.io'

/** What a pull of the image asks for (ParseNormalizedNamed in github.com/distribution/reference). */
export function imageRepository(image: string): ImageRepository {
  const untagged = imageNameOnly(image)
  const slash = untagged.indexOf('/')
  const first = untagged.slice(0, Math.max(slash, 0))
  // Docker's way to tell a host from a user of its own registry.
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost'
  if (hasHost && first !== defaultRegistry && first !== 'index.docker.io') {
    return { host: first, path: untagged.slice(slash) }
  }
  const rest = hasHost ? untagged.slice(slash + 1) : untagged
  return { host: defaultRegistry, path: rest.includes('/') ? `/${rest}` : `/library/${rest}` }
}

export function isDefaultRegistry({ host }: ImageRepository): boolean {
  return host === defaultRegistry
}
