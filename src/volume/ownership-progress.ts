/**
 * How soon it is told that a volume takes long to become its group's, and how often from then on
 * (pkg/volume/volume_linux.go).
 */
const firstAfterMs = 30_000
const thenEveryMs = 60_000

const advice =
  ' is taking longer than expected, consider using OnRootMismatch - ' +
  'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/' +
  '#configure-volume-permission-and-ownership-change-policy-for-pods'

/** Tells, in the kubelet's words, how far the change of a volume's ownership has come, until it is disposed. */
export class OwnershipProgress implements Disposable {
  readonly #shownAs: string
  readonly #tell: (message: string) => void
  #files = 0
  #timer: NodeJS.Timeout

  /** @param shownAs The volume's path, from the Pod's UID on. */
  constructor(shownAs: string, tell: (message: string) => void) {
    this.#shownAs = shownAs
    this.#tell = tell
    this.#timer = setTimeout(() => this.#tellNext(advice), firstAfterMs)
  }

  /** One more file has been changed. */
  count(): void {
    this.#files += 1
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #tellNext(text: string): void {
    this.#tell(`Setting volume ownership for ${this.#shownAs}${text}`)
    this.#timer = setTimeout(() => this.#tellNext(`, processed ${this.#files} files.`), thenEveryMs)
  }
}
