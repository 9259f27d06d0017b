import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'

/** It only ends what would never end. */
const deadlineMs = 120_000

/** Runs a command to its end and returns what it wrote to stdout, trimmed; throws with its stderr when it fails. */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  return runWithInput('', command, ...args)
}

/** As `run`, with a text on the command's stdin. */
export async function runWithInput(input: string, command: string, ...args: readonly string[]): Promise<string> {
  const running = promisify(execFile)(command, [...args], { maxBuffer: 64 * 1024 * 1024, timeout: deadlineMs })
  // A command that has ended without reading says by its exit code how it fared.
  running.child.stdin?.on('error', () => {}).end(input)
  const { stdout } = await running
  return stdout.trim()
}

/** Docker's own client, on the Docker of the tests. */
export function docker(...args: readonly string[]): Promise<string> {
  return run('docker', ...args)
}

/** One of the scripts in hack/, by its file name. It may have to build what it needs, so it is waited for without end. */
export async function hack(script: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(repositoryPath(`hack/${script}`), [...args])
  return stdout.trim()
}

/** Where a file of this checkout is, by its path from the top. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}
