import { join } from 'node:path'
import type { ContainerId } from '../../model/ids.ts'
import type { Pod } from '../../model/kube.ts'
import { hostsFilePath, type NodePaths } from '../../translate/paths.ts'
import type { MountedVolume } from '../../translate/volumes/mounted-volume.ts'
import type { FileSystemReading, FolderReading, VolumeReading } from '../reading.ts'
import { DiskLedger } from './disk-ledger.ts'
import { localFileSystem, remoteFileSystem } from './file-system.ts'
import { measureFolder, measureLog } from './measure-folder.ts'
import { measuredVolumes, type MeasuredVolume } from './measured-volumes.ts'

export interface PodDisksOptions {
  readonly paths: NodePaths
  /** Docker's data root, on this host. */
  readonly dockerRoot: string
  /** Ends what is being measured. */
  readonly signal: AbortSignal
}

interface FolderRequest {
  readonly kind: 'folder' | 'log' | 'volume'
  readonly path: string
}

interface MeasuredFolder extends FolderReading {
  /** Of a volume: others lie where images or the agent's own files do. */
  readonly fileSystem: FileSystemReading | undefined
}

/** What Pods take up of disks, as far as it has been measured: nobody who asks waits for a disk. */
export class PodDisks {
  readonly #options: PodDisksOptions
  readonly #folders: DiskLedger<FolderRequest, MeasuredFolder>
  /** Apart from the others: what does not answer keeps none of them waiting. */
  readonly #remote: DiskLedger<string, FileSystemReading>

  constructor(options: PodDisksOptions) {
    this.#options = options
    const { signal } = options
    this.#folders = new DiskLedger({ keyOf: ({ path }) => path, measure, signal })
    this.#remote = new DiskLedger({ keyOf: (path) => path, measure: remoteFileSystem, signal })
  }

  /** What is older than `maxAgeMs` is measured anew beside who looks; without it, what is old by itself. */
  look(maxAgeMs?: number): DiskLook {
    return new DiskLook(this.#options, this.#folders, this.#remote, maxAgeMs)
  }

  /** Resolves when all that has been asked for is measured. */
  async settled(): Promise<void> {
    await Promise.all([this.#folders.settled(), this.#remote.settled()])
  }
}

/** What is known now. What is not is asked for. */
export class DiskLook {
  readonly #options: PodDisksOptions
  readonly #folders: DiskLedger<FolderRequest, MeasuredFolder>
  readonly #remote: DiskLedger<string, FileSystemReading>
  readonly #maxAgeMs: number | undefined
  #isMissing = false

  constructor(
    options: PodDisksOptions,
    folders: DiskLedger<FolderRequest, MeasuredFolder>,
    remote: DiskLedger<string, FileSystemReading>,
    maxAgeMs?: number,
  ) {
    this.#options = options
    this.#folders = folders
    this.#remote = remote
    this.#maxAgeMs = maxAgeMs
  }

  /** Something that was looked for has not been measured. */
  get isMissing(): boolean {
    return this.#isMissing
  }

  /** The writable layer of a container. The folder may be relative to Docker's own for those. */
  layer(folder: string): FolderReading | undefined {
    return this.#folder({ kind: 'folder', path: resolved(folder, this.#options.dockerRoot) })
  }

  log(id: ContainerId): FolderReading | undefined {
    return this.#folder({ kind: 'log', path: join(this.#options.dockerRoot, 'containers', id) })
  }

  hostsFile(uid: string): FolderReading | undefined {
    return this.#folder({ kind: 'folder', path: hostsFilePath(this.#options.paths, uid) })
  }

  volumes(pod: Pod, mounted: ReadonlyMap<string, MountedVolume>): readonly VolumeReading[] {
    return measuredVolumes(pod, mounted, this.#options.paths).flatMap((volume) => this.#volume(volume))
  }

  #volume({ name, claimName, isLocalEphemeral, by, path }: MeasuredVolume): readonly VolumeReading[] {
    const own = { name, claimName, isLocalEphemeral }
    if (by === 'content') {
      const content = this.#folder({ kind: 'volume', path })
      return content?.fileSystem === undefined ? [] : [{ ...own, fileSystem: content.fileSystem, content }]
    }
    const fileSystem = this.#remote.get(path)
    if (fileSystem === undefined) return this.#missing()
    const { atMs, used, inodes, inodesFree } = fileSystem
    return [{ ...own, fileSystem, content: { atMs, bytes: used, inodes: inodes - inodesFree } }]
  }

  #folder(request: FolderRequest): MeasuredFolder | undefined {
    const known = this.#folders.get(request, this.#maxAgeMs)
    if (known === undefined) this.#missing()
    return known
  }

  #missing(): readonly never[] {
    this.#isMissing = true
    return []
  }
}

async function measure({ kind, path }: FolderRequest, signal: AbortSignal): Promise<MeasuredFolder | undefined> {
  const usage = kind === 'log' ? measureLog(path) : await measureFolder(path, signal)
  if (usage === undefined) return undefined
  const fileSystem = kind === 'volume' ? await localFileSystem(path) : undefined
  return { ...usage, atMs: Date.now(), fileSystem }
}

/** Docker mounts many layers by paths that are relative to where it keeps them. */
function resolved(folder: string, dockerRoot: string): string {
  return folder.startsWith('/') ? folder : join(dockerRoot, 'overlay2', folder)
}
