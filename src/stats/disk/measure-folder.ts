import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { diskUsage } from '../../eviction/usage/disk-usage.ts'
import { walkFolder, type FolderUsage } from './walk-folder.ts'

/** So many files are counted at once, within a few milliseconds; what holds more is left to du(1). */
const fewFiles = 400
/** A folder that takes longer is on a disk that does not answer, or holds tens of millions of files. */
const longestMs = 120_000

/**
 * What a folder, or a file, takes up on its file system; `undefined` when that cannot be
 * said, or is gone. Never rejects.
 */
export async function measureFolder(path: string, signal: AbortSignal): Promise<FolderUsage | undefined> {
  const small = walkFolder(path, fewFiles)
  if (small !== undefined) return small
  const limited = AbortSignal.any([signal, AbortSignal.timeout(longestMs)])
  const bytes = await diskUsage(path, limited)
  return bytes === undefined ? undefined : { bytes, inodes: (await countInodes(path, limited)) ?? 0 }
}

/**
 * What Docker's folder of a container holds of its log, what has been rotated away included. Other files there are Docker's
 * own. `undefined` where Docker's logging driver keeps none.
 */
export function measureLog(folder: string): FolderUsage | undefined {
  const parts = namesIn(folder).flatMap((name) =>
    /\.log(?:\.|$)|^local-logs$/u.test(name) ? (walkFolder(join(folder, name), fewFiles) ?? []) : [],
  )
  if (parts.length === 0) return undefined
  return parts.reduce((sum, { bytes, inodes }) => ({ bytes: sum.bytes + bytes, inodes: sum.inodes + inodes }))
}

/** By GNU's du(1); busybox's cannot. */
async function countInodes(folder: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const args = ['-sx', '--inodes', folder]
    const du = spawn('du', args, { signal, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'ignore'] })
    const [said] = await Promise.all([text(du.stdout), once(du, 'close')])
    const count = /^\d+/u.exec(said)?.[0]
    return count === undefined ? undefined : Number(count)
  } catch {
    return undefined
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
