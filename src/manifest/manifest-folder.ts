import { isDeepStrictEqual } from 'node:util'
import { Bell } from '../util/bell.ts'
import { findManifests, type FoundManifests } from './find-manifests.ts'
import { PathWatcher } from './path-watcher.ts'
import {
  reconcileManifests,
  type FoundManifest,
  type KnownManifests,
  type ManifestChange,
} from './reconcile-manifests.ts'

export interface ManifestFolderOptions {
  /** Absolute path of a folder of manifests, or of one manifest. It need not be there yet. */
  readonly path: string
  readonly nodeName: string
  /** A look at least this often, whether or not the system tells of changes. */
  readonly fileCheckFrequencyMs: number
}

/** A file that changed less than this ago may still be being written. */
const settleMs = 50
/** Whoever writes without a pause does not hold up the others for longer than this. */
const settleLimitMs = 1_000

/**
 * The static Pods of a folder: first those that are there, then `synced`, then every change, until `signal` fires. It
 * never throws: what cannot be read or used is said with `invalid` and tried again.
 */
export async function* manifestFolder(
  options: ManifestFolderOptions,
  signal: AbortSignal,
): AsyncGenerator<ManifestChange, void> {
  const bell = new Bell()
  let changedAtMs = Number.NEGATIVE_INFINITY
  const turns = new Map<string, number>()
  using watcher = new PathWatcher(options.path, (turned) => {
    changedAtMs = Date.now()
    if (turned !== undefined) turns.set(turned, (turns.get(turned) ?? 0) + 1)
    bell.ring()
  })
  const look = new ManifestLook(options)
  while (!signal.aborted) {
    watcher.refresh()
    // One that went and came back since the last look has turned twice; what another file replaced, once.
    const returned = new Set([...turns].flatMap(([file, times]) => (times < 2 ? [] : [file])))
    turns.clear()
    const found = await findManifests(options.path, signal)
    if (found.kind === 'aborted') return
    yield* look.at(found, returned, Date.now())
    await bell.wait(Date.now() + options.fileCheckFrequencyMs, signal)
    await settled(() => changedAtMs, bell, signal)
  }
}

/** Waits until nothing has changed for a while, so that a file is not read while it is being written. */
async function settled(changedAtMs: () => number, bell: Bell, signal: AbortSignal): Promise<void> {
  const limit = Date.now() + settleLimitMs
  const until = (): number => Math.min(changedAtMs() + settleMs, limit)
  while (!signal.aborted && Date.now() < until()) await bell.wait(until(), signal)
}

/** What one look after the other makes of the folder. */
class ManifestLook {
  readonly #options: ManifestFolderOptions
  #known: KnownManifests = new Map()
  #complaint = ''
  /** Whether it is known what every file stands for, as it was said last; `undefined` before the first look. */
  #isComplete: boolean | undefined

  constructor(options: ManifestFolderOptions) {
    this.#options = options
  }

  *at(
    found: Exclude<FoundManifests, { kind: 'aborted' }>,
    returned: ReadonlySet<string>,
    nowMs: number,
  ): Generator<ManifestChange, void> {
    yield* this.#complain(found)
    // Of a folder that cannot be read nothing is known, least of all that its Pods are gone.
    if (found.kind === 'unreadable') return
    const files = found.kind === 'missing' ? [] : found.files
    // The Pods of a file that was removed and put back as it was begin anew, as if it had been looked at in between.
    const hasStayed = (each: FoundManifest): boolean =>
      !returned.has(each.file) || !isDeepStrictEqual(this.#known.get(each.file)?.content, each.content)
    if (!files.every(hasStayed)) yield* this.#compare(files.filter(hasStayed), nowMs)
    yield* this.#compare(files, nowMs)
    const known = this.#known
    // A file that was good once is known by what runs because of it.
    const isComplete = ![...known.values()].some(({ read, running }) => read.kind === 'invalid' && running.length === 0)
    if (isComplete !== this.#isComplete) yield { kind: 'synced', isComplete }
    this.#isComplete = isComplete
  }

  *#compare(files: readonly FoundManifest[], nowMs: number): Generator<ManifestChange, void> {
    const { changes, known } = reconcileManifests(this.#known, files, { nodeName: this.#options.nodeName, nowMs })
    this.#known = known
    yield* changes
  }

  /** Says once what is wrong with the folder as a whole. */
  *#complain(found: FoundManifests): Generator<ManifestChange, void> {
    const { path } = this.#options
    const complaint = complaintOf(path, found)
    if (complaint !== '' && complaint !== this.#complaint) yield { kind: 'invalid', file: path, message: complaint }
    this.#complaint = complaint
  }
}

function complaintOf(path: string, found: FoundManifests): string {
  switch (found.kind) {
    case 'missing':
      return `The manifest path "${path}" does not exist; its Pods start once it does`
    case 'unreadable':
      return `Cannot read the manifest path "${path}": ${found.message}; what runs because of it runs on`
    case 'files':
    case 'aborted':
      return ''
    default:
      return found satisfies never
  }
}
