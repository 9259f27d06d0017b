import { createHash } from 'node:crypto'
import type { InspectedImage } from '../../src/engine/engine.ts'
import { imageId } from '../../src/model/ids.ts'

/** An image with these tags and no digest; its id follows from the first tag. */
export function fakeImage(tags: readonly string[], digests: readonly string[] = []): InspectedImage {
  const id = imageId(`sha256:${sha256(`image ${tags[0] ?? ''}`)}`)
  return { id, tags: tags.map(withTag), digests, sizeBytes: 1_000_000, user: '' }
}

export function withTag(reference: string): string {
  return /[:@][^/]*$/u.test(reference) ? reference : `${reference}:latest`
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
