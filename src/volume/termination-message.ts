import { open } from 'node:fs/promises'
import { constants } from 'node:fs'
import type { ObservedContainer } from '../model/observed.ts'
import { hasCode } from '../util/has-code.ts'

/** At most the last 4096 bytes of the file count (pkg/kubelet/kuberuntime/kuberuntime_container.go). */
const maxFileBytes = 4096
const maxLogLines = 80
const maxLogBytes = 2048

/** Reads the end of a container's log: `lines` lines of both streams. */
export type LogTail = (container: ObservedContainer, lines: number, signal: AbortSignal) => Promise<string>

/**
 * The termination message of a container that ended: its file, or with policy FallbackToLogsOnError, for a failure that
 * left no file, the end of its log. Never throws for a message that can't be read: it says so instead, like the kubelet.
 */
export async function terminationMessage(
  container: ObservedContainer,
  logTail: LogTail,
  signal: AbortSignal,
): Promise<string> {
  const { state, terminationMessageFile } = container
  if (state.phase !== 'exited') return ''
  const written = terminationMessageFile === undefined ? '' : await fileTail(terminationMessageFile)
  const fallsBack = container.terminationMessagePolicy === 'FallbackToLogsOnError' && state.exitCode !== 0
  if (written !== '' || !fallsBack || state.cannotRun) return written
  try {
    const log = Buffer.from(await logTail(container, maxLogLines, signal))
    return log.subarray(Math.max(0, log.length - maxLogBytes)).toString()
  } catch (error) {
    return `Error on reading termination message from logs: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** The container may have put anything where its file was: a link is not followed, a pipe is not waited for. */
async function fileTail(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const { size } = await file.stat()
      const start = Math.max(0, size - maxFileBytes)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, maxFileBytes)), { position: start })
      return buffer.subarray(0, bytesRead).toString()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return ''
    return `Error on reading termination log ${path}: ${error instanceof Error ? error.message : String(error)}`
  }
}
