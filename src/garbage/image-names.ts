/** Whose an image is, by its names. */
import type { ImageId } from '../model/ids.ts'

/** An image as Docker lists it. */
interface NamedImage {
  readonly id: ImageId
  readonly tags: readonly string[]
  readonly digests: readonly string[]
}

/** A name as Docker lists it: without the registry and the folder that it takes for granted. */
export function listedName(reference: string): string {
  return reference.replace(/^(?:index\.)?docker\.io\//u, '').replace(/^library\//u, '')
}

/** Whether a Pod that names an image so means this one. */
export function isNamed({ id, tags, digests }: NamedImage, reference: string): boolean {
  if (reference === id || `sha256:${reference}` === id) return true
  const name = listedName(reference)
  // Docker goes by the digest where there are both.
  const at = name.indexOf('@')
  if (at === -1) return tags.includes(name)
  return digests.some((digest) => listedName(digest) === `${repositoryOf(name)}${name.slice(at)}`)
}

/** Of a name with a tag, a digest, or both. */
function repositoryOf(name: string): string {
  return name.replace(/@.*$/u, '').replace(/:[^/:]*$/u, '')
}

/**
 * Whether Pods of this node have asked for an image by every tag that it has, and from every repository: who has given it
 * another name, or has it from elsewhere, wants it for himself. One that has lost its tags to a newer image has nobody else
 * who could ask for it.
 */
export function isOnlyOurs({ tags, digests }: NamedImage, asked: ReadonlySet<string> | undefined): boolean {
  if (asked === undefined || !tags.every((tag) => asked.has(tag))) return false
  const repositories = new Set([...asked].map(repositoryOf))
  return digests.every((digest) => repositories.has(repositoryOf(listedName(digest))))
}
