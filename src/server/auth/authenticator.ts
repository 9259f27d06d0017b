import type { IncomingMessage } from 'node:http'
import type { Caller } from '../../model/access.ts'
import { KubeletError } from '../../model/errors.ts'
import { bearerToken, protocolToken } from './bearer-token.ts'
import { anonymous, authenticated } from './callers.ts'
import type { KnownTokens } from './known-tokens.ts'
import type { PeerCertificates } from './peer-certificate.ts'
import { notAuthenticated } from './refusals.ts'

export interface AuthenticatorOptions {
  readonly certificates: PeerCertificates
  /** `undefined` where tokens count for nothing. */
  readonly tokens: KnownTokens | undefined
  /** Whether who shows nothing at all is let in as `system:anonymous`. */
  readonly anonymous: boolean
  /** Told why credentials that were shown did not do. */
  readonly onFault: (error: KubeletError) => void
}

/**
 * Finds out who sends a request: by certificate, by token, or as nobody in particular. The first that says who it is counts;
 * who shows something that does not hold is never taken for anonymous. Rule: cmd/kubelet/app/auth.go.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions

  constructor(options: AuthenticatorOptions) {
    this.#options = options
  }

  /**
   * The caller. Takes the token out of the request's headers, so that nothing behind this ever sees it. Throws the 401
   * of the kubelet, and `aborted` when `signal` fires.
   */
  async authenticate(request: IncomingMessage, signal: AbortSignal): Promise<Caller> {
    let isRefused = false
    for (const way of [byCertificate, byHeader, byProtocol]) {
      try {
        const caller = await way(request, this.#options, signal)
        if (caller !== undefined) return authenticated(caller)
      } catch (error) {
        if (signal.aborted) throw error
        isRefused = true
        this.#options.onFault(KubeletError.from(error))
      }
    }
    if (this.#options.anonymous && !isRefused) return anonymous
    throw notAuthenticated()
  }
}

type Way = (request: IncomingMessage, options: AuthenticatorOptions, signal: AbortSignal) => Promise<Caller | undefined>

const byCertificate: Way = async ({ socket }, { certificates }) => certificates.callerOf(socket, Date.now())

const byHeader: Way = async ({ headers }, { tokens }, signal) => {
  const token = bearerToken(headers.authorization)
  if (token === undefined || tokens === undefined) return undefined
  const caller = await tokens.callerOf(token, signal)
  delete headers.authorization
  return caller
}

const byProtocol: Way = async ({ headers }, { tokens }, signal) => {
  if (tokens === undefined || headers.upgrade?.toLowerCase() !== 'websocket') return undefined
  const found = protocolToken(headers['sec-websocket-protocol'])
  switch (found.kind) {
    case 'none':
      return undefined
    case 'fault':
      throw new KubeletError('unauthorized', found.message)
    case 'token': {
      const caller = await tokens.callerOf(found.token, signal)
      headers['sec-websocket-protocol'] = found.others
      return caller
    }
    default:
      return found satisfies never
  }
}
