import { KubeletError } from '../../model/errors.ts'
import type { StatusForm } from '../command-status.ts'
import type { MessageFormat } from './channel-messages.ts'

export interface ChannelProtocol {
  /** As the handshake has it; empty where the client names none. */
  readonly name: string
  readonly format: MessageFormat
  readonly status: StatusForm
}

const closing = 'v5.channel.k8s.io'

const binary: MessageFormat = { base64: false, closes: false }
const base64: MessageFormat = { base64: true, closes: false }

/** In WebSockets there never was a 2 or 3. */
const protocols: readonly ChannelProtocol[] = [
  { name: '', format: binary, status: 'text' },
  { name: 'channel.k8s.io', format: binary, status: 'text' },
  { name: 'base64.channel.k8s.io', format: base64, status: 'text' },
  { name: 'v4.channel.k8s.io', format: binary, status: 'short' },
  { name: 'v4.base64.channel.k8s.io', format: base64, status: 'short' },
  { name: closing, format: { base64: false, closes: true }, status: 'full' },
]

/** The protocols that a `Sec-WebSocket-Protocol` header offers, in the client's order; none without the header. */
export function offeredProtocols(header: string | undefined): readonly string[] {
  const text = header?.trim() ?? ''
  return text === '' ? [] : text.split(',').map((name) => name.trim())
}

/**
 * The protocol for a command's WebSocket: the fifth wherever it is offered, else the first of the client's that there is.
 * Throws `forbidden` when there is none.
 */
export function chooseProtocol(header: string | undefined): ChannelProtocol {
  const offered = offeredProtocols(header)
  const wanted = offered.length === 0 ? [''] : offered
  const name = wanted.includes(closing) ? closing : wanted.find((one) => protocols.some((known) => known.name === one))
  const protocol = protocols.find((known) => known.name === name)
  if (protocol !== undefined) return protocol
  const known = protocols.map((one) => one.name).filter(Boolean)
  throw new KubeletError(
    'forbidden',
    `requested protocol(s) are not supported: [${offered.join(' ')}]; supports [${known.join(' ')}]`,
    { status: 403 },
  )
}
