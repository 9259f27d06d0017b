import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { FileSystemReading } from '../reading.ts'

/** The file system that a folder of this host's own disks lies in; `undefined` where there is no such folder. */
export async function localFileSystem(folder: string): Promise<FileSystemReading | undefined> {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(folder)
    return fileSystem({ size: bsize, blocks, free: bfree, available: bavail, inodes: files, inodesFree: ffree })
  } catch {
    return undefined
  }
}

/** How long a file system of somebody else's is waited for. */
const patienceMs = 10_000

/**
 * The same of one that may not answer, like NFS: a process of its own asks, with stat(1), and may hang in place of this one.
 * `undefined` where it does.
 */
export async function remoteFileSystem(folder: string, signal: AbortSignal): Promise<FileSystemReading | undefined> {
  try {
    const options = { signal, timeout: patienceMs, killSignal: 'SIGKILL' } as const
    const { stdout } = await promisify(execFile)('stat', ['-f', '-c', '%S %b %f %a %c %d', folder], options)
    const [size = 0, blocks = 0, free = 0, available = 0, inodes = 0, inodesFree = 0] = stdout.split(' ').map(Number)
    return fileSystem({ size, blocks, free, available, inodes, inodesFree })
  } catch {
    return undefined
  }
}

interface Blocks {
  readonly size: number
  readonly blocks: number
  readonly free: number
  readonly available: number
  readonly inodes: number
  readonly inodesFree: number
}

function fileSystem({ size, blocks, free, available, inodes, inodesFree }: Blocks): FileSystemReading {
  return {
    atMs: Date.now(),
    capacity: blocks * size,
    available: available * size,
    used: (blocks - free) * size,
    inodes,
    inodesFree,
  }
}
