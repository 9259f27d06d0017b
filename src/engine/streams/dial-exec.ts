import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ContainerSession } from './container-session.ts'
import { dialExitCodes, type DialEnd, type DialProcess } from './dial-stream.ts'

/** What of its stderr is kept: it has one line to say. */
const keptTextLength = 4096

/** `pause dial` as a command that Docker runs in a sandbox. Letting go of the session ends it: its stdin ends. */
export function dialInSession(session: ContainerSession): DialProcess {
  const { stdin, stdout, stderr } = session
  if (stdin === undefined || stdout === undefined || stderr === undefined) {
    throw new TypeError('A session for dialling has all three streams')
  }
  const ended = async (): Promise<DialEnd> => {
    // The output may outlast the process, for as long as nobody reads it.
    const [text] = await Promise.all([textOf(stderr), finished(stdout).catch(() => {})])
    try {
      const { exitCode = dialExitCodes.killed } = await session.ended()
      return { exitCode, text }
    } catch (error) {
      // The session was let go of, or Docker is gone.
      return { exitCode: dialExitCodes.killed, text: error instanceof Error ? error.message : text }
    }
  }
  return { stdin, stdout, ended: ended(), kill: () => void session[Symbol.asyncDispose]() }
}

async function textOf(stderr: Readable): Promise<string> {
  let text = ''
  try {
    for await (const chunk of stderr.setEncoding('utf8')) text = (text + String(chunk)).slice(0, keptTextLength)
  } catch {
    // How the session ends tells why.
  }
  return text
}
