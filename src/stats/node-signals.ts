import { stat } from 'node:fs/promises'
import type { DiskLayout } from '../eviction/pressure/disk-layout.ts'
import type { Observation, Observations } from '../eviction/pressure/signals.ts'
import type { EvictionSignal } from '../model/eviction-threshold.ts'
import type { MemoryUsage } from '../model/usage.ts'
import { placeAt } from './cgroups/cgroup-place.ts'
import type { CgroupReader } from './cgroups/cgroup-reader.ts'
import { localFileSystem } from './disk/file-system.ts'
import type { MachineFacts } from './proc/machine-facts.ts'
import type { FileSystemReading } from './reading.ts'

export interface NodeSignalsOptions {
  /** `undefined` where the kernel of Docker's host is not seen: nothing is known of its memory then. */
  readonly reader: CgroupReader | undefined
  readonly machine: Pick<MachineFacts, 'threads' | 'memoryBytes'>
  /** The cgroup of all Pods, `/kubepods`. */
  readonly podsCgroup: string
  /** The agent's own folder. */
  readonly rootDirectory: string
  /** Docker's data root; `undefined` where that is not on this host. */
  readonly dockerRoot: string | undefined
}

type Entry = readonly [EvictionSignal, Observation]

/**
 * How much is left of what the node may run short of (makeSignalObservations in pkg/kubelet/eviction/helpers.go): a dozen
 * small files and two calls to the kernel, which is all that an idle node is asked every ten seconds.
 */
export class NodeSignals {
  readonly #options: NodeSignalsOptions

  constructor(options: NodeSignalsOptions) {
    this.#options = options
  }

  /** Never rejects: what cannot be read is left out. */
  async read(): Promise<Observations> {
    const { rootDirectory, dockerRoot } = this.#options
    const [node, images] = await Promise.all([
      localFileSystem(rootDirectory),
      dockerRoot === undefined ? undefined : localFileSystem(dockerRoot),
    ])
    return new Map([
      ...this.#memory(),
      ...fileSystem('nodefs', node),
      ...fileSystem('imagefs', images),
      // Writable layers lie where images do.
      ...fileSystem('containerfs', images),
      ...this.#processes(),
    ])
  }

  /** Of memory alone, and at once. */
  memory(): Observations {
    return new Map(this.#memory())
  }

  async layout(): Promise<DiskLayout> {
    const { rootDirectory, dockerRoot } = this.#options
    const [own, images] = await Promise.all([
      deviceOf(rootDirectory),
      dockerRoot === undefined ? undefined : deviceOf(dockerRoot),
    ])
    return images === undefined || images === own ? 'one' : 'dedicated-images'
  }

  #memory(): readonly Entry[] {
    const { reader, machine, podsCgroup } = this.#options
    if (reader === undefined) return []
    const [node, pods] = ['/', podsCgroup].map((path) => reader.usage(placeAt(path), 'usage'))
    const capacity = machine.memoryBytes()
    return [
      // Nobody is ended because /proc could not be read.
      ...(node === undefined || capacity === 0 ? [] : [left('memory.available', node, capacity)]),
      // Pods that are held to nothing have no share that could be used up.
      ...(pods?.memory.limit === undefined ? [] : [left('allocatableMemory.available', pods, pods.memory.limit)]),
    ]
  }

  #processes(): readonly Entry[] {
    const { reader, machine } = this.#options
    const { atMs, max, count } = machine.threads()
    if (reader === undefined || max === undefined || count === undefined) return []
    return [['pid.available', { capacity: max, available: max - count, atMs }]]
  }
}

function left(
  signal: EvictionSignal,
  { atMs, memory }: { readonly atMs: number; readonly memory: MemoryUsage },
  capacity: number,
): Entry {
  return [signal, { capacity, available: Math.max(0, capacity - memory.workingSet), atMs }]
}

function fileSystem(name: 'nodefs' | 'imagefs' | 'containerfs', disk: FileSystemReading | undefined): readonly Entry[] {
  if (disk === undefined) return []
  const { atMs, capacity, available, inodes, inodesFree } = disk
  return [
    [`${name}.available`, { capacity, available, atMs }],
    [`${name}.inodesFree`, { capacity: inodes, available: inodesFree, atMs }],
  ]
}

async function deviceOf(folder: string): Promise<number | undefined> {
  try {
    return (await stat(folder)).dev
  } catch {
    return undefined
  }
}
