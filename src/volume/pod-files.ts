import { chmod, mkdir, open, readFile, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Pod } from '../model/kube.ts'
import { usesHostNetwork } from '../model/pod.ts'
import { hostsFile } from '../translate/hosts-file.ts'
import { podHostname } from '../translate/hostname.ts'
import {
  containersDirectory,
  hostsFilePath,
  lastStartedFile,
  podDirectory,
  podsDirectory,
  resolvConfPath,
  terminationMessageFile,
  type NodePaths,
} from '../translate/paths.ts'
import { namesIn } from './names-in.ts'

export interface PodFilesOptions {
  readonly paths: NodePaths
  readonly clusterDomain: string
}

/**
 * What lies in a Pod's directory, `<root>/pods/<uid>`, beside its volumes: what the agent writes for its containers, and
 * what it notes for an agent after it. Every method may be repeated.
 */
export class PodFiles {
  readonly #paths: NodePaths
  readonly #clusterDomain: string

  constructor({ paths, clusterDomain }: PodFilesOptions) {
    this.#paths = paths
    this.#clusterDomain = clusterDomain
  }

  /** Makes the Pod's directory, by which an agent finds what one before it has left of the Pod. */
  async makeDirectory(uid: string): Promise<void> {
    await mkdir(podDirectory(this.#paths, uid), { recursive: true, mode: 0o750 })
  }

  /** An empty hosts file: a container can be created before the Pod's IP is known, and a bind mount needs its source. */
  async makeHosts(uid: string): Promise<void> {
    await this.makeDirectory(uid)
    const file = await open(hostsFilePath(this.#paths, uid), 'a')
    // Every user in the containers reads it, whatever the umask.
    await file.chmod(0o644)
    await file.close()
  }

  /** Writes the managed /etc/hosts in place: containers that have it mounted see the change. */
  async writeHosts(pod: Pod, podIps: readonly string[]): Promise<void> {
    const nodeHosts = usesHostNetwork(pod) ? await readFile('/etc/hosts', 'utf8').catch(() => '') : ''
    const content = hostsFile(pod, { name: podHostname(pod, this.#clusterDomain), podIps, nodeHosts })
    await writeFile(hostsFilePath(this.#paths, pod.metadata.uid), content)
  }

  /** Writes the Pod's resolv.conf, and returns where it lies. The folder need not be there. */
  async writeResolvConf(uid: string, text: string): Promise<string> {
    const path = resolvConfPath(this.#paths, uid)
    await mkdir(dirname(path), { recursive: true, mode: 0o750 })
    await writeFile(path, text)
    // Every user in the containers reads it, whatever the umask.
    await chmod(path, 0o644)
    return path
  }

  /** The empty file that a container writes its termination message to; any user may (0666). */
  async makeTerminationMessageFile(uid: string, container: string, attempt: number): Promise<void> {
    const path = terminationMessageFile(this.#paths, uid, container, attempt)
    await mkdir(dirname(path), { recursive: true, mode: 0o750 })
    await writeFile(path, '')
    // A umask does not reach chmod.
    await chmod(path, 0o666)
  }

  /** Keeps the number of a container's instance that was started, for `lastStarted`. */
  async noteStarted(uid: string, container: string, attempt: number): Promise<void> {
    await writeFile(lastStartedFile(this.#paths, uid, container), String(attempt))
  }

  /** The number of the last instance that was started, by container name, of those that were noted. */
  async lastStarted(uid: string): Promise<ReadonlyMap<string, number>> {
    const containers = await namesIn(containersDirectory(this.#paths, uid))
    const read = containers.map(async (name): Promise<readonly (readonly [string, number])[]> => {
      const text = await readFile(lastStartedFile(this.#paths, uid, name), 'utf8').catch(() => '')
      return /^\d+$/u.test(text) ? [[name, Number(text)]] : []
    })
    return new Map((await Promise.all(read)).flat())
  }

  /** Removes what is left of the agent's own folders when no Pod has anything in them; what is not empty stays. */
  async removeEmptyFolders(): Promise<void> {
    for (const folder of [podsDirectory(this.#paths), this.#paths.root]) {
      await rmdir(folder).catch(() => undefined)
    }
  }

  /** The Pods that have a directory here, by UID. */
  async list(): Promise<readonly string[]> {
    return namesIn(podsDirectory(this.#paths))
  }
}
