import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes `path` hold `text`, or leaves it as it was: whoever reads it, at any time and after any crash, sees one of the two.
 * The folder is made if it is missing. `mode` are the permissions of the file. Throws the system's error.
 */
export async function writeAtomically(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  // One name: what a crash left behind is written over by the next try.
  const aside = `${path}.tmp`
  {
    await using file = await open(aside, 'w', mode)
    // A file that was left behind keeps the permissions it had.
    await file.chmod(mode)
    await file.writeFile(text)
    await file.sync()
  }
  await rename(aside, path)
}
