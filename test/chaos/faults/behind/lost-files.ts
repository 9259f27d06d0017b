import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../../support/command.ts'
import { mountsBelow } from '../../../support/mounts.ts'
import type { ChaosBed, Fault } from '../../fault.ts'
import { mended } from '../mended.ts'

/** What lies on disk for Pods goes, while they run. */
export const lostFiles: readonly Fault[] = [
  lost('hosts-file-removed', (names) => names.filter((name) => name.endsWith('/etc-hosts'))),
  lost('volume-folder-removed', (names) => names.filter((name) => /\/volumes\/[^/]+\/[^/]+$/u.test(name))),
  lost('pod-folder-removed', (names) => names.filter((name) => /^[^/]+$/u.test(name))),
  lost('container-folder-removed', (names) => names.filter((name) => /\/containers\/[^/]+$/u.test(name))),
  {
    name: 'volume-unmounted',
    inject: async (bed, random) => {
      const mounts = mountsBelow(join(bed.folders.root, 'pods'))
      for (const path of random.shuffled(mounts).slice(0, 3)) await unmount(path)
      return mended
    },
  },
  {
    name: 'log-links-removed',
    inject: async ({ folders }, random) => {
      for (const folder of [folders.podLogs, folders.containerLogs]) {
        for (const name of random.shuffled(await namesIn(folder)).slice(0, 3)) {
          await rm(join(folder, name), { recursive: true, force: true })
        }
      }
      return mended
    },
  },
]

/** Removes a few of what `pick` finds among the paths below the folder of Pods. What is mounted there is unmounted first. */
function lost(name: string, pick: (names: readonly string[]) => readonly string[]): Fault {
  return {
    name,
    inject: async (bed: ChaosBed, random) => {
      const pods = join(bed.folders.root, 'pods')
      const found = pick((await namesIn(pods, true)).toSorted())
      for (const path of random.shuffled(found).slice(0, random.between(1, 3))) await removeAll(join(pods, path))
      return mended
    },
  }
}

async function removeAll(path: string): Promise<void> {
  for (const mount of mountsBelow(path).toReversed()) await unmount(mount)
  // What is mounted there all the same is somebody's.
  if (mountsBelow(path).length > 0) return
  // The agent may be at it, too.
  await rm(path, { recursive: true, force: true }).catch(() => 'busy')
}

async function unmount(path: string): Promise<void> {
  await run('umount', '--lazy', path).catch(() => 'gone')
}

async function namesIn(folder: string, recursive = false): Promise<readonly string[]> {
  return await readdir(folder, { recursive }).catch(() => [])
}
