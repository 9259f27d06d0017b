import { execFile } from 'node:child_process'
import { KubeletError, type ErrorCode } from '../../model/errors.ts'

export interface MountRun {
  /** What is said to be mounted, where the last argument is by which it is reached. */
  readonly target: string
  /** Ends the program. One that hangs in the kernel, on a server that does not answer, goes on without us. */
  readonly signal: AbortSignal | undefined
}

export interface MountWords {
  readonly options: readonly string[]
  /** A source, which the author of a Pod may have named, and the target. */
  readonly operands: readonly string[]
}

const busy = / busy\.?$/mu
const refused = /permission denied|must be superuser|operation not permitted/iu
const unknown = /unknown filesystem type/u

/**
 * Runs util-linux's mount or umount with these options and operands, the last of which is the target; an operand is none of
 * the options, whatever it looks like. Throws what the kubelet's mounter says
 * (k8s.io/mount-utils): `conflict` for a target that is in use, `forbidden` where the agent may not, `configuration` where
 * there is no such program, `unsupported` for a type of file system that the kernel has not got, and `invalid` for all else.
 */
export async function runMountProgram(
  program: 'mount' | 'umount',
  { options, operands }: MountWords,
  { target, signal }: MountRun,
): Promise<void> {
  // Neither does such a target mean the agent's own process, nor are its links followed, but by the kernel.
  const args = ['--no-canonicalize', ...options, '--', ...operands]
  const { error, output } = await run(program, args, signal)
  if (error === undefined) return
  if (error === 'aborted') throw new KubeletError('aborted', `${program} of ${target} was given up`)
  if (error.code === 'ENOENT') {
    throw new KubeletError('configuration', `There is no program ${program} on this host (util-linux)`, {
      cause: error,
    })
  }
  const reached = args.at(-1) ?? target
  const shown = [...options, ...operands.slice(0, -1), target].join(' ')
  const said = output.replaceAll(reached, target)
  throw new KubeletError(
    codeOf(said),
    program === 'mount'
      ? `mount failed: exit status ${error.code}\nMounting command: mount\nMounting arguments: ${shown}\nOutput: ${said}`
      : `unmount failed: exit status ${error.code}\nUnmounting arguments: ${target}\nOutput: ${said}`,
  )
}

function codeOf(said: string): ErrorCode {
  if (busy.test(said)) return 'conflict'
  if (unknown.test(said)) return 'unsupported'
  return refused.test(said) ? 'forbidden' : 'invalid'
}

interface Ended {
  readonly error: { readonly code?: string | number | null } | 'aborted' | undefined
  readonly output: string
}

async function run(program: string, args: readonly string[], signal: AbortSignal | undefined): Promise<Ended> {
  if (signal?.aborted === true) return { error: 'aborted', output: '' }
  const { promise, resolve } = Promise.withResolvers<Ended>()
  // What is read from their words must not depend on the language of the host.
  const env = { ...process.env, LC_ALL: 'C' }
  const child = execFile(program, args, { env, encoding: 'utf8' }, (error, stdout, stderr) =>
    resolve({ error: error ?? undefined, output: `${stdout}${stderr}` }),
  )
  const giveUp = (): void => {
    child.kill('SIGKILL')
    resolve({ error: 'aborted', output: '' })
  }
  signal?.addEventListener('abort', giveUp)
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}
