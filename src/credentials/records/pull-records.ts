import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KubeletError } from '../../model/errors.ts'
import type { ImageId } from '../../model/ids.ts'
import type { VerificationPolicy } from '../../model/verification-policy.ts'
import type { Logger } from '../../util/log.ts'
import { hasCode } from '../../util/has-code.ts'
import { imageAccess, matchingSecret, withCredentials, type UsedCredentials } from './image-access.ts'
import {
  decodeIntent,
  decodeRecord,
  encodeIntent,
  encodeRecord,
  recordFile,
  type PulledRecord,
  type RecordedSecret,
} from './pulled-record.ts'

export interface PullRecordsOptions {
  /** `--root-dir`; the records are below it where the kubelet has them. */
  readonly rootDir: string
  readonly policy: VerificationPolicy
  readonly log: Logger
}

/** An image as a Pod names it, and Docker's id of it. */
export interface KnownImage {
  readonly image: string
  readonly id: ImageId
}

/**
 * With whose credentials the images of this node were pulled (pkg/kubelet/images/pullmanager): an intent before each pull, a
 * record after it, so that an image that needed a password is lent to nobody, not even after a crash. What is not
 * recorded was there before, and is everybody's.
 *
 * Files are written aside and moved into place, one at a time. In memory is which of them there are, so that an image
 * without any, as most are, costs nothing.
 */
export class PullRecords {
  readonly #options: PullRecordsOptions
  readonly #folder: string
  readonly #pulling: string
  readonly #pulled: string
  /** Names of the files that there are, in both folders; only a record that somebody took away is not there in fact. */
  readonly #files = new Set<string>()
  /** Pulls under way, by image. */
  readonly #intents = new Map<string, number>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: PullRecordsOptions) {
    this.#options = options
    this.#folder = join(options.rootDir, 'image_manager')
    this.#pulling = join(this.#folder, 'pulling')
    this.#pulled = join(this.#folder, 'pulled')
  }

  /**
   * To be called before anything else, finds what the agent before this one has left: what it was pulling when it died
   * counts as pulled with nobody knows whose credentials, if Docker has it. `find` looks for an image in Docker. Never
   * rejects.
   */
  async takeOver(find: (image: string) => Promise<ImageId | undefined>): Promise<void> {
    const [pulling, pulled] = await Promise.all([filesIn(this.#pulling), filesIn(this.#pulled)])
    for (const file of [...pulling, ...pulled]) this.#files.add(file)
    for (const file of pulling) {
      try {
        const image = decodeIntent(await readFile(join(this.#pulling, file), 'utf8'))
        const id = await find(image)
        // Of one that has not come the intent stays: if it does come, it is not known how.
        if (id === undefined) continue
        await this.#record({ image, id }, { kind: 'unknown' })
        await this.#unlink(this.#pulling, file)
      } catch (error) {
        this.#options.log.warn('The note of a pull is passed over', { path: join(this.#pulling, file), error })
      }
    }
  }

  /** To be called before a pull. Throws `internal`: what could not be noted must not be pulled. */
  async intend(image: string): Promise<void> {
    await this.#inTurn(async () => {
      const count = this.#intents.get(image) ?? 0
      try {
        if (count === 0) await this.#write(this.#pulling, recordFile(image), encodeIntent(image))
      } catch (error) {
        const reason = KubeletError.from(error).message
        const text = `Failed to record image pull intent for container image "${image}": ${reason}`
        throw new KubeletError('internal', text, { cause: error })
      }
      this.#intents.set(image, count + 1)
    })
  }

  /** A pull has succeeded. Never rejects: what could not be recorded stays an intent, which forces a check. */
  async pulled({ image, id }: KnownImage, used: UsedCredentials): Promise<void> {
    try {
      await this.#inTurn(() => this.#record({ image, id }, used))
      await this.#drop(image)
    } catch (error) {
      this.#options.log.warn('That an image was pulled could not be recorded', { image, error })
    }
  }

  /** A pull has come to nothing. Never rejects. */
  async failed(image: string): Promise<void> {
    try {
      await this.#drop(image)
    } catch (error) {
      this.#options.log.warn('The note of a pull could not be removed', { image, error })
    }
  }

  /**
   * Nobody waits for a pull any more: if Docker has the image all the same, it came with nobody knows whose credentials; if
   * Docker can't say, the next agent will ask. Never rejects.
   */
  async ended(image: string, find: () => Promise<ImageId | undefined>): Promise<void> {
    try {
      const id = await find()
      if (id === undefined) await this.#drop(image)
      else await this.pulled({ image, id }, { kind: 'unknown' })
    } catch {
      this.#leave(image)
    }
  }

  /**
   * Whether a Pod may use an image that Docker has without pulling it. `secretsOf` is asked only if it depends on the Pod's
   * secrets: for those that fit the image. Throws what `secretsOf` throws; what can't be read is nobody's.
   */
  async mayUse({ image, id }: KnownImage, secretsOf: () => Promise<readonly RecordedSecret[]>): Promise<boolean> {
    const { policy, log } = this.#options
    if (policy.name === 'NeverVerify') return true
    try {
      const record = await this.#read(id)
      const isBeingPulled = record === undefined && (await this.#hasIntent(image))
      const access = imageAccess({ policy, image, record, isBeingPulled })
      if (access.kind !== 'secrets') return access.kind === 'anybody'
      const match = matchingSecret(access.secrets, await secretsOf())
      if (match?.isNews === true)
        await this.#inTurn(() => this.#record({ image, id }, { kind: 'secret', secret: match.secret }))
      return match !== undefined
    } catch (error) {
      if (KubeletError.is(error, 'aborted')) throw error
      log.warn('Who may use an image could not be found out', { image, error })
      return false
    }
  }

  /** Drops what is recorded of images that were gone at `atMs`, as `present` says. Never rejects. */
  async prune(present: ReadonlySet<string>, atMs: number): Promise<void> {
    for (const file of await filesIn(this.#pulled)) {
      const path = join(this.#pulled, file)
      try {
        await this.#inTurn(async () => {
          const { imageRef, lastUpdatedTime } = decodeRecord(await readFile(path, 'utf8'))
          if (!present.has(imageRef) && Date.parse(lastUpdatedTime) + 1000 < atMs)
            await this.#unlink(this.#pulled, file)
        })
      } catch (error) {
        this.#options.log.warn('The record of an image is passed over', { path, error })
      }
    }
  }

  /** The node is thrown away. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #record({ image, id }: KnownImage, used: UsedCredentials): Promise<void> {
    const before = await this.#read(id).catch(() => undefined)
    const after = withCredentials(before, { image, imageRef: id, used, nowMs: Date.now() })
    if (after !== undefined) await this.#write(this.#pulled, recordFile(id), encodeRecord(after))
  }

  async #read(id: ImageId): Promise<PulledRecord | undefined> {
    const text = await this.#text(this.#pulled, recordFile(id))
    if (text === undefined) return undefined
    const record = decodeRecord(text)
    return record.imageRef === id ? record : undefined
  }

  async #hasIntent(image: string): Promise<boolean> {
    if (this.#intents.has(image)) return true
    const text = await this.#text(this.#pulling, recordFile(image))
    return text !== undefined && decodeIntent(text) === image
  }

  async #drop(image: string): Promise<void> {
    await this.#inTurn(async () => {
      if ((this.#intents.get(image) ?? 0) <= 1) await this.#unlink(this.#pulling, recordFile(image))
      this.#leave(image)
    })
  }

  #leave(image: string): void {
    const count = this.#intents.get(image) ?? 0
    if (count <= 1) this.#intents.delete(image)
    else this.#intents.set(image, count - 1)
  }

  /** A file's content; `undefined` where there is none. */
  async #text(folder: string, file: string): Promise<string | undefined> {
    if (!this.#files.has(file)) return undefined
    try {
      return await readFile(join(folder, file), 'utf8')
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }

  async #write(folder: string, file: string, text: string): Promise<void> {
    this.#files.add(file)
    await writeAside(folder, file, text)
  }

  async #unlink(folder: string, file: string): Promise<void> {
    await rm(join(folder, file), { force: true })
    this.#files.delete(file)
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return await done
  }
}

/** Records and intents; not what was being written when an agent died. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => name.startsWith('sha256-') && !name.endsWith('.tmp'))
}

async function writeAside(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(`${path}.tmp`, text, { mode: 0o600 })
  await rename(`${path}.tmp`, path)
}

function isAbsent(error: unknown): boolean {
  return hasCode(error, 'ENOENT')
}
