import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { isAtOrBelow, lowestFirst, parseMountInfo } from '../../src/volume/mounts/mount-info.ts'

/** What is mounted at a folder or below it, what lies on top last. */
export function mountsBelow(folder: string): readonly string[] {
  const mounts = parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8'))
  return lowestFirst(mounts.filter(({ target }) => isAtOrBelow(target, folder))).map(({ target }) => target)
}

/** Unmounts all at a folder and below it, whoever uses it: what a test or an agent that was killed has left. */
export function unmountAll(folder: string): void {
  for (const target of mountsBelow(folder).toReversed()) {
    try {
      execFileSync('umount', ['--lazy', target], { stdio: 'pipe' })
    } catch (error) {
      // Of what is shared, one end may have been that of others too.
      if (mountsBelow(folder).includes(target)) throw error
    }
  }
}

/** Removes a folder in which something may be mounted. */
export async function unmountAndRemove(folder: string): Promise<void> {
  unmountAll(folder)
  await rm(folder, { recursive: true, force: true })
}
