import { lstat, mkdir, readlink, rmdir, stat, symlink, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import type { PodRef } from '../model/pod.ts'
import {
  containerLogLink,
  containerOfLink,
  containerOfLogFile,
  dockerLogFile,
  hasPlausibleNames,
  podLogFolderName,
  podLogLink,
  type LogFolders,
  type LoggedContainer,
} from '../translate/log-links.ts'
import { hasCode } from '../util/has-code.ts'
import { KeyedLock } from '../util/keyed-lock.ts'
import { namesIn } from './names-in.ts'
import { removeTree } from './remove-tree.ts'

export interface LogLinksOptions {
  readonly folders: LogFolders
  /** Docker's data root; `undefined` where its log driver writes no files that could be linked to. */
  readonly dataRoot: string | undefined
  /**
   * Whether its disks may be this machine's: of a Docker elsewhere there may be a folder of that
   * name here, of another Docker.
   */
  readonly isDockerHere: boolean
  /**
   * Links are for others: that one cannot be made or removed keeps no container from anything, and
   * is told once for each reason.
   */
  readonly onFault: (error: unknown) => void
}

/**
 * The links by which log collectors find what containers write. What is done for one Pod is done one after the other, so
 * that nothing made is left behind, and beside everything else that is done for it.
 */
export class LogLinks {
  readonly #folders: LogFolders
  readonly #dataRoot: string | undefined
  readonly #isDockerHere: boolean
  readonly #onFault: (error: unknown) => void
  readonly #lock = new KeyedLock()
  readonly #works = new Set<Promise<void>>()
  readonly #told = new Set<string>()

  constructor({ folders, dataRoot, isDockerHere, onFault }: LogLinksOptions) {
    this.#folders = folders
    this.#dataRoot = dataRoot
    this.#isDockerHere = isDockerHere
    // Where nothing can be written each container would be told of.
    this.#onFault = (error) => {
      const kind = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (!this.#told.has(kind)) onFault(error)
      this.#told.add(kind)
    }
  }

  /**
   * Begins to make the links of an instance that Docker was told to start; what is there already is replaced. The one by all
   * names only for one that has started, as in the kubelet.
   */
  add(container: LoggedContainer, hasStarted: boolean): void {
    const { owner, id } = container
    const root = this.#dataRoot
    if (root === undefined || !hasPlausibleNames(container)) return
    void this.#inTurn(owner.podUid, async () => {
      const path = podLogLink(this.#folders, container)
      await mkdir(dirname(path), { recursive: true, mode: 0o755 })
      await link(dockerLogFile(root, id), path)
      if (hasStarted) await this.#linkByNames(path, container)
      // Others may have removed what was there before from Docker.
      if (container.attempt > 0 && (await this.#seesFiles())) await this.#removeDangling(dirname(path), container)
    })
  }

  /** Removes the links of an instance. Never rejects. */
  async remove(container: LoggedContainer): Promise<void> {
    if (!hasPlausibleNames(container)) return
    await this.#inTurn(container.owner.podUid, async () => {
      await Promise.all([
        unlinked(podLogLink(this.#folders, container)),
        unlinked(containerLogLink(this.#folders, container)),
      ])
    })
  }

  /** Removes all that a Pod has here. One without a name is found by its UID. Never rejects. */
  async removePod({ uid, name, namespace }: PodRef, signal: AbortSignal): Promise<void> {
    const { podLogs } = this.#folders
    await this.#inTurn(uid, async () => {
      const owner = { podUid: uid, podName: name, podNamespace: namespace }
      const names = hasPlausibleNames({ owner, name: 'any' })
        ? [podLogFolderName(owner)]
        : (await namesIn(podLogs)).filter((folder) => folder.endsWith(`_${uid}`))
      for (const folder of names) await this.#removeFolder(folder, signal)
    })
  }

  /**
   * Removes what agents that were killed have left: links to logs that are gone, and the folders of Pods that hold nothing
   * else. A link is made when its file is there, so what is whose, on a node of several agents, does not matter. Those of
   * `known` Pods and containers are not looked at. Never rejects.
   */
  async sweep(signal: AbortSignal, known: KnownLogs = nothingKnown): Promise<void> {
    const { podLogs, containerLogs } = this.#folders
    if (!(await this.#seesFiles())) return
    for (const folder of await this.#tried(() => namesIn(podLogs), [])) {
      if (signal.aborted) return
      const uid = folder.slice(folder.lastIndexOf('_') + 1)
      if (known.pods.has(uid)) continue
      await this.#inTurn(uid, async () => {
        if (await holdsDanglingOnly(join(podLogs, folder))) await this.#removeFolder(folder, signal)
      })
    }
    for (const name of await this.#tried(() => namesIn(containerLogs), [])) {
      if (signal.aborted) return
      if (known.containers.has(containerOfLink(name))) continue
      const path = join(containerLogs, name)
      // Others have links of their own there.
      const isOurs = (await targetOf(path))?.startsWith(`${podLogs}/`) === true
      if (isOurs && !(await isThere(path))) await this.#tried(() => unlinked(path), undefined)
    }
  }

  /** Resolves when all that was begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#works)
  }

  /** Removes the folders, if nothing is in them. Never rejects. */
  async close(): Promise<void> {
    await this.settled()
    for (const folder of [this.#folders.podLogs, this.#folders.containerLogs])
      await rmdir(folder).catch(() => undefined)
  }

  async #linkByNames(path: string, container: LoggedContainer): Promise<void> {
    const byNames = containerLogLink(this.#folders, container)
    try {
      await link(path, byNames)
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
      await mkdir(dirname(byNames), { recursive: true, mode: 0o755 })
      await link(path, byNames)
    }
  }

  /** In a container of its own the agent may see none of Docker's files: then no link looks as if its file were there. */
  async #seesFiles(): Promise<boolean> {
    return this.#isDockerHere && this.#dataRoot !== undefined && isThere(join(this.#dataRoot, 'containers'))
  }

  /** Of one container's folder. */
  async #removeDangling(folder: string, { owner, name }: LoggedContainer): Promise<void> {
    for (const file of await namesIn(folder)) {
      const path = join(folder, file)
      if (!(await isThere(path))) await this.#removeLink(path, owner, name)
    }
  }

  async #removeFolder(folder: string, signal: AbortSignal): Promise<void> {
    const path = join(this.#folders.podLogs, folder)
    const [podNamespace = '', podName = ''] = folder.split('_')
    try {
      for (const name of await namesIn(path)) {
        for (const file of await namesIn(join(path, name))) {
          await this.#removeLink(join(path, name, file), { podName, podNamespace }, name)
        }
        await rmdir(join(path, name))
      }
      await rmdir(path)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return
      // Somebody has put more there: it goes with the Pod, as with the kubelet.
      const left = await removeTree(path, { signal })
      if (left.length > 0) throw new KubeletError('conflict', left.join('; '), { cause: error })
    }
  }

  /** Removes a link together with the one by all names that leads to it. What is no link to Docker's stays. */
  async #removeLink(
    path: string,
    owner: Pick<LoggedContainer['owner'], 'podName' | 'podNamespace'>,
    name: string,
  ): Promise<void> {
    const target = await targetOf(path)
    const id = target === undefined ? undefined : containerOfLogFile(target)
    if (id === undefined) return
    await Promise.all([unlinked(containerLogLink(this.#folders, { owner, name, id })), unlinked(path)])
  }

  async #inTurn(uid: string, work: () => Promise<void>): Promise<void> {
    const done = this.#lock
      .run(uid, work)
      .catch(this.#onFault)
      .finally(() => this.#works.delete(done))
    this.#works.add(done)
    await done
  }

  async #tried<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.#onFault(error)
      return otherwise
    }
  }
}

/** What Docker is known to hold. */
export interface KnownLogs {
  /** By UID. */
  readonly pods: ReadonlySet<string>
  /** By id. */
  readonly containers: ReadonlySet<string>
}

const nothingKnown: KnownLogs = { pods: new Set(), containers: new Set() }

/** Makes a link in the place of what is there. */
async function link(target: string, path: string): Promise<void> {
  try {
    await symlink(target, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    if ((await targetOf(path)) === target) return
    await unlink(path)
    await symlink(target, path)
  }
}

async function unlinked(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error
  })
}

/** Where a link leads; `undefined` for what is none. */
async function targetOf(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined)
}

/** Whether there is something, at the end of a link too. */
async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => !hasCode(error, 'ENOENT', 'ENOTDIR'),
  )
}

/** Whether a Pod's folder holds links to logs of Docker's that are gone, and nothing else. */
async function holdsDanglingOnly(folder: string): Promise<boolean> {
  let links = 0
  for (const name of await foldersIn(folder)) {
    for (const file of await namesIn(join(folder, name))) {
      const path = join(folder, name, file)
      const target = await targetOf(path)
      if (target === undefined || containerOfLogFile(target) === undefined || (await isThere(path))) return false
      links += 1
    }
  }
  return links > 0
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const found = await lstat(folder)
  return found.isDirectory() ? namesIn(folder) : []
}
