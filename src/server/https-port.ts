import type { Server } from 'node:https'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import { KubeletError } from '../model/errors.ts'
import { https } from '../util/builtin-http.ts'
import { failureText } from '../util/file-error.ts'
import { Calls, type CallsOptions } from './calls.ts'
import { closeServer, cutter, listen, serverLimits, type ListenOptions, type OpenPort } from './listen.ts'

/** The certificate to serve with, and who may vouch for clients; it may change while the port is open. */
export interface ServingTls {
  readonly current: () => SecureContextOptions
  /** Calls `use` whenever it has changed, until the result is disposed. */
  readonly onChange: (use: () => void) => Disposable
  /** Why no connection can come about now, if so. */
  readonly missing?: () => string | undefined
}

export interface HttpsPortOptions extends ListenOptions, CallsOptions {
  readonly tls: ServingTls
  /** Told of each connection when its handshake is over. */
  readonly connected?: (socket: TLSSocket) => void
}

/**
 * Opens the kubelet's HTTPS port. Clients are asked for a certificate, and need not have one: the guard says who may do
 * what. Throws `configuration` for a certificate that OpenSSL will not serve with, and what `listen` throws.
 */
export async function openHttpsPort(options: HttpsPortOptions): Promise<OpenPort> {
  const { tls, log } = options
  const closing = new AbortController()
  const server = secureServer(tls)
  const cut = cutter(server)
  const calls = new Calls(options, closing.signal)
  server.on('request', (request, response) => void calls.serve(request, response))
  server.on('upgrade', (request, socket, head) => void calls.upgrade(request, socket, head))
  if (options.connected !== undefined) server.on('secureConnection', options.connected)
  server.on('tlsClientError', (error, { remoteAddress: client }) => {
    const reason = tls.missing?.()
    if (reason === undefined) log.debug('A TLS handshake failed', { client, error })
    else log.warn('A TLS handshake failed', { client, reason })
  })
  const changes = tls.onChange(() => {
    try {
      server.setSecureContext(tls.current())
    } catch (error) {
      log.error('The new certificate cannot be served with; the one before it stays in use', { error })
      return
    }
    // Whoever comes next on one of these comes by what holds now.
    server.closeIdleConnections()
  })
  const place = await listen(server, options)
  return {
    ...place,
    [Symbol.asyncDispose]: () => {
      changes[Symbol.dispose]()
      closing.abort()
      return closeServer(server, cut)
    },
  }
}

function secureServer(tls: ServingTls): Server {
  try {
    return https.createServer({
      ...tls.current(),
      requestCert: true,
      rejectUnauthorized: false,
      ...serverLimits,
      handshakeTimeout: serverLimits.headersTimeout,
    })
  } catch (error) {
    // One may be well formed and still be nothing for OpenSSL: its key is too short, its signature too weak.
    const text = `Cannot serve HTTPS with the certificate that there is: ${failureText(error)}`
    throw new KubeletError('configuration', text, { cause: error })
  }
}
