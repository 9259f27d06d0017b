import { STATUS_CODES } from 'node:http'
import { KubeletError } from '../../model/errors.ts'
import type { Upgrade } from '../upgrade.ts'
import { acceptSpdy, type SpdyConnection, type SpdyOptions } from './connection.ts'
import { negotiate, type Negotiation } from './negotiate.ts'

/**
 * The one of `protocols` that a request for SPDY/3.1 gets. Throws `invalid` for what is no such request, with nothing
 * written, and `forbidden` when there is no protocol that both sides know: then the answer has been written, since it has
 * headers that say what there is.
 */
export function agreedProtocol({ request, socket }: Upgrade, protocols: readonly string[]): string {
  const result = negotiate(request.rawHeaders, protocols)
  if (result.kind === 'refused') throw refuse(result, socket)
  return result.protocol
}

/** Answers a request for SPDY/3.1 with it. */
export function switchToSpdy(
  { socket, head, signal }: Upgrade,
  protocol: string,
  options: Omit<SpdyOptions, 'signal'>,
): SpdyConnection {
  const headers = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${protocol}`]
  socket.write(answer(101, headers.join('\r\n')))
  return acceptSpdy(socket, head, { ...options, signal })
}

type Refusal = Extract<Negotiation, { kind: 'refused' }>

function refuse({ status, message, accepted }: Refusal, socket: Upgrade['socket']): KubeletError {
  const body = `${message}\n`
  if (status === 400) return new KubeletError('invalid', body, { status })
  const headers = [
    ...accepted.map((protocol) => `X-Accepted-Stream-Protocol-Versions: ${protocol}`),
    'Content-Type: text/plain; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(answer(status, headers.join('\r\n')) + body)
  return new KubeletError('forbidden', message, { status })
}

function answer(status: number, headers: string): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n`
}
