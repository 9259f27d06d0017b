import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { imageId, type ImageId } from '../model/ids.ts'
import { hasCode } from '../util/has-code.ts'
import { isRecord } from '../util/is-record.ts'
import { writeAtomically } from '../util/write-atomically.ts'
import { listedName } from './image-names.ts'

export interface ImageUsesOptions {
  /** `--root-dir`; the file lies beside the records of pulls. */
  readonly rootDir: string
  readonly onFault: (error: unknown) => void
  readonly now?: () => number
}

/**
 * The images that Pods of this node have asked for, by which names, and when each was last used: what the garbage collection
 * goes by. Which images and names these are outlasts the agent, in a file that is written when there is a new one; when they
 * were used does not, as in the kubelet.
 */
export class ImageUses {
  readonly #file: string
  readonly #onFault: (error: unknown) => void
  readonly #now: () => number
  readonly #names = new Map<ImageId, Set<string>>()
  readonly #usedAtMs = new Map<ImageId, number>()
  readonly #detectedAtMs = new Map<ImageId, number>()
  #writing: Promise<void> | undefined
  #isStale = false

  constructor({ rootDir, onFault, now = Date.now }: ImageUsesOptions) {
    this.#file = join(rootDir, 'image_manager', 'used.json')
    this.#onFault = onFault
    this.#now = now
  }

  /** Learns what an agent before this one has noted. Never rejects: what cannot be read was nobody's. */
  async load(): Promise<void> {
    try {
      const kept: unknown = JSON.parse(await readFile(this.#file, 'utf8'))
      if (!isRecord(kept)) throw new Error(`${this.#file} is no object`)
      for (const [id, names] of Object.entries(kept)) {
        if (Array.isArray(names))
          this.#names.set(imageId(id), new Set(names.filter((name) => typeof name === 'string')))
        this.#detectedAtMs.set(imageId(id), this.#now())
      }
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) this.#onFault(error)
    }
  }

  /** A Pod needs an image by this name, now. */
  asked(reference: string, id: ImageId): void {
    this.used([id])
    if (!this.#detectedAtMs.has(id)) this.#detectedAtMs.set(id, this.#now())
    const names = this.#names.get(id) ?? new Set()
    const name = listedName(reference)
    if (this.#names.has(id) && names.has(name)) return
    this.#names.set(id, names.add(name))
    this.#save()
  }

  /** Containers have these images now, dead or not. */
  used(ids: Iterable<ImageId>): void {
    for (const id of ids) this.#usedAtMs.set(id, this.#now())
  }

  /** Docker has these images, and no others. */
  present(ids: ReadonlySet<ImageId>): void {
    for (const id of ids) if (!this.#detectedAtMs.has(id)) this.#detectedAtMs.set(id, this.#now())
    const known = [this.#detectedAtMs, this.#usedAtMs, this.#names].flatMap((map) => [...map.keys()])
    this.gone(known.filter((id) => !ids.has(id)))
  }

  /** Docker does not have these any more. */
  gone(ids: Iterable<ImageId>): void {
    let isNamed = false
    for (const id of ids) {
      this.#detectedAtMs.delete(id)
      this.#usedAtMs.delete(id)
      isNamed = this.#names.delete(id) || isNamed
    }
    if (isNamed) this.#save()
  }

  /** The names by which Pods have asked for an image, as Docker lists them; `undefined` where none has. */
  names(id: ImageId): ReadonlySet<string> | undefined {
    return this.#names.get(id)
  }

  /** When an image was first seen to be there, and when in use; 0 for never. */
  times(id: ImageId): { readonly detectedAtMs: number; readonly lastUsedAtMs: number } {
    return { detectedAtMs: this.#detectedAtMs.get(id) ?? this.#now(), lastUsedAtMs: this.#usedAtMs.get(id) ?? 0 }
  }

  /** Resolves when all that was noted is written. */
  async settled(): Promise<void> {
    await this.#writing
  }

  /** One write at a time; what comes meanwhile is in the next. */
  #save(): void {
    this.#isStale = true
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  async #write(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false
      const kept = Object.fromEntries([...this.#names].map(([id, names]) => [id, [...names]]))
      try {
        await writeAtomically(this.#file, JSON.stringify(kept), 0o600)
      } catch (error) {
        this.#onFault(error)
      }
    }
  }
}
