import type { SpdyOptions } from '../spdy/connection.ts'
import type { Upgrade } from '../upgrade.ts'
import { choosePortProtocol, portForwardProtocol } from './choose-protocol.ts'
import type { PortForward } from './port-forward.ts'
import { refusalOf } from './stream-headers.ts'

/**
 * Answers a request to forward ports, in whatever protocol it asks for, and serves it until its client has gone. `ports`
 * are those of a request for channels. Throws `KubeletError` with the status and text of the answer where nothing has been
 * written yet. Each protocol is loaded when somebody speaks it.
 */
export async function servePortForward(
  upgrade: Upgrade,
  ports: readonly number[],
  options: PortForward,
): Promise<void> {
  if (upgrade.request.headers.upgrade?.toLowerCase() === 'websocket') {
    await serveWebSocket(upgrade, ports, options)
  } else {
    await serveSpdy(upgrade, options)
  }
}

async function serveWebSocket(upgrade: Upgrade, ports: readonly number[], options: PortForward): Promise<void> {
  const protocol = choosePortProtocol(upgrade.request.headers['sec-websocket-protocol'])
  const { acceptWebSocket } = await import('../websocket/accept-web-socket.ts')
  switch (protocol.kind) {
    case 'channels': {
      const { forwardChannels } = await import('./port-channels.ts')
      const webSocket = await acceptWebSocket(upgrade, protocol.name)
      await forwardChannels(webSocket, { ...options, ports, base64: protocol.base64 })
      break
    }
    case 'tunnel': {
      const [{ forwardStreams }, { acceptSpdy }, { TunnelSocket }] = await Promise.all([
        import('./spdy-forwards.ts'),
        import('../spdy/connection.ts'),
        import('../websocket/tunnel-socket.ts'),
      ])
      const tunnel = new TunnelSocket(await acceptWebSocket(upgrade, protocol.name))
      const connection = acceptSpdy(tunnel, Buffer.alloc(0), spdyOptions(options, upgrade))
      await forwardStreams(connection, options)
      break
    }
    default:
      protocol satisfies never
  }
}

async function serveSpdy(upgrade: Upgrade, options: PortForward): Promise<void> {
  const [{ forwardStreams }, { agreedProtocol, switchToSpdy }] = await Promise.all([
    import('./spdy-forwards.ts'),
    import('../spdy/upgrade-to-spdy.ts'),
  ])
  const protocol = agreedProtocol(upgrade, [portForwardProtocol])
  await forwardStreams(switchToSpdy(upgrade, protocol, spdyOptions(options, upgrade)), options)
}

function spdyOptions({ idleTimeoutMs }: PortForward, { signal }: Upgrade): SpdyOptions {
  return { idleTimeoutMs, signal, refuse: refusalOf }
}
