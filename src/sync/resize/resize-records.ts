import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  parseKept,
  readAllocation,
  readAmounts,
  type ContainerAmounts,
  type PodAllocation,
} from '../../model/allocation.ts'
import { containerId, podUid, type ContainerId, type PodUid } from '../../model/ids.ts'
import { podsDirectory, resizeFile, type NodePaths } from '../../translate/paths.ts'

/** What is kept of a Pod that was resized. */
export interface ResizeRecord {
  /** What it has been given, and the generation of the spec that asked for it. */
  readonly allocation: PodAllocation
  readonly generation: number
  /** What was set since of the containers that there were then. */
  readonly containers: ReadonlyMap<ContainerId, ContainerAmounts>
}

/**
 * What Pods were given that were resized, in a file of each one's folder: written before anything is done of it, so that a
 * new agent goes on where the old one died. Of all other Pods the labels in Docker tell, which nobody can change.
 */
export class ResizeRecords {
  readonly #paths: NodePaths
  readonly #records = new Map<PodUid, ResizeRecord>()
  /** The end of what is being written of each Pod. */
  readonly #writes = new Map<PodUid, Promise<void>>()

  constructor(paths: NodePaths) {
    this.#paths = paths
  }

  /**
   * To be called before anything else: reads what the agent before this one has left. A file
   * that is spoilt counts for none.
   */
  async load(): Promise<void> {
    const uids = await readdir(podsDirectory(this.#paths)).catch(() => [])
    for (const uid of uids) {
      const text = await readFile(resizeFile(this.#paths, uid), 'utf8').catch(() => '')
      const record = parseKept(text, readRecord)
      if (record !== undefined) this.#records.set(podUid(uid), record)
    }
  }

  get(uid: PodUid): ResizeRecord | undefined {
    return this.#records.get(uid)
  }

  /**
   * Keeps another record in the place of the one before, changes of one Pod one after the other. It counts when it is on
   * disk; throws the system's error when it cannot be written.
   */
  async update(uid: PodUid, change: (before: ResizeRecord | undefined) => ResizeRecord): Promise<void> {
    const writing = (this.#writes.get(uid) ?? Promise.resolve()).then(async () => {
      const record = change(this.#records.get(uid))
      await this.#write(uid, record)
      this.#records.set(uid, record)
    })
    this.#writes.set(
      uid,
      writing.catch(() => undefined),
    )
    await writing
  }

  /** The Pod is gone; its folder goes with what is in it. */
  forget(uid: PodUid): void {
    this.#records.delete(uid)
    this.#writes.delete(uid)
  }

  /** Written aside and moved into place: it is never there by half. */
  async #write(uid: PodUid, { containers, ...record }: ResizeRecord): Promise<void> {
    const path = resizeFile(this.#paths, uid)
    await mkdir(dirname(path), { recursive: true, mode: 0o750 })
    await writeFile(`${path}.new`, JSON.stringify({ ...record, containers: Object.fromEntries(containers) }), {
      mode: 0o600,
    })
    await rename(`${path}.new`, path)
  }
}

function readRecord(value: unknown): ResizeRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { allocation: given, generation, containers = {} } = value as Readonly<Record<string, unknown>>
  const allocation = readAllocation(given)
  if (allocation === undefined || !Number.isSafeInteger(generation)) return undefined
  const amounts = Object.entries(containers ?? {}).flatMap(([id, kept]) => {
    const read = readAmounts(kept)
    return read === undefined ? [] : [[containerId(id), read] as const]
  })
  return {
    allocation,
    generation: Number(generation),
    containers: new Map(amounts),
  }
}
