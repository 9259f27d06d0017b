import { access, chmod, chown, mkdir, open, readFile, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import type { Pod } from '../model/kube.ts'
import { usesHostNetwork } from '../model/pod.ts'
import type { FileRef, FileValue } from '../translate/environment/container-environment.ts'
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
import { isAutomountedToken, mountedVolumes, volumeSource } from '../translate/volume-source.ts'
import { goQuote } from '../util/go-quote.ts'
import { readEnvFile } from './env-file.ts'
import { prepareHostPath } from './host-path.ts'

/** One volume could not be set up. */
export interface VolumeFailure {
  readonly volumeName: string
  readonly message: string
}

export interface PodVolumesOptions {
  readonly paths: NodePaths
  readonly clusterDomain: string
}

/** What of a Pod lies on the node's disk: `<root>/pods/<uid>` and all that is in it. Every method may be repeated. */
export class PodVolumes {
  readonly #paths: NodePaths
  readonly #clusterDomain: string

  constructor({ paths, clusterDomain }: PodVolumesOptions) {
    this.#paths = paths
    this.#clusterDomain = clusterDomain
  }

  /** Makes the Pod's directory, by which an agent finds what one before it has left of the Pod. */
  async makeDirectory(uid: string): Promise<void> {
    await mkdir(podDirectory(this.#paths, uid), { recursive: true, mode: 0o750 })
  }

  /**
   * Makes the Pod's directory, its emptyDirs and an empty hosts file (a container can be created before the Pod's IP is
   * known, and a bind mount needs its source), and checks its hostPaths. Returns the volumes that failed.
   */
  async prepare(pod: Pod): Promise<readonly VolumeFailure[]> {
    await this.makeDirectory(pod.metadata.uid)
    const hosts = hostsFilePath(this.#paths, pod.metadata.uid)
    const file = await open(hosts, 'a')
    // Every user in the containers reads it, whatever the umask.
    await file.chmod(0o644)
    await file.close()
    const results = await Promise.all(
      mountedVolumes(pod).map(async (volume): Promise<VolumeFailure | undefined> => {
        if (isAutomountedToken(pod, volume)) return undefined
        try {
          const source = volumeSource(pod, volume, this.#paths)
          switch (source.kind) {
            case 'empty-dir':
              await makeEmptyDir(source.path, pod.spec.securityContext?.fsGroup)
              return undefined
            case 'host-path':
              await prepareHostPath(source.path, source.type)
              return undefined
            case 'unsupported':
              throw new KubeletError('unsupported', `minikubelet does not support a volume of type ${source.field}`)
            default:
              return source satisfies never
          }
        } catch (error) {
          return { volumeName: volume.name, message: KubeletError.from(error).message }
        }
      }),
    )
    return results.filter((failure) => failure !== undefined)
  }

  /**
   * What a file in one of the Pod's volumes says of a variable, now. Throws `invalid` in the kubelet's words: where no
   * container mounts the volume there is none, and other volumes than an emptyDir don't do.
   */
  async readVariable(pod: Pod, { volumeName, path, key }: FileRef): Promise<FileValue> {
    const volume = mountedVolumes(pod).find(({ name }) => name === volumeName)
    const source = volume && volumeSource(pod, volume, this.#paths)
    if (source?.kind !== 'empty-dir') {
      throw new KubeletError('invalid', `cannot find the volume ${goQuote(volumeName)} referenced by FileKeyRef`)
    }
    return readEnvFile(source.path, path, key)
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

  /** Removes everything in the Pod's directory, which itself stays: it says that something of the Pod may be left here. */
  async clear(uid: string): Promise<void> {
    const folder = podDirectory(this.#paths, uid)
    const names = await namesIn(folder)
    await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })))
  }

  /** Removes everything of the Pod on this node's disk; gone already is success. Never follows a link. */
  async remove(uid: string): Promise<void> {
    await rm(podDirectory(this.#paths, uid), { recursive: true, force: true })
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

/** What is in a folder; nothing where there is none. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/**
 * World-writable as the kubelet's (pkg/volume/emptydir), whatever the umask; of the Pod's `fsGroup`, as is then whatever is
 * made in it. Made aside and moved into place: one that is there is complete, and its mode is the containers' own business
 * from then on.
 */
async function makeEmptyDir(path: string, fsGroup: number | undefined): Promise<void> {
  if (await isThere(path)) return
  // Nothing else can be called so: there is no dot in the name of a volume.
  const unfinished = `${path}.new`
  await mkdir(unfinished, { recursive: true, mode: 0o750 })
  // First its group: a change of that clears the bit that hands it down.
  if (fsGroup !== undefined) await chown(unfinished, 0, fsGroup)
  await chmod(unfinished, fsGroup === undefined ? 0o777 : 0o2777)
  await rename(unfinished, path)
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
