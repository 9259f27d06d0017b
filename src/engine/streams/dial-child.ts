import { spawn } from 'node:child_process'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import { hasCode } from '../../util/has-code.ts'
import { dialExitCodes, type DialEnd, type DialProcess } from './dial-stream.ts'

/** What of its stderr is kept: it has one line to say. */
const keptTextLength = 4096

/**
 * The network namespace of a container whose first process has this number in Docker's eyes; `undefined` where that process
 * is none of ours to see, or another one: Docker is on another host, or this agent has processes of its own. Its cgroup
 * tells, whose path has the container's id in it. The file is opened before that is read, so it cannot be a later process's.
 */
export async function networkNamespace(id: ContainerId, pid: number): Promise<FileHandle | undefined> {
  if (pid <= 0) return undefined
  let namespace: FileHandle | undefined
  let isTheirs = false
  try {
    namespace = await open(`/proc/${pid}/ns/net`)
    isTheirs = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).includes(id)
    return isTheirs ? namespace : undefined
  } catch (error) {
    // Gone, not to be seen, or not ours to enter.
    if (!hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) throw error
    return undefined
  } finally {
    if (!isTheirs) await namespace?.close()
  }
}

/**
 * Runs `pause dial` as a child of the agent, in that network namespace, or in the agent's own. A binary that cannot be run
 * ends with `dialExitCodes.notRun`. Throws `unavailable` where the host has no process or file left for it.
 */
export function dialAsChild(binary: string, port: number, namespace?: FileHandle): DialProcess {
  const enter = namespace === undefined ? [] : ['/proc/self/fd/3']
  const child = spawn(binary, ['dial', String(port), ...enter], {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe', namespace?.fd ?? 'ignore'],
  })
  const { promise: ended, resolve } = Promise.withResolvers<DialEnd>()
  let text = ''
  child.once('error', (error) => resolve({ exitCode: dialExitCodes.notRun, text: `${binary}: ${error.message}` }))
  child.once('close', (exitCode) => resolve({ exitCode: exitCode ?? dialExitCodes.killed, text }))
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) {
    throw new KubeletError('unavailable', 'No connection can be made: the agent has too many files open')
  }
  stderr.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(0, keptTextLength)))
  const kill = (): void => {
    child.kill('SIGKILL')
    for (const stream of [stdin, stdout, stderr]) stream.destroy()
  }
  return { stdin, stdout, ended, kill }
}
