import { KubeletError } from '../../model/errors.ts'
import { offeredProtocols } from '../websocket/choose-protocol.ts'

export const portForwardProtocol = 'portforward.k8s.io'

/** What is spoken in a WebSocket for ports. */
export type PortProtocol =
  /** SPDY, as if there were no WebSocket around it; `name` is what the handshake has. */
  | { readonly kind: 'tunnel'; readonly name: string }
  /** Two channels for each port. */
  | { readonly kind: 'channels'; readonly name: string; readonly base64: boolean }

const tunnelPrefix = 'SPDY/3.1+'
const tunnelSuffix = '.k8s.io'

const channelProtocols: readonly PortProtocol[] = [
  { kind: 'channels', name: '', base64: false },
  { kind: 'channels', name: 'v4.channel.k8s.io', base64: false },
  { kind: 'channels', name: 'v4.base64.channel.k8s.io', base64: true },
]

/** Whether a tunnel is asked for: then the ports are said in it, not in the query. */
export function wantsTunnel(header: string | undefined): boolean {
  return tunnels(header).length > 0
}

/**
 * The protocol for a WebSocket by its `Sec-WebSocket-Protocol`: a tunnel wherever one is offered, else the first that there
 * is. Throws `forbidden` where there is none.
 */
export function choosePortProtocol(header: string | undefined): PortProtocol {
  const offered = offeredProtocols(header)
  const tunnelled = tunnels(header)
  if (tunnelled.length > 0) {
    const wanted = tunnelled.map((name) => name.slice(tunnelPrefix.length))
    if (wanted.includes(portForwardProtocol)) return { kind: 'tunnel', name: tunnelPrefix + portForwardProtocol }
    const both = `client supports [${wanted.join(' ')}], server accepts [${portForwardProtocol}]`
    throw forbidden(`unable to upgrade: unable to negotiate protocol: ${both}`)
  }
  const names = offered.length === 0 ? [''] : offered
  const name = names.find((one) => channelProtocols.some((known) => known.name === one))
  const protocol = channelProtocols.find((known) => known.name === name)
  if (protocol !== undefined) return protocol
  const known = channelProtocols.map((one) => one.name).filter(Boolean)
  throw forbidden(`requested protocol(s) are not supported: [${offered.join(' ')}]; supports [${known.join(' ')}]`)
}

function tunnels(header: string | undefined): readonly string[] {
  return offeredProtocols(header).filter((name) => name.startsWith(tunnelPrefix) && name.endsWith(tunnelSuffix))
}

function forbidden(message: string): KubeletError {
  return new KubeletError('forbidden', message, { status: 403 })
}
