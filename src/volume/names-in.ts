import { readdir } from 'node:fs/promises'
import { hasCode } from '../util/has-code.ts'

/** What is in a folder; nothing where there is none. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}
