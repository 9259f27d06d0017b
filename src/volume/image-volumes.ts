import { access, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Engine, EngineInfo, HeldImage } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import { podUid, type ImageId } from '../model/ids.ts'
import type { Pod } from '../model/kube.ts'
import { podRef } from '../model/pod.ts'
import { pluginDirectory, podDirectory, volumeDirectory, type NodePaths } from '../translate/paths.ts'
import { imageMeans, needsShortNames, overlayOptions, type ImageMeans } from '../translate/volumes/image-mount.ts'
import type { MountedVolume } from '../translate/volumes/mounted-volume.ts'
import { KeyedLock } from '../util/keyed-lock.ts'
import type { Mounts } from './mounts/mounts.ts'
import { namesIn } from './names-in.ts'

const plugin = 'kubernetes.io/image'

export interface ImageVolumesOptions {
  readonly paths: NodePaths
  readonly mounts: Mounts
  readonly engine: Pick<Engine, 'holdImage' | 'releaseImages'>
  readonly daemon: EngineInfo
}

/**
 * Volumes of Pods that show an image, read-only. Where Docker keeps layers in folders they are mounted in the Pod's
 * directory, and Docker is asked to keep them for as long; elsewhere Docker mounts the image into each container by itself.
 */
export class ImageVolumes {
  readonly #options: ImageVolumesOptions
  readonly #means: ImageMeans
  /** By the Pod's UID: its steps are taken one after the other. */
  readonly #steps = new KeyedLock()

  constructor(options: ImageVolumesOptions) {
    this.#options = options
    this.#means = imageMeans(options.daemon)
  }

  /**
   * What containers mount for a volume of the Pod. A volume that is there already stays what it is, whatever its image is
   * called by now: it changes with the Pod only. Throws `not-found` when Docker has no such image, `unsupported` where it
   * can't be mounted, and what `Mounts.mount` throws.
   */
  async mount(pod: Pod, volumeName: string, image: ImageId, signal: AbortSignal): Promise<MountedVolume> {
    switch (this.#means) {
      case 'docker':
        return { kind: 'image', reference: image }
      case 'none': {
        const { storageDriver, version } = this.#options.daemon
        const docker = `Docker ${version} with the storage driver "${storageDriver}"`
        throw new KubeletError('unsupported', `${docker} can't mount images: from 28 on it can`)
      }
      case 'layers':
        return this.#steps.run(pod.metadata.uid, () => this.#mountLayers(pod, volumeName, image, signal))
      default:
        return this.#means satisfies never
    }
  }

  /**
   * Unmounts the Pod's images and lets go of them. Of a Pod without any it asks nobody.
   * Throws `conflict` for one in use.
   */
  async tearDown(uid: string, signal: AbortSignal): Promise<void> {
    await this.#steps.run(uid, async () => {
      const { paths, mounts, engine } = this.#options
      const folder = pluginDirectory(paths, uid, plugin)
      // The folder stays until all is let go: by it whoever comes after finds what is left.
      if ((await namesIn(folder)).length === 0) return
      // Parts of them that containers mount are bound elsewhere in the Pod's directory.
      const shown = (await mounts.below(podDirectory(paths, uid))).filter(({ type }) => type === 'overlay')
      for (const { target } of shown.toReversed()) await mounts.unmount(target)
      await engine.releaseImages(podUid(uid), signal)
    })
  }

  async #mountLayers(pod: Pod, volumeName: string, image: ImageId, signal: AbortSignal): Promise<MountedVolume> {
    const { paths, mounts, engine } = this.#options
    const { uid, name, namespace } = podRef(pod)
    const target = volumeDirectory(paths, uid, plugin, volumeName)
    await mkdir(target, { recursive: true, mode: 0o750 })
    const owner = { podUid: uid, podName: name, podNamespace: namespace }
    const held = await engine.holdImage({ owner, volumeName, image }, signal)
    const there = await mounts.below(target)
    // Layers that nobody held may be others by now.
    if (held.isNew) for (const mount of there.toReversed()) await mounts.unmount(mount.target)
    if (held.isNew || there.length === 0) await this.#mountAt(target, held, signal)
    return { kind: 'path', path: target, readOnly: true, mayBeMissing: false }
  }

  async #mountAt(target: string, { layers }: HeldImage, signal: AbortSignal): Promise<void> {
    const names = needsShortNames(layers, target) ? await Promise.all(layers.map(shortName)) : layers
    try {
      const options = overlayOptions(names, target)
      await this.#options.mounts.mount({ type: 'overlay', source: 'overlay', target, options }, signal)
    } catch (error) {
      const [top = ''] = layers
      if (KubeletError.is(error, 'aborted') || (await isThere(top))) throw error
      const message = `The layers of the image are not to be seen from here: there is no ${top}`
      throw new KubeletError('unsupported', message, { cause: error })
    }
  }
}

/** Docker keeps a link to each layer's folder, with a name that is half as long. */
async function shortName(layer: string): Promise<string> {
  const link = await readFile(join(dirname(layer), 'link'), 'utf8').catch(() => '')
  return link === '' ? layer : join(dirname(dirname(layer)), 'l', link.trim())
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
