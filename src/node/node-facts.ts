import { readFile, readdir, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { bytesQuantity, formatQuantity } from '../util/quantity.ts'
import { findNodeAddresses } from './node-addresses.ts'

/** What the agent finds out about its machine by itself; the rest Docker tells. */
export interface NodeFacts {
  /** IP addresses, the main one first, at most one per family. */
  readonly addresses: readonly string[]
  readonly machineId: string
  readonly systemUuid: string
  /** Another one after each boot. */
  readonly bootId: string
  /** Size of the file system that holds the agent's root directory. */
  readonly rootFsBytes: number
  readonly swapBytes: number
  /** Bytes of memory set aside as huge pages, by size as a quantity names it (`2Mi`, `1Gi`). */
  readonly hugePages: Readonly<Record<string, number>>
  /** NVIDIA's GPUs, by number. */
  readonly gpus: readonly string[]
  /** As many processes as the kernel can count; 0 where it does not say. */
  readonly maxPids: number
}

export interface NodeFactsOptions {
  readonly nodeName: string
  /** As --node-ip says; empty to find them out. */
  readonly nodeIps: readonly string[]
  readonly rootDir: string
}

/**
 * Looks at the machine. Cheap enough to be done again for each status. Throws `configuration` when no address can be
 * found; any file that cannot be read is taken for empty, as some are on virtual machines and in containers.
 */
export async function readNodeFacts(options: NodeFactsOptions, signal: AbortSignal): Promise<NodeFacts> {
  const [addresses, machineId, productUuid, bootId, rootFsBytes, meminfo, hugePages, pidMax, threadsMax, gpus] =
    await Promise.all([
      findNodeAddresses(options, signal),
      readFirst(['/etc/machine-id', '/var/lib/dbus/machine-id'], signal),
      readFirst(['/sys/class/dmi/id/product_uuid', '/proc/device-tree/vm,uuid'], signal),
      readFirst(['/proc/sys/kernel/random/boot_id'], signal),
      fileSystemBytes(options.rootDir),
      readFirst(['/proc/meminfo'], signal),
      readHugePages(signal),
      readFirst(['/proc/sys/kernel/pid_max'], signal),
      readFirst(['/proc/sys/kernel/threads-max'], signal),
      findGpus(),
    ])
  const swapBytes = swapTotal(meminfo)
  const maxPids = Math.min(Number(pidMax), Number(threadsMax))
  const systemUuid = productUuid || machineId
  return { addresses, machineId, systemUuid, bootId, rootFsBytes, swapBytes, hugePages, gpus, maxPids }
}

/** The trimmed text of the first of these files that has any. */
async function readFirst(paths: readonly string[], signal: AbortSignal): Promise<string> {
  for (const path of paths) {
    try {
      const text = (await readFile(path, { encoding: 'utf8', signal })).trim()
      if (text !== '') return text
    } catch {
      signal.throwIfAborted()
    }
  }
  return ''
}

/** Of the folder, or of the nearest one above it that there is. */
async function fileSystemBytes(folder: string): Promise<number> {
  try {
    const { blocks, bsize } = await statfs(folder)
    return blocks * bsize
  } catch {
    return dirname(folder) === folder ? 0 : fileSystemBytes(dirname(folder))
  }
}

/** Bytes of swap out of `/proc/meminfo`. */
function swapTotal(meminfo: string): number {
  const kibibytes = /^SwapTotal:\s+(\d+) kB$/mu.exec(meminfo)?.[1]
  return Number(kibibytes ?? 0) * 1024
}

const hugePagesFolder = '/sys/kernel/mm/hugepages'

/** Every size that the kernel has, whether any of its pages are set aside or not. */
async function readHugePages(signal: AbortSignal): Promise<Readonly<Record<string, number>>> {
  const folders = await readdir(hugePagesFolder).catch(() => [])
  const entries = await Promise.all(
    folders.map(async (folder) => {
      const kibibytes = Number(/^hugepages-(\d+)kB$/u.exec(folder)?.[1] ?? 0)
      const count = await readFirst([`${hugePagesFolder}/${folder}/nr_hugepages`], signal)
      if (kibibytes === 0 || count === '') return []
      const bytes = kibibytes * 1024
      return [[formatQuantity(bytesQuantity(bytes)), Number(count) * bytes] as const]
    }),
  )
  return Object.fromEntries(entries.flat())
}

/** Each has a device, `/dev/nvidia0`; those for all of them have no number. */
async function findGpus(): Promise<readonly string[]> {
  const names = await readdir('/dev').catch(() => [])
  const gpus = names.flatMap((name) => /^nvidia(\d+)$/u.exec(name)?.[1] ?? [])
  return gpus.toSorted((one, other) => Number(one) - Number(other))
}
