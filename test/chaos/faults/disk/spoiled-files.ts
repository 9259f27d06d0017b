import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import type { ChaosBed, Fault } from '../../fault.ts'
import { mended } from '../mended.ts'

/** The files by which an agent tells one after it what it has done are not what they were when that one starts. */
export const spoiledFiles: readonly Fault[] = [
  betweenAgents('files-garbled', (path) => writeFile(path, Buffer.from([0xff, 0x7b, 0x00, 0x22, 0x0a]))),
  betweenAgents('files-emptied', (path) => writeFile(path, '')),
  betweenAgents(
    'files-unreadable',
    async (path) => {
      await rm(path)
      await mkdir(path)
    },
    // Whoever finds a folder where it has to write says so, and ends or waits: that is for people to put right.
    /^pki\/|\/plugins\//u,
  ),
  betweenAgents('files-lost', (path) => rm(path)),
]

/** @param but Paths below the root directory that are left as they are. */
function betweenAgents(name: string, spoil: (path: string) => Promise<unknown>, but?: RegExp): Fault {
  return {
    name,
    inject: async ({ agent, folders }: ChaosBed) => {
      await agent.kill9()
      const records = await recordsIn(folders.root)
      for (const path of records) if (but?.test(path) !== true) await spoil(join(folders.root, path))
      agent.start()
      return mended
    },
  }
}

/**
 * What the agent has noted for itself. Nothing that containers have mounted, and no volumes: those are the Pods'. A
 * certificate that is lost is made anew.
 */
async function recordsIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
    .filter(isRecord)
}

function isRecord(path: string): boolean {
  if (path.includes('/volumes/') || path.includes('/volume-subpaths/')) return false
  const name = basename(path)
  // By its number is called what a container writes its last words to.
  return name !== 'etc-hosts' && name !== 'etc-resolv.conf' && !/^[0-9a-f]{8}$/u.test(name)
}
