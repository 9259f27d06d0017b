import type { EngineImage } from '../engine/engine.ts'
import type { NodeStatus } from '../model/kube.ts'

const mostNamesPerImage = 5

/**
 * `status.images`: the largest `limit` images (−1 for all), each with its digests, then its tags, five names at most.
 * Images without a name, which nobody can ask for, are left out. Images of one size keep one order, so that the status
 * does not change from one time to the next.
 */
export function nodeImages(images: readonly EngineImage[], limit: number): NonNullable<NodeStatus['images']> {
  const named = images
    .map(({ digests, tags, sizeBytes, id }) => ({
      names: [...digests, ...tags].slice(0, mostNamesPerImage),
      sizeBytes,
      id,
    }))
    .filter(({ names }) => names.length > 0)
    .toSorted((left, right) => right.sizeBytes - left.sizeBytes || (left.id < right.id ? -1 : 1))
  return (limit < 0 ? named : named.slice(0, limit)).map(({ names, sizeBytes }) => ({ names, sizeBytes }))
}
