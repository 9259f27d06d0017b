import type { Engine, EngineImage } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import type { ImageId } from '../model/ids.ts'
import { isNamed, isOnlyOurs } from './image-names.ts'
import {
  imageRoom,
  inRemovalOrder,
  invalidCapacity,
  isOff,
  isTooOld,
  isTooYoung,
  notEnoughFreed,
  oldRemovalsFailed,
  removalsFailed,
  type FileSystemRoom,
  type ImagePolicy,
  type UnusedImage,
} from './image-rules.ts'
import type { ImageUses } from './image-uses.ts'

export interface ImageGarbageOptions {
  readonly engine: Pick<Engine, 'listImages' | 'usedImages' | 'removeImage'>
  readonly uses: ImageUses
  readonly policy: ImagePolicy
  /** `pods`: images that Pods of this node have asked for, and nobody else has named; `all`: every one, as the kubelet. */
  readonly scope: 'pods' | 'all'
  /** The file system with Docker's images; `undefined` where it is not to be seen from here. */
  readonly room: () => Promise<FileSystemRoom | undefined>
  /** The images of this node's containers, dead or not, as far as is known without asking. */
  readonly held: () => Iterable<ImageId>
  /** The names of images that Pods ask for that run, or are to. */
  readonly wanted: () => Iterable<string>
  /** Never removed: what sandboxes are made of. */
  readonly isPinned: (image: EngineImage) => boolean
  /** An event of the node. */
  readonly tell: (reason: 'InvalidDiskCapacity' | 'FreeDiskSpaceFailed', message: string) => void
  readonly onRemoved: (why: 'age' | 'space', image: EngineImage) => void
  readonly now?: () => number
}

interface Candidate extends UnusedImage {
  readonly image: EngineImage
}

/**
 * Removes images that nobody uses: those that were not used for longest when the disk with the images is nearly full,
 * and those that were not used for too long (realImageGCManager in pkg/kubelet/images/image_gc_manager.go). As long as
 * there is room and nothing is too old it asks Docker nothing, unless every image counts as the node's.
 */
export class ImageGarbage {
  readonly #options: ImageGarbageOptions
  readonly #now: () => number
  readonly #startedAtMs: number

  constructor(options: ImageGarbageOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#startedAtMs = this.#now()
  }

  /**
   * One round. Throws `internal` with the kubelet's text when not all is freed that was to be, and what the engine throws
   * when Docker cannot say what there is.
   */
  async collect(signal: AbortSignal): Promise<void> {
    const { policy, scope, room: measure, uses, held, tell } = this.#options
    uses.used(held())
    if (isOff(policy)) return
    const nowMs = this.#now()
    const isAgeDue = policy.maxAgeMs > 0 && nowMs - this.#startedAtMs > policy.maxAgeMs
    const unused =
      isAgeDue || scope === 'all' ? await this.#removeOld(await this.#unused(signal), nowMs, signal) : undefined
    const fileSystem = await measure()
    if (fileSystem === undefined) return
    const room = imageRoom(fileSystem, policy)
    switch (room.kind) {
      case 'enough':
        return
      case 'unmeasured':
        tell('InvalidDiskCapacity', invalidCapacity)
        throw new KubeletError('internal', invalidCapacity)
      case 'short': {
        const freed = await this.#free(unused ?? (await this.#unused(signal)), room.bytes, signal)
        if (freed >= room.bytes) return
        const message = notEnoughFreed(room.usedPercent, fileSystem.capacity, freed)
        tell('FreeDiskSpaceFailed', message)
        throw new KubeletError('internal', message)
      }
      default:
        room satisfies never
    }
  }

  /** Removes every image that may go, but for those that are too young. Throws as `collect`. */
  async reclaim(signal: AbortSignal): Promise<void> {
    this.#options.uses.used(this.#options.held())
    await this.#free(await this.#unused(signal), undefined, signal)
  }

  /** What may go, in the order in which it is to. */
  async #unused(signal: AbortSignal): Promise<readonly Candidate[]> {
    const { engine, uses, scope, wanted, isPinned } = this.#options
    const [images, used] = await Promise.all([engine.listImages(signal), engine.usedImages(signal)])
    uses.present(new Set(images.map(({ id }) => id)))
    uses.used(used)
    const kept = [...wanted()]
    return inRemovalOrder(
      images
        .filter(
          (image) => !used.has(image.id) && !isPinned(image) && !kept.some((reference) => isNamed(image, reference)),
        )
        .filter((image) => scope === 'all' || isOnlyOurs(image, uses.names(image.id)))
        .map((image) => ({ image, id: image.id, sizeBytes: image.sizeBytes, ...uses.times(image.id) })),
    )
  }

  /** Those that are left. */
  async #removeOld(unused: readonly Candidate[], nowMs: number, signal: AbortSignal): Promise<readonly Candidate[]> {
    const { policy } = this.#options
    const messages: string[] = []
    const left: Candidate[] = []
    for (const candidate of unused) {
      const isOld = isTooOld(candidate, policy, { nowMs, startedAtMs: this.#startedAtMs })
      const isDue = isOld && !this.#isUsedAgain(candidate)
      const fault = isDue ? await this.#remove(candidate, 'age', signal) : undefined
      if (fault !== undefined) messages.push(fault)
      if (!isDue || fault !== undefined) left.push(candidate)
    }
    if (messages.length > 0) throw new KubeletError('internal', oldRemovalsFailed(policy, messages))
    return left
  }

  /** The bytes that were freed. */
  async #free(unused: readonly Candidate[], bytes: number | undefined, signal: AbortSignal): Promise<number> {
    const { policy } = this.#options
    const nowMs = this.#now()
    const messages: string[] = []
    let freed = 0
    for (const candidate of unused) {
      if (bytes !== undefined && freed >= bytes) break
      if (isTooYoung(candidate, policy, nowMs) || this.#isUsedAgain(candidate)) continue
      const fault = await this.#remove(candidate, 'space', signal)
      if (fault === undefined) freed += candidate.sizeBytes
      else messages.push(fault)
    }
    if (messages.length > 0) throw new KubeletError('internal', removalsFailed(bytes, freed, messages))
    return freed
  }

  /** A Pod has asked for it since it was listed: Docker may take minutes for those before it. */
  #isUsedAgain({ id, lastUsedAtMs }: Candidate): boolean {
    return this.#options.uses.times(id).lastUsedAtMs !== lastUsedAtMs
  }

  /** Why it could not be done; `undefined` when it was. */
  async #remove({ image }: Candidate, why: 'age' | 'space', signal: AbortSignal): Promise<string | undefined> {
    try {
      await this.#options.engine.removeImage(image, signal)
      this.#options.uses.gone([image.id])
      this.#options.onRemoved(why, image)
      return undefined
    } catch (error) {
      const fault = KubeletError.from(error)
      if (fault.code === 'aborted') throw fault
      return fault.message
    }
  }
}
