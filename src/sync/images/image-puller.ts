import PQueue from 'p-queue'
import type { Engine, InspectedImage, RegistryCredentials } from '../../engine/engine.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ImageId } from '../../model/ids.ts'
import type { PullProgress } from '../../model/pull-progress.ts'
import { abortable } from '../../util/abortable.ts'
import { takeToken, type Rate, type TokenBucket } from '../../util/token-bucket.ts'
import { pullWithAny } from './pull-with-any.ts'

const waitEnded = 'The wait for an image was ended'

export interface ImagePullerOptions {
  readonly engine: Engine
  /** How many pulls run side by side. */
  readonly parallel: number
  /** How often a pull may begin (`--registry-qps`, `--registry-burst`). */
  readonly rate: Rate
  /** Told of each image that was found, by the name that it was asked for by. */
  readonly onFound?: (reference: string, image: InspectedImage) => void
}

export interface PullWish {
  /** In the order in which they are to be tried; none: the pull is anonymous. */
  readonly credentials: readonly RegistryCredentials[]
  /** Told how far the pull has come, often. */
  readonly onProgress?: (progress: PullProgress) => void
}

export interface PullResult {
  readonly image: InspectedImage
  /** Time spent on pulling, and on waiting for a turn before it. */
  readonly durationMs: number
  readonly waitedMs: number
  /** Which of the credentials were good; `undefined` for an anonymous pull. */
  readonly used: number | undefined
}

interface Pull {
  readonly done: Promise<PullResult>
  readonly abort: AbortController
  readonly listeners: Set<(progress: PullProgress) => void>
  waiters: number
}

/**
 * The node's images: which ones Docker has, remembered until an image event says otherwise, and pulls, each image once
 * at a time however many Pods want it. A pull that nobody waits for any more is ended.
 */
export class ImagePuller {
  readonly #engine: Engine
  readonly #queue: PQueue
  readonly #rate: Rate
  readonly #onFound: ImagePullerOptions['onFound']
  #bucket: TokenBucket | undefined
  /** What was asked for since the last `forget`, and the answers: only that an image is there is kept. */
  #looks = new Map<string, Promise<InspectedImage | undefined>>()
  readonly #seen = new Map<ImageId, InspectedImage>()
  readonly #pulls = new Map<string, Pull>()

  constructor({ engine, parallel, rate, onFound }: ImagePullerOptions) {
    this.#onFound = onFound
    this.#engine = engine
    this.#rate = rate
    this.#queue = new PQueue({ concurrency: parallel })
  }

  /** Images changed in Docker: nothing that was known of them counts any more. */
  forget(): void {
    // Not cleared: a look that is under way belongs to those from before, and so does its answer.
    this.#looks = new Map()
  }

  /**
   * The image if Docker has it. Throws `invalid` for a name that does not parse, and what `Engine.inspectImage` throws.
   */
  async find(reference: string, signal: AbortSignal): Promise<InspectedImage | undefined> {
    const looks = this.#looks
    const look = looks.get(reference) ?? this.#engine.inspectImage(reference, signal)
    looks.set(reference, look)
    let image: InspectedImage | undefined
    try {
      image = await look
    } finally {
      if (image === undefined && looks.get(reference) === look) looks.delete(reference)
    }
    if (image !== undefined) {
      this.#seen.set(image.id, image)
      this.#onFound?.(reference, image)
    }
    return image
  }

  /** The image of this id as it was last found; never asks Docker. */
  seen(id: ImageId): InspectedImage | undefined {
    return this.#seen.get(id)
  }

  /**
   * Pulls the image with the first of the credentials that the registry takes, without any where there are none; or joins
   * the pull of it with the same credentials that is under way. Throws `throttled` when more pulls are asked for than the
   * registry's rate allows, and what `Engine.pullImage` throws: of several tries all messages, `[first, second]`.
   */
  async pull(reference: string, { credentials, onProgress }: PullWish, signal: AbortSignal): Promise<PullResult> {
    // Nobody gets an image by somebody else's name and password.
    const known = credentials.map(({ username, password, serverAddress }) => [username, password, serverAddress])
    const key = JSON.stringify([reference, known])
    const pull = this.#pulls.get(key) ?? this.#start(key, reference, credentials)
    pull.waiters += 1
    if (onProgress !== undefined) pull.listeners.add(onProgress)
    try {
      return await abortable(pull.done, signal, waitEnded)
    } finally {
      pull.waiters -= 1
      if (onProgress !== undefined) pull.listeners.delete(onProgress)
      if (pull.waiters === 0) this.#end(key, pull)
    }
  }

  /** Whoever wants the image from now on begins anew. */
  #end(key: string, pull: Pull): void {
    pull.abort.abort()
    if (this.#pulls.get(key) === pull) this.#pulls.delete(key)
  }

  #start(key: string, reference: string, credentials: readonly RegistryCredentials[]): Pull {
    const abort = new AbortController()
    const listeners: Pull['listeners'] = new Set()
    const onProgress = (progress: PullProgress): void => {
      for (const listener of listeners) listener(progress)
    }
    const askedAtMs = Date.now()
    const done = this.#queue
      .add(async (): Promise<PullResult> => {
        if (abort.signal.aborted) throw new KubeletError('aborted', waitEnded)
        this.#takeToken()
        const startedAtMs = Date.now()
        const used = await pullWithAny(this.#engine, reference, { credentials, onProgress }, abort.signal)
        this.#looks.delete(reference)
        const durationMs = Date.now() - startedAtMs
        const image = await this.find(reference, abort.signal)
        if (image !== undefined) return { image, durationMs, waitedMs: startedAtMs - askedAtMs, used }
        throw new KubeletError('not-found', `Docker pulled "${reference}" but has no image of that name`)
      })
      .finally(() => this.#end(key, pull))
    // Everybody who waits gets the error; with nobody waiting it must not count as unhandled.
    done.catch(() => undefined)
    const pull: Pull = { done, abort, listeners, waiters: 0 }
    this.#pulls.set(key, pull)
    return pull
  }

  /** When its turn has come, and in the words of the kubelet (throttledImageService in pkg/kubelet/images/helpers.go). */
  #takeToken(): void {
    const { bucket, waitMs } = takeToken(this.#bucket, this.#rate, Date.now())
    this.#bucket = bucket
    if (waitMs > 0) throw new KubeletError('throttled', 'pull QPS exceeded')
  }
}

/** The name with the tag that a pull of it means; a registry's default is `latest`. */
export function pullReference(image: string): string {
  const lastPart = image.slice(image.lastIndexOf('/') + 1)
  return image.includes('@') || lastPart.includes(':') ? image : `${image}:latest`
}
