import { KubeletError } from '../model/errors.ts'
import { Bell } from '../util/bell.ts'

export interface GarbageRoundsOptions {
  readonly containers: (signal: AbortSignal) => Promise<void>
  readonly images: (signal: AbortSignal) => Promise<void>
  /** A round has failed in a way that the node's events are to show. */
  readonly tell: (reason: 'ContainerGCFailed' | 'ImageGCFailed', message: string) => void
  /** Every failure, and that the first round after some has gone well. */
  readonly onRound: (what: 'containers' | 'images', error: KubeletError | undefined) => void
  readonly containersEveryMs?: number
  readonly imagesEveryMs?: number
}

/** ContainerGCPeriod and ImageGCPeriod in pkg/kubelet/kubelet.go. */
const usualContainersEveryMs = 60_000
const usualImagesEveryMs = 300_000

/** When garbage is collected: as soon as it is known which Pods there are, then again and again (StartGarbageCollection). */
export class GarbageRounds {
  readonly #options: GarbageRoundsOptions
  readonly #begin = new Bell()
  #hasBegun = false

  constructor(options: GarbageRoundsOptions) {
    this.#options = options
  }

  /** It is known which Pods there are. */
  begin(): void {
    this.#hasBegun = true
    this.#begin.ring()
  }

  /** Runs until `signal` fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!this.#hasBegun && !signal.aborted) await this.#begin.wait(undefined, signal)
    const { containers, images, tell } = this.#options
    const { containersEveryMs = usualContainersEveryMs, imagesEveryMs = usualImagesEveryMs } = this.#options
    await Promise.all([
      this.#repeat(
        'containers',
        {
          collect: containers,
          everyMs: containersEveryMs,
          tell: ({ message }) => tell('ContainerGCFailed', message),
        },
        signal,
      ),
      this.#repeat(
        'images',
        {
          collect: images,
          everyMs: imagesEveryMs,
          tell: ({ message }, hadFailed) => {
            // Once may be chance.
            if (hadFailed) tell('ImageGCFailed', message)
          },
        },
        signal,
      ),
    ])
  }

  async #repeat(what: 'containers' | 'images', { collect, everyMs, tell }: Round, signal: AbortSignal): Promise<void> {
    const pauses = new Bell()
    let hadFailed = false
    while (!signal.aborted) {
      const error = await failure(collect(signal))
      if (error?.code === 'aborted') return
      if (error !== undefined) tell(error, hadFailed)
      if (error !== undefined || hadFailed) this.#options.onRound(what, error)
      hadFailed = error !== undefined
      await pauses.wait(Date.now() + everyMs, signal)
    }
  }
}

interface Round {
  readonly collect: (signal: AbortSignal) => Promise<void>
  readonly everyMs: number
  readonly tell: (error: KubeletError, hadFailed: boolean) => void
}

async function failure(round: Promise<void>): Promise<KubeletError | undefined> {
  try {
    await round
    return undefined
  } catch (error) {
    return KubeletError.from(error)
  }
}
