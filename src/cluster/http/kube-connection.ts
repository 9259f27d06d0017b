import type * as Http from 'node:http'
import * as https from 'node:https'
import { createSecureContext, type SecureContext } from 'node:tls'
import { KubeletError } from '../../model/errors.ts'
import { http } from '../../util/builtin-http.ts'
import type { ApiCredentials } from '../kubeconfig/api-credentials.ts'

/**
 * Which sockets a request goes over. `bulk` requests share a bounded number and wait for each other; `express` is for
 * watches, which hold a socket, and for heartbeats, which must not wait behind anything. `review` is for questions about
 * those who call this node: however many come, they hold up neither Pods nor heartbeats, nor the other way round.
 */
export type Lane = 'bulk' | 'express' | 'review'

/** The head of a request. */
export interface RequestHead {
  readonly method: string
  /** Path and query, with a slash at its start. */
  readonly path: string
  readonly lane: Lane
  readonly headers: Readonly<Record<string, string>>
}

/** Sockets for one set of credentials. */
export interface KubeConnection {
  readonly credentials: ApiCredentials
  /** Sends the head of a request; the caller writes the body. */
  open(head: RequestHead, signal: AbortSignal): Http.ClientRequest
  /** Closes the sockets that carry no request now. */
  dropIdle(): void
}

const bulkSockets = 8
const reviewSockets = 4
/** Shorter than the 90 s after which the API server closes an idle connection, so that we never write into that. */
const idleLimitMs = 60_000
/** The kernel probes a silent socket after this long, and gives up 10 s later (libuv: ten probes, one a second). */
const keepAliveDelayMs = 15_000

/** Throws `configuration` for certificates that can't be read and for a proxy that can't be used. */
export function kubeConnection(credentials: ApiCredentials): KubeConnection {
  const base = new URL(credentials.server)
  const secure = base.protocol === 'https:'
  const agents = secure ? httpsAgents(credentials) : httpAgents(credentials)
  const send = secure ? https.request : http.request
  const prefix = base.pathname === '/' ? '' : base.pathname
  const address = {
    // URL keeps the brackets of an IPv6 address; sockets want none.
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port === '' ? base.protocol.replace('https:', '443').replace('http:', '80') : base.port,
  }
  return {
    credentials,
    open: ({ method, path, lane, headers }, signal) => {
      const request = send({
        ...address,
        method,
        path: prefix + path,
        agent: agents[lane],
        headers: { ...credentials.headers, ...headers },
        signal,
      })
      request.setSocketKeepAlive(true, keepAliveDelayMs)
      return request
    },
    dropIdle: () => {
      for (const agent of [agents.bulk, agents.express, agents.review]) {
        for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
      }
    },
  }
}

type Agents = Readonly<Record<Lane, Http.Agent>>

function httpAgents(credentials: ApiCredentials): Agents {
  const options = agentOptions(credentials)
  return {
    bulk: new http.Agent({ ...options, maxSockets: bulkSockets }),
    express: new http.Agent(options),
    review: new http.Agent({ ...options, maxSockets: reviewSockets }),
  }
}

function httpsAgents(credentials: ApiCredentials): Agents {
  const options: https.AgentOptions = {
    ...agentOptions(credentials),
    // Made once: the certificates would be parsed again for each connection.
    secureContext: secureContext(credentials),
    rejectUnauthorized: !credentials.insecureSkipTlsVerify,
    ...(credentials.tlsServerName === undefined ? {} : { servername: credentials.tlsServerName }),
  }
  return {
    bulk: new https.Agent({ ...options, maxSockets: bulkSockets }),
    express: new https.Agent(options),
    review: new https.Agent({ ...options, maxSockets: reviewSockets }),
  }
}

function agentOptions(credentials: ApiCredentials): Http.AgentOptions {
  return {
    keepAlive: true,
    keepAliveMsecs: keepAliveDelayMs,
    timeout: idleLimitMs,
    // The socket used last is the one least likely to be dead; the others grow old and are closed.
    scheduling: 'lifo',
    proxyEnv: proxyEnvironment(credentials.proxyUrl),
  }
}

/** The kubeconfig's proxy, else the environment's as client-go reads it: never for this machine itself. */
function proxyEnvironment(proxyUrl: string | undefined): NodeJS.ProcessEnv {
  if (proxyUrl !== undefined) {
    if (/^https?:\/\//.test(proxyUrl)) return { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl }
    throw new KubeletError(
      'configuration',
      `Cannot use proxy-url "${proxyUrl}" of the kubeconfig: only http and https proxies work`,
    )
  }
  const { HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy, NO_PROXY, no_proxy } = process.env
  return {
    HTTP_PROXY: http_proxy ?? HTTP_PROXY,
    HTTPS_PROXY: https_proxy ?? HTTPS_PROXY,
    NO_PROXY: [no_proxy ?? NO_PROXY ?? '', 'localhost', '127.0.0.1', '::1'].filter((host) => host !== '').join(','),
  }
}

function secureContext({ ca, certificate, key }: ApiCredentials): SecureContext {
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new KubeletError(
      'configuration',
      `Cannot use the certificates that the kubeconfig (--kubeconfig) names: ${reason}; check that they are PEM and belong together`,
      { cause: error },
    )
  }
}
