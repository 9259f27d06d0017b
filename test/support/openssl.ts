import { execFile } from 'node:child_process'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What `openssl` says, its standard output; rejects with its complaint when it ends with another code than 0. */
export async function openssl(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('openssl', args)
  return stdout
}

/** The same with files: `{name}` in an argument stands for the path of that one. */
export async function opensslWith(files: Readonly<Record<string, string>>, args: readonly string[]): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'openssl-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  return await openssl(args.map((arg) => arg.replace(/\{(\w+)\}/gu, (_, name: string) => join(folder.path, name))))
}
