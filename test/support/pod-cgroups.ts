import { readdirSync, rmdirSync } from 'node:fs'
import { glob, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The folders of the cgroup of a Pod on this host, one in each hierarchy where it has one, the agents' root being `root`. */
export async function podCgroups(uid: string, root = ''): Promise<readonly string[]> {
  const folders: string[] = []
  const pattern = `{,*/}${root === '' ? '' : `${root}/`}kubepods{,/burstable,/besteffort}/pod${uid}`
  for await (const folder of glob(pattern, { cwd: cgroupMount })) folders.push(join(cgroupMount, folder))
  return folders.toSorted()
}

const cgroupMount = '/sys/fs/cgroup'

/** What a file of a cgroup of version 1 says, by its path below the controller's hierarchy. */
export async function cgroupValue(controller: string, cgroup: string, file: string): Promise<string> {
  return (await readFile(join(cgroupMount, controller, cgroup, file), 'utf8')).trim()
}

/** Removes what an agent that is killed leaves behind of a Pod whose containers are gone. */
export async function removePodCgroups(uid: string): Promise<void> {
  for (const folder of await podCgroups(uid)) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) await rmdir(join(folder, entry.name)).catch(() => undefined)
    }
    await rmdir(folder).catch(() => undefined)
  }
}

/** Removes what agents with a `--cgroup-root` of their own have left of it, when their Pods are gone. */
export async function removeCgroupRoot(root: string): Promise<void> {
  for await (const top of glob(`{,*/}${root}`, { cwd: cgroupMount })) removeTree(join(cgroupMount, top))
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name))
  }
  rmdirSync(folder)
}
