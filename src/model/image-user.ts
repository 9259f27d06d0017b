import type { ContainerSpec, Pod, VolumeSpec } from './kube.ts'
import { allContainers, imagePullPolicy } from './pod.ts'

/** Who needs an image on the node: a container that runs it, or a volume that shows it. */
export interface ImageUser {
  /** Tells the users of one Pod apart. */
  readonly key: string
  /** `undefined` for a volume: what is told of its image is told of the Pod. */
  readonly containerName: string | undefined
  /** As the Pod has it; empty for none. */
  readonly image: string
  readonly pullPolicy: ReturnType<typeof imagePullPolicy>
}

export function containerImage(container: ContainerSpec): ImageUser {
  const { name, image = '' } = container
  return { key: name, containerName: name, image, pullPolicy: imagePullPolicy(container) }
}

/** `undefined` for a volume that is no image. */
export function volumeImage({ name, image: source }: VolumeSpec): ImageUser | undefined {
  if (!source) return undefined
  const { reference: image = '', pullPolicy } = source
  const policy = imagePullPolicy({ name, image, ...(pullPolicy === undefined ? {} : { imagePullPolicy: pullPolicy }) })
  return { key: volumeImageKey(name), containerName: undefined, image, pullPolicy: policy }
}

/** The `ImageUser.key` of a volume: no container has such a name. */
export function volumeImageKey(volumeName: string): string {
  return `volume/${volumeName}`
}

/** The Pod's volumes that are images, whether containers mount them or not. */
export function imageVolumes(pod: Pod): readonly VolumeSpec[] {
  return (pod.spec.volumes ?? []).filter(({ image }) => Boolean(image))
}

/** Those of them that a container mounts, each once. */
export function mountedImageVolumes(pod: Pod, { volumeMounts = [] }: ContainerSpec): readonly VolumeSpec[] {
  return imageVolumes(pod).filter(({ name }) => volumeMounts.some((mount) => mount.name === name))
}

/** The names of all images that a Pod asks for. */
export function imageNames(pod: Pod): readonly string[] {
  const users = [...allContainers(pod).map(containerImage), ...imageVolumes(pod).map(volumeImage)]
  return users.flatMap((user) => (user === undefined || user.image === '' ? [] : [user.image]))
}
