import type { IncomingMessage } from 'node:http'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { http } from '../../util/builtin-http.ts'
import { codeOf, dialError, joinHostPort, readError, type ConnectionEnds } from '../go-network-error.ts'
import type { HttpGetRequest } from './http-get-request.ts'
import type { ProbeUrl } from './probe-url.ts'

/** What comes back: the head of an answer, its body still to be read, or why there is none, in Go's words. */
export type HeadOrFailure =
  | { readonly kind: 'head'; readonly message: IncomingMessage }
  | { readonly kind: 'failed'; readonly message: string; readonly speaksPlainHttp: boolean }

export interface Exchange {
  /** Never rejects. */
  readonly response: Promise<HeadOrFailure>
  /** Breaks the connection off, whatever it is doing. */
  close(): void
}

/** Sends one request on a connection of its own. Whoever asked closes it. */
export function exchange(request: HttpGetRequest): Exchange {
  const { url } = request
  const { promise, resolve } = Promise.withResolvers<HeadOrFailure>()
  const fail = (message: string, speaksPlainHttp = false): void => resolve({ kind: 'failed', message, speaksPlainHttp })
  const socket = connect(url)
  let ends: ConnectionEnds | undefined
  socket.once('connect', () => (ends = endsOf(socket)))
  const onError = (error: Error): void => {
    const refused = handshakeError(error, url)
    if (refused !== undefined) fail(refused.message, refused.speaksPlainHttp)
    else fail(ends === undefined ? dialError(error, url.host, url.port) : brokenError(error, ends))
  }
  socket.on('error', onError)
  try {
    const sent = http.request({
      method: 'GET',
      path: url.pathAndQuery,
      headers: lines(request),
      // Go's is no stricter: a server written as a line of shell may end its lines with a bare line feed.
      insecureHTTPParser: true,
      createConnection: () => socket,
    })
    sent.on('response', (message) => {
      // Errors in the body are the reader's to see; they must not end the process when nobody reads.
      message.on('error', () => {})
      resolve({ kind: 'head', message })
    })
    sent.on('error', onError)
    sent.end()
  } catch (error) {
    // Node refuses what can't be in a request: a header's value with a line break, say.
    fail(headerError(request) ?? (error instanceof Error ? error.message : String(error)))
  }
  return {
    response: promise,
    close: () => {
      socket.destroy()
      fail('context canceled')
    },
  }
}

function connect({ scheme, host, port }: ProbeUrl): Socket {
  if (scheme === 'http') return connectTcp({ host, port })
  const servername = isIP(host) === 0 ? host : ''
  return connectTls({ host, port, servername, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
}

/** All that is sent, name and value in turn: given as a list, Node adds nothing of its own. */
function lines({ url, headers, host }: HttpGetRequest): readonly string[] {
  const all = [['Host', host ?? joinHostPort(url.host, url.port)], ...headers, ['Connection', 'close']]
  // Node writes a byte for each character, Go the bytes of UTF-8.
  return all.flat().map((text) => Buffer.from(text).toString('latin1'))
}

function headerError({ headers, host }: HttpGetRequest): string | undefined {
  const all = [...headers, ['Host', host ?? ''] as const]
  const isUnfit = (byte: number): boolean => (byte < 0x20 && byte !== 0x09) || byte === 0x7f
  const invalid = all.find(([, value]) => Buffer.from(value).some(isUnfit))
  return invalid && `net/http: invalid header field value for ${JSON.stringify(invalid[0])}`
}

/** What went wrong before a word of HTTP was said, on a connection that is there. */
function handshakeError(
  error: Error,
  { scheme }: ProbeUrl,
): { readonly message: string; readonly speaksPlainHttp: boolean } | undefined {
  if (scheme === 'https' && /wrong version number|packet length too long/u.test(error.message)) {
    return { message: 'http: server gave HTTP response to HTTPS client', speaksPlainHttp: true }
  }
  const alert = /alert ([a-z ]+)/u.exec(error.message)?.[1]
  if (alert !== undefined) return { message: `remote error: tls: ${alert.trim()}`, speaksPlainHttp: false }
  if (!codeOf(error).startsWith('HPE_')) return undefined
  const said = 'rawPacket' in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket.toString('latin1') : ''
  const firstLine = said.split(/\r?\n/u)[0] ?? ''
  const message = `net/http: HTTP/1.x transport connection broken: malformed HTTP response ${JSON.stringify(firstLine)}`
  return { message, speaksPlainHttp: false }
}

/** Node calls it a hang-up when the other side has closed without an answer, and Go the end of the file. */
function brokenError(error: Error, ends: ConnectionEnds): string {
  const isEnd =
    error.message === 'socket hang up' || /before secure TLS connection was established/u.test(error.message)
  return isEnd ? 'EOF' : readError(error, ends)
}

/** Asked for while the socket is open: afterwards it does not know them any more. */
function endsOf({ localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: Socket): ConnectionEnds {
  return { local: joinHostPort(localAddress, localPort), remote: joinHostPort(remoteAddress, remotePort) }
}
