import { KubeletError } from '../../model/errors.ts'

/**
 * How containers come to the content of an image. `layers`: the agent mounts the layers, which Docker keeps in folders.
 * `docker`: Docker does it by itself. `none`: this Docker has no means.
 */
export type ImageMeans = 'layers' | 'docker' | 'none'

/** Storage drivers that keep each layer in a folder and tell of it. */
const layeredDrivers: readonly string[] = ['overlay2', 'fuse-overlayfs']
/** The first API version with mounts of type `image`, Docker 28's. */
const imageMountMinor = 48

/**
 * Docker's own mounts come second: with overlay2 those of a container that Docker starts again after a restart of its own
 * are empty, and with a part of the image it does not start at all (28.5 tried; moby issue 50999). With containerd's image
 * store they last.
 */
export function imageMeans(daemon: { readonly storageDriver: string; readonly apiVersion: string }): ImageMeans {
  if (layeredDrivers.includes(daemon.storageDriver)) return 'layers'
  const [major = 0, minor = 0] = daemon.apiVersion.split('.').map(Number)
  return major > 1 || minor >= imageMountMinor ? 'docker' : 'none'
}

/** What the kernel takes for a mount's options: a page, less its end and the other options. */
const mostOptionBytes = 4000

/**
 * The options of an overlay mount that shows layers, the uppermost first, and nothing else: it can't be written to. It
 * takes two folders at least, so an empty one lies beneath. Throws `unsupported` for more layers than one mount takes.
 */
export function overlayOptions(layers: readonly string[], empty: string): readonly string[] {
  const folders = [...layers, empty]
  const odd = folders.find((folder) => /[,:\\]/u.test(folder))
  if (odd !== undefined) throw new KubeletError('unsupported', `${odd} can't be part of an overlay mount`)
  const lower = `lowerdir=${folders.join(':')}`
  if (Buffer.byteLength(lower) > mostOptionBytes) {
    throw new KubeletError('unsupported', `The image has ${layers.length} layers, more than one mount takes`)
  }
  return ['ro', lower]
}

/** True where the folders' names are too long for one mount; Docker keeps shorter ones, see `ImageVolumes`. */
export function needsShortNames(layers: readonly string[], empty: string): boolean {
  return Buffer.byteLength([...layers, empty].join(':')) > mostOptionBytes - 'lowerdir='.length
}
