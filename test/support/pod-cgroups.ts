import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { glob, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * The folders of the cgroup of a Pod on this host, one in each hierarchy where it has one,
 * the agents' root being `root`.
 */
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

/** How long containers that were just removed may keep their cgroups. */
const deadlineMs = 10_000

/**
 * Removes what an agent that was killed has left behind of its Pods, whose containers are gone: its
 * root folder has all of them.
 */
export async function removePodCgroups(rootDir: string): Promise<void> {
  const deadline = Date.now() + deadlineMs
  for (const uid of await readdir(join(rootDir, 'pods')).catch(() => [])) {
    while (!(await podCgroups(uid)).map(removeTree).every(Boolean) && Date.now() < deadline) await delay(20)
  }
}

/** Removes what agents with a `--cgroup-root` of their own have left of it, when their Pods are gone. */
export async function removeCgroupRoot(root: string): Promise<void> {
  for await (const top of glob(`{,*/}${root}`, { cwd: cgroupMount })) removeTree(join(cgroupMount, top))
}

/** Returns whether it is gone. */
function removeTree(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(folder, entry.name))
    }
    rmdirSync(folder)
    return true
  } catch {
    return !existsSync(folder)
  }
}
