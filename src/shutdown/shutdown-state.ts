import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../util/has-code.ts'
import { isRecord } from '../util/is-record.ts'
import { writeAtomically } from '../util/write-atomically.ts'

/** When the last shutdown that was waited for began and ended, epoch milliseconds; `undefined` for not yet. */
export interface ShutdownTimesSeen {
  readonly startedAtMs: number | undefined
  readonly endedAtMs: number | undefined
}

/** How Go writes that there is no time. */
const never = '0001-01-01T00:00:00Z'

/** The kubelet's file of that, in its place: what was is still to be told after the machine has come up again. */
export class ShutdownState {
  readonly #file: string

  constructor(rootDir: string) {
    this.#file = join(rootDir, 'graceful_node_shutdown_state')
  }

  /** Throws the system's error, and a SyntaxError for what is no JSON. */
  async load(): Promise<ShutdownTimesSeen> {
    const text = await readFile(this.#file, 'utf8').catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return '{}'
      throw error
    })
    const kept: unknown = JSON.parse(text)
    const { startTime, endTime } = isRecord(kept) ? kept : {}
    return { startedAtMs: readTime(startTime), endedAtMs: readTime(endTime) }
  }

  /** Throws the system's error. */
  async store({ startedAtMs, endedAtMs }: ShutdownTimesSeen): Promise<void> {
    const text = JSON.stringify({ startTime: timeText(startedAtMs), endTime: timeText(endedAtMs) })
    await writeAtomically(this.#file, text, 0o644)
  }
}

function readTime(value: unknown): number | undefined {
  const atMs = typeof value === 'string' && value !== never ? Date.parse(value) : Number.NaN
  return Number.isNaN(atMs) ? undefined : atMs
}

function timeText(atMs: number | undefined): string {
  return atMs === undefined ? never : new Date(atMs).toISOString()
}
