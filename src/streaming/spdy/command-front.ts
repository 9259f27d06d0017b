import { finished } from 'node:stream/promises'
import type { SessionStreams, TerminalSize } from '../../engine/streams/container-session.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ClientStreams, CommandEnd } from '../client-streams.ts'
import { commandStatus, type StatusForm } from '../command-status.ts'
import type { FrontOptions } from '../front-options.ts'
import { terminalSizes } from '../terminal-sizes.ts'
import type { Upgrade } from '../upgrade.ts'
import { CommandStreams, type CommandStreamType } from './command-streams.ts'
import type { SpdyConnection } from './connection.ts'
import type { SpdyHeaders } from './frames.ts'
import type { SpdyStream } from './spdy-stream.ts'
import { agreedProtocol, switchToSpdy } from './upgrade-to-spdy.ts'

/** What the client gets to open its streams: the kubelet's `streamCreationTimeout`. */
const creationMs = 30_000
/** What a client gets to close the connection after its command's end. */
const goodbyeMs = 10_000

interface CommandProtocol {
  readonly status: StatusForm
  /** The client opens a stream for the sizes of its terminal, if it has one. */
  readonly resizes: boolean
  /** The error stream is closed as soon as it is there, and so is our direction of stdin: what kubelets 1.0 did. */
  readonly closesEarly: boolean
}

const protocols: Readonly<Record<string, CommandProtocol>> = {
  'v4.channel.k8s.io': { status: 'short', resizes: true, closesEarly: false },
  'v3.channel.k8s.io': { status: 'text', resizes: true, closesEarly: false },
  'v2.channel.k8s.io': { status: 'text', resizes: false, closesEarly: false },
  'channel.k8s.io': { status: 'text', resizes: false, closesEarly: true },
}

/**
 * Answers a request for SPDY for a command, and resolves when the client has opened the streams that it asked for. Throws
 * `invalid` and `forbidden` like `agreedProtocol`, `unavailable` when the streams don't come or the client goes, and
 * what it did wrong meanwhile.
 */
export async function acceptCommandSpdy(upgrade: Upgrade, options: FrontOptions): Promise<ClientStreams> {
  const { wanted, idleTimeoutMs } = options
  const protocolName = agreedProtocol(upgrade, Object.keys(protocols))
  const protocol = protocols[protocolName]
  if (protocol === undefined) throw new KubeletError('internal', `${protocolName} was agreed on and is not known`)
  const streams = new CommandStreams(expectedTypes(wanted, protocol))
  const refuse = (headers: SpdyHeaders): string | undefined => streams.refuse(headers)
  const connection = switchToSpdy(upgrade, protocolName, { idleTimeoutMs, refuse })
  await untilComplete(streams, connection)
  return new SpdyFront(connection, protocol, streams)
}

function expectedTypes(wanted: SessionStreams, protocol: CommandProtocol): ReadonlySet<CommandStreamType> {
  const { stdin, stdout, stderr, tty } = wanted
  return new Set<CommandStreamType>([
    'error',
    ...(stdin ? (['stdin'] as const) : []),
    ...(stdout ? (['stdout'] as const) : []),
    ...(stderr && !tty ? (['stderr'] as const) : []),
    ...(tty && protocol.resizes ? (['resize'] as const) : []),
  ])
}

async function untilComplete(streams: CommandStreams, connection: SpdyConnection): Promise<void> {
  let reason = 'the client has gone before it created its streams'
  const timer = setTimeout(() => {
    reason = 'timed out waiting for client to create streams'
    connection.close()
  }, creationMs)
  try {
    for await (const stream of connection.streams()) {
      streams.add(stream)
      if (streams.areComplete) return
    }
  } finally {
    clearTimeout(timer)
  }
  await connection.closed
  throw connection.fault ?? new KubeletError('unavailable', reason)
}

class SpdyFront implements ClientStreams {
  readonly stdin: SpdyStream | undefined
  readonly stdout: SpdyStream | undefined
  readonly stderr: SpdyStream | undefined
  readonly resizes: AsyncIterable<TerminalSize> | undefined
  readonly #connection: SpdyConnection
  readonly #protocol: CommandProtocol
  readonly #streams: CommandStreams

  constructor(connection: SpdyConnection, protocol: CommandProtocol, streams: CommandStreams) {
    this.#connection = connection
    this.#protocol = protocol
    this.#streams = streams
    this.stdin = streams.get('stdin')
    this.stdout = streams.get('stdout')
    this.stderr = streams.get('stderr')
    const resize = streams.get('resize')
    this.resizes = resize && terminalSizes(resize)
    // Nothing comes on these; they are over only when that has been read.
    for (const stream of [this.stdout, this.stderr, streams.get('error')]) stream?.resume()
    if (!protocol.closesEarly) return
    streams.get('error')?.reset()
    this.stdin?.end()
  }

  /** Each stream gets its end; then the client closes the connection, having read them all, and so does this side. */
  async finish(end: CommandEnd): Promise<void> {
    const error = this.#streams.get('error')
    await Promise.all([this.stdout, this.stderr].map((output) => ended(output)))
    await ended(error, commandStatus(end, this.#protocol.status))
    await Promise.all([this.stdin, this.#streams.get('resize')].map((input) => ended(input)))
    // Old clients lose what they have not read yet when the connection is closed under them.
    const timer = setTimeout(() => this.#connection.close(), goodbyeMs)
    await this.#connection.closed
    clearTimeout(timer)
  }
}

/** Resolves when all that was written to a stream, and its end, is on its way, or the client has gone. */
async function ended(stream: SpdyStream | undefined, lastWords = ''): Promise<void> {
  if (stream === undefined || stream.destroyed || stream.writableFinished) return
  if (!stream.writableEnded) stream.end(lastWords)
  await finished(stream, { readable: false }).catch(() => 'the client has gone')
}
