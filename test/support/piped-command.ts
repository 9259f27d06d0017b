import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'

export interface PipedResult {
  readonly stdout: Buffer
  readonly stderr: string
  /** Undefined when a signal has ended it. */
  readonly code: number | undefined
}

/** Runs a command on some bytes to its end, whatever that is. Nothing of what it writes is changed. */
export async function pipe(
  input: Buffer | string,
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<PipedResult> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { env: { ...process.env, ...environment } })
  // A command that has ended without reading says by its exit code how it fared.
  child.stdin.on('error', () => {}).end(input)
  const [stdout, stderr, [code]] = await Promise.all([buffer(child.stdout), text(child.stderr), once(child, 'close')])
  return { stdout, stderr, code: typeof code === 'number' ? code : undefined }
}
