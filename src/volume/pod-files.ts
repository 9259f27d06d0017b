import { chmod, lstat, mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isPlausibleUid } from '../model/ids.ts'
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
import { goQuote } from '../util/go-quote.ts'
import { hasCode } from '../util/has-code.ts'
import { namesIn } from './names-in.ts'

export interface PodFilesOptions {
  readonly paths: NodePaths
  readonly clusterDomain: string
  /** Something among the Pods' directories is none. */
  readonly onStranger: (message: string) => void
}

/**
 * What lies in a Pod's directory, `<root>/pods/<uid>`, beside its volumes: what the agent writes for its containers, and
 * what it notes for an agent after it. Every method may be repeated.
 */
export class PodFiles {
  readonly #paths: NodePaths
  readonly #clusterDomain: string
  readonly #onStranger: (message: string) => void
  readonly #told = new Set<string>()

  constructor({ paths, clusterDomain, onStranger }: PodFilesOptions) {
    this.#paths = paths
    this.#clusterDomain = clusterDomain
    this.#onStranger = onStranger
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

  /**
   * Writes the managed /etc/hosts in place: containers that have it mounted see the change. What is written already is
   * left as it is, and nothing is emptied first: a disk that is full must not take from containers what they have.
   */
  async writeHosts(pod: Pod, podIps: readonly string[]): Promise<void> {
    const nodeHosts = usesHostNetwork(pod) ? await readFile('/etc/hosts', 'utf8').catch(() => '') : ''
    const content = hostsFile(pod, { name: podHostname(pod, this.#clusterDomain), podIps, nodeHosts })
    const path = hostsFilePath(this.#paths, pod.metadata.uid)
    const held = await readFile(path, 'utf8').catch(() => undefined)
    if (held === content) return
    if (held === undefined) await this.makeHosts(pod.metadata.uid)
    await using file = await open(path, 'r+')
    await file.writeFile(content)
    await file.truncate(Buffer.byteLength(content))
  }

  /** Writes the Pod's resolv.conf, and returns where it lies. The folder need not be there. */
  async writeResolvConf(uid: string, text: string): Promise<string> {
    const path = resolvConfPath(this.#paths, uid)
    try {
      await writeFile(path, text)
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
      await this.makeDirectory(uid)
      await writeFile(path, text)
    }
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

  /**
   * The Pods that have a directory here, by UID, without those that are known: nobody has to look into theirs. What holds
   * anything but what a Pod's directory does is somebody else's: it is told of once, and left alone.
   */
  async list(isKnown: (uid: string) => boolean = () => false): Promise<readonly string[]> {
    const folder = podsDirectory(this.#paths)
    const names = (await namesIn(folder)).filter((name) => !isKnown(name))
    const looked = names.map(async (name) => {
      const strange = isPlausibleUid(name) ? await strangeIn(join(folder, name)) : 'it is no directory of a Pod'
      if (strange === undefined) return [name]
      if (!this.#told.has(name))
        this.#onStranger(`orphaned pod ${goQuote(name)} found, but ${strange}: it is left alone`)
      this.#told.add(name)
      return []
    })
    return (await Promise.all(looked)).flat()
  }
}

/** All that the agent, or a kubelet before it, makes in a Pod's directory. */
const ownNames: ReadonlySet<string> = new Set([
  'containers',
  'etc-hosts',
  'etc-resolv.conf',
  'plugins',
  'resize.json',
  'resize.json.new',
  'volume-subpaths',
  'volumes',
])

/** What of a directory no Pod's has, in words. */
async function strangeIn(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return undefined
  if (!found.isDirectory()) return 'it is no directory of a Pod'
  const strange = (await namesIn(path)).filter((name) => !ownNames.has(name))
  return strange.length === 0 ? undefined : `it holds what no Pod's directory does (${strange.slice(0, 3).join(', ')})`
}
