import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ContainerSession, TerminalSize } from '../engine/streams/container-session.ts'
import { KubeletError } from '../model/errors.ts'
import type { ClientStreams, CommandEnd } from './client-streams.ts'

export interface RemoteCommand {
  /** Opens the session once the client's streams are there. */
  readonly open: (signal: AbortSignal) => Promise<ContainerSession>
  /** What is said before the reason when that fails, or the session breaks: `error executing command in container`. */
  readonly failure: string
}

/**
 * Joins a client with a command or a container until that has ended: all output reaches the client before its end does, and
 * an input that never ends holds back nothing. A client that stops reading an output holds up the command, as a pipe does;
 * one that closes an output loses that one only. Resolves when the client has been told, or has gone.
 */
export async function runRemoteCommand(
  client: ClientStreams,
  command: RemoteCommand,
  signal: AbortSignal,
): Promise<void> {
  const resizing: Promise<void>[] = []
  let end: CommandEnd
  try {
    await using session = await command.open(signal)
    resizing.push(passSizes(client.resizes, session))
    end = await talk(client, session)
  } catch (error) {
    end = { kind: 'failed', message: `${command.failure}: ${KubeletError.from(error).message}` }
  }
  await client.finish(end)
  await Promise.all(resizing)
}

async function talk(client: ClientStreams, session: ContainerSession): Promise<CommandEnd> {
  const input = passInput(client.stdin, session.stdin)
  try {
    const [{ exitCode = 0 }] = await Promise.all([
      session.ended(),
      passOutput(session.stdout, client.stdout),
      passOutput(session.stderr, client.stderr),
    ])
    return { kind: 'exited', exitCode }
  } finally {
    input[Symbol.dispose]()
  }
}

/** Passes input on until its end, or until disposed: what comes later is dropped. */
function passInput(from: Readable | undefined, to: Writable | undefined): Disposable {
  // A client that goes ends the session by the call's signal, not by an error of its input.
  from?.on('error', () => {})
  if (from !== undefined && to !== undefined) {
    from.pipe(to)
    // A client that resets its input, and stays, sends no more.
    from.once('close', () => to.end())
  }
  return {
    [Symbol.dispose]: () => {
      if (to !== undefined) from?.unpipe(to)
      from?.resume()
    },
  }
}

/** Resolves when all of it has been handed to the client, or the client takes no more. Throws what the session throws. */
async function passOutput(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined || to === undefined) return
  to.on('error', () => {})
  for await (const chunk of from) {
    if (to.destroyed) return
    if (!to.write(chunk)) await drained(to)
  }
  to.end()
  await finished(to, { readable: false }).catch(() => 'the client has gone')
}

/** Resolves when more can be written, or never will. */
async function drained(to: Writable): Promise<void> {
  const over = new AbortController()
  try {
    await Promise.race([once(to, 'drain', over), once(to, 'close', over)])
  } catch {
    // It broke: the next write is not made.
  } finally {
    over.abort()
  }
}

/** Never rejects: a size that cannot be set, of a terminal that is just gone, say, is no reason to end anything. */
async function passSizes(sizes: AsyncIterable<TerminalSize> | undefined, session: ContainerSession): Promise<void> {
  if (sizes === undefined) return
  for await (const size of sizes) await session.resize(size).catch(() => 'it keeps the size that it has')
}
