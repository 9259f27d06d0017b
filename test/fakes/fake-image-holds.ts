import type { HeldImage, ImageHold, InspectedImage } from '../../src/engine/engine.ts'
import type { ImageId, PodUid } from '../../src/model/ids.ts'

interface Held extends HeldImage {
  readonly nodeName: string
  readonly uid: PodUid
  readonly volumeName: string
}

/** The images that a fake daemon keeps for volumes of Pods. */
export class FakeImageHolds {
  #held: readonly Held[] = []

  /** `<uid>/<volume>` of all of them. */
  get names(): readonly string[] {
    return this.#held.map(({ uid, volumeName }) => `${uid}/${volumeName}`)
  }

  get images(): readonly ImageId[] {
    return this.#held.map(({ image }) => image)
  }

  find(nodeName: string, { owner, volumeName }: ImageHold): HeldImage | undefined {
    const found = this.#held.find(
      (one) => one.nodeName === nodeName && one.uid === owner.podUid && one.volumeName === volumeName,
    )
    return found && { image: found.image, layers: found.layers, isNew: false }
  }

  add(nodeName: string, { owner, volumeName }: ImageHold, { id }: InspectedImage): HeldImage {
    const layers = [`/var/lib/docker/overlay2/${id.replace('sha256:', '')}/diff`, '/var/lib/docker/overlay2/base/diff']
    const held = { image: id, layers, isNew: true }
    this.#held = [...this.#held, { ...held, nodeName, uid: owner.podUid, volumeName }]
    return held
  }

  release(nodeName: string, uid: PodUid): void {
    this.#held = this.#held.filter((one) => one.nodeName !== nodeName || one.uid !== uid)
  }
}
