import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../util/has-code.ts'
import type { FoundManifest } from './reconcile-manifests.ts'

/** What lies at the manifest path. */
export type FoundManifests =
  | { readonly kind: 'files'; readonly files: readonly FoundManifest[] }
  /** Neither a folder nor a file is there: as good as an empty folder. */
  | { readonly kind: 'missing' }
  /** It cannot be told what is there; whatever runs because of it should run on. */
  | { readonly kind: 'unreadable'; readonly message: string }
  /** The look was broken off. */
  | { readonly kind: 'aborted' }

/**
 * Reads a folder of manifests, or the one manifest that `path` is. Of a folder its files are taken, sorted by name;
 * folders in it and names that begin with a dot are not.
 */
export async function findManifests(path: string, signal: AbortSignal): Promise<FoundManifests> {
  try {
    const isFolder = (await stat(path)).isDirectory()
    const files = isFolder
      ? (await readdir(path))
          .filter((name) => !name.startsWith('.'))
          .toSorted()
          .map((name) => join(path, name))
      : [path]
    const found = await Promise.all(files.map((file) => findManifest(file, signal)))
    return { kind: 'files', files: found.filter((each) => each !== undefined) }
  } catch (error) {
    if (signal.aborted) return { kind: 'aborted' }
    return isMissing(error) ? { kind: 'missing' } : { kind: 'unreadable', message: messageOf(error) }
  }
}

async function findManifest(file: string, signal: AbortSignal): Promise<FoundManifest | undefined> {
  try {
    if (!(await stat(file)).isFile()) return undefined
    return { file, content: { kind: 'text', text: await readFile(file, { encoding: 'utf8', signal }) } }
  } catch (error) {
    signal.throwIfAborted()
    // Gone between the list and the look.
    return isMissing(error) ? undefined : { file, content: { kind: 'unreadable', message: messageOf(error) } }
  }
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
