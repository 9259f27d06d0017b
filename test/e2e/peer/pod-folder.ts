import type { Stats } from 'node:fs'
import { lstat, readFile, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describeMount, readMounts } from './mount-table.ts'

/** What lies at each path below a folder of this machine, and (at `mount <path>`) what is mounted there. */
export async function layoutOf(folder: string, rootDevice: string): Promise<ReadonlyMap<string, string>> {
  const mounts = readMounts(await readFile('/proc/self/mountinfo', 'utf8'))
  const found = new Map<string, string>()
  await note(folder, '.', found)
  for (const mount of mounts.filter(({ at }) => at.startsWith(`${folder}/`))) {
    found.set(`mount ${mount.at.slice(folder.length + 1)}`, describeMount(mount, rootDevice))
  }
  return found
}

async function note(path: string, name: string, found: Map<string, string>): Promise<void> {
  const stats = await lstat(path)
  found.set(name, await describe(path, stats))
  if (!stats.isDirectory()) return
  const names = await readdir(path)
  await Promise.all(names.map((below) => note(join(path, below), join(name, below), found)))
}

async function describe(path: string, stats: Stats): Promise<string> {
  const owned = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`
  if (stats.isSymbolicLink()) return `link ${stats.uid}:${stats.gid} -> ${await readlink(path)}`
  if (stats.isDirectory()) return `directory ${owned}`
  return stats.isFile() ? `file ${owned} ${JSON.stringify(await readFile(path, 'utf8'))}` : `special ${owned}`
}
