import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs a command to its end and returns what it wrote to stdout, trimmed; throws with its stderr when it fails. */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, [...args])
  return stdout.trim()
}

/** Docker's own client, on the Docker of the tests. */
export function docker(...args: readonly string[]): Promise<string> {
  return run('docker', ...args)
}
