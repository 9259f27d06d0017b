/** Who may come in on the HTTPS port, put together from what the agent was told. */
import type { TLSSocket } from 'node:tls'
import type { Cluster } from '../../cluster/cluster.ts'
import type { ServerAuthConfig } from '../../config/config.ts'
import { KubeletError } from '../../model/errors.ts'
import type { Logger } from '../../util/log.ts'
import type { Guard } from '../route.ts'
import { Authenticator } from './authenticator.ts'
import { KnownTokens } from './known-tokens.ts'
import { NodeAccess } from './node-access.ts'
import { PeerCertificates } from './peer-certificate.ts'

export interface NodeAuthOptions {
  readonly config: ServerAuthConfig
  readonly nodeName: string
  /** `undefined` without an API server: no token is known then, and the mode must not be Webhook. */
  readonly cluster: Pick<Cluster, 'reviewToken' | 'reviewAccess'> | undefined
  /** The CAs whose client certificates count now, PEM; `undefined` when none do. */
  readonly clientCa: () => string | undefined
  readonly log: Logger
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

export interface NodeAuth {
  readonly guard: Guard
  /** To be told of each connection when its handshake is over. */
  readonly connected: (socket: TLSSocket) => void
}

/** Throws `configuration` when the API server is to be asked and there is none. */
export function nodeAuth({ config, nodeName, cluster, clientCa, log, signal }: NodeAuthOptions): NodeAuth {
  const certificates = new PeerCertificates(clientCa)
  const tokens =
    config.tokenWebhook && cluster !== undefined
      ? new KnownTokens({ cluster, cacheTtlMs: config.tokenCacheTtlMs, signal })
      : undefined
  const { anonymous, mode } = config
  const onFault = (error: KubeletError): void => {
    if (error.code === 'unauthorized') log.debug('Credentials of a caller do not do', { error })
    else log.warn('Whose credentials a caller has could not be found out', { error })
  }
  const authenticator = new Authenticator({ certificates, tokens, anonymous, onFault })
  const access =
    mode === 'AlwaysAllow' ? undefined : new NodeAccess({ ...config, nodeName, cluster: required(cluster), signal })
  const guard: Guard = async (request, path, requestSignal) => {
    try {
      const caller = await authenticator.authenticate(request, requestSignal)
      await access?.require(caller, request.method ?? '', decoded(path), requestSignal)
      return { kind: 'allowed' }
    } catch (error) {
      const fault = KubeletError.from(error)
      if (fault.status === 500) log.warn(fault.message, { error: fault.cause })
      // Whatever else it is, it is nobody's to know who may not come in.
      return { kind: 'refused', status: fault.status ?? 500, body: fault.status === undefined ? '' : fault.message }
    }
  }
  return { guard, connected: (socket) => certificates.connected(socket) }
}

/** As Go decodes a path, before anybody looks at it. One that cannot be decoded is no route's. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Nobody may be let in because there is nobody to ask. */
function required<Part>(cluster: Part | undefined): Part {
  if (cluster !== undefined) return cluster
  const message = 'Cannot ask what callers may do (--authorization-mode Webhook) without --kubeconfig'
  throw new KubeletError('configuration', message)
}
