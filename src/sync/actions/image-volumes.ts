import { KubeletError } from '../../model/errors.ts'
import { mountedImageVolumes, volumeImageKey } from '../../model/image-user.ts'
import type { ContainerSpec } from '../../model/kube.ts'
import type { MountedVolume } from '../../translate/volumes/mounted-volume.ts'
import { allOf } from '../../util/all-of.ts'
import type { SpecRun } from '../pod-run.ts'

/**
 * Has the images shown that volumes of a container are, which is about to be created; by the volumes' names. Throws what
 * `ImageVolumes.mount` throws.
 */
export async function mountImages(
  { context, memory, pod, signal }: SpecRun,
  container: ContainerSpec,
): Promise<ReadonlyMap<string, MountedVolume>> {
  const mounting = mountedImageVolumes(pod, container).map(async ({ name }) => {
    const image = memory.images.get(volumeImageKey(name))
    if (image?.kind !== 'ready')
      throw new KubeletError('conflict', `The image of volume "${name}" is not there any more`)
    return [name, await context.imageVolumes.mount(pod, name, image.id, signal)] as const
  })
  return new Map(await allOf(mounting))
}

/** A container could not be made: what it was to be made of may have gone, and is looked for again before the next try. */
export function forgetImages({ memory, pod }: SpecRun, container: ContainerSpec): void {
  memory.images.delete(container.name)
  for (const { name } of mountedImageVolumes(pod, container)) memory.images.delete(volumeImageKey(name))
}
