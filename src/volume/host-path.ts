import { lstat, mkdir, open, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { KubeletError } from '../model/errors.ts'
import { abortable } from '../util/abortable.ts'

/**
 * Checks, and for the `…OrCreate` types makes, what a hostPath volume points at (pkg/volume/hostpath). Throws `invalid`
 * with the kubelet's text when it is something else, and `aborted` when `signal` fires: a disk or a server that does not
 * answer may be asked for ever, and what it is asked changes nothing that is the Pod's.
 */
export async function prepareHostPath(path: string, type: string, signal: AbortSignal): Promise<void> {
  await abortable(prepare(path, type), signal, `Stopped waiting for what is at ${path}`)
}

async function prepare(path: string, type: string): Promise<void> {
  if (path.split('/').includes('..')) {
    throw new KubeletError('invalid', `invalid HostPath \`${path}\`: must not contain '..'`)
  }
  switch (type) {
    case '':
      // Docker makes a missing directory from API 1.42 on; here it is made for older ones.
      if (!(await exists(path))) await mkdir(path, { recursive: true, mode: 0o755 })
      return
    case 'DirectoryOrCreate':
      if (!(await exists(path))) await mkdir(path, { recursive: true, mode: 0o755 })
      return requireType(path, 'directory', (stats) => stats.isDirectory())
    case 'Directory':
      return requireType(path, 'directory', (stats) => stats.isDirectory())
    case 'FileOrCreate':
      if (!(await exists(path))) await createFile(path)
      return requireType(path, 'file', (stats) => stats.isFile())
    case 'File':
      return requireType(path, 'file', (stats) => stats.isFile())
    case 'Socket':
      return requireType(path, 'socket file', (stats) => stats.isSocket())
    case 'CharDevice':
      return requireType(path, 'character device', (stats) => stats.isCharacterDevice())
    case 'BlockDevice':
      return requireType(path, 'block device', (stats) => stats.isBlockDevice())
    default:
      throw new KubeletError('invalid', `${type} is an invalid volume type`)
  }
}

async function requireType(path: string, what: string, test: (stats: Stats) => boolean): Promise<void> {
  const stats = await stat(path).catch(() => undefined)
  if (stats !== undefined && test(stats)) return
  throw new KubeletError('invalid', `hostPath type check failed: ${path} is not a ${what}`)
}

/** A dangling link exists: nothing may be made in its place. */
async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}

/** Its folder must be there, as for the kubelet. */
async function createFile(path: string): Promise<void> {
  const file = await open(path, 'a', 0o644)
  await file.close()
}
