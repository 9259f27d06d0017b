import { connect, type ClientHttp2Session, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2'
import { setTimeout as delay } from 'node:timers/promises'
import { KubeletError } from '../../model/errors.ts'
import { goDuration } from '../../util/go-duration.ts'
import { longestTimerMs } from '../../util/longest-timer.ts'
import { joinHostPort } from '../go-network-error.ts'
import type { ProbeOutcome } from '../probe-outcome.ts'
import { grpcStatus } from './grpc-status.ts'
import { decodeHealthStatus, encodeHealthCheck } from './health-message.ts'

export interface GrpcProbe {
  readonly host: string
  readonly port: number
  /** Empty for the server as a whole. */
  readonly service: string
  readonly timeoutMs: number
  readonly userAgent: string
}

/** How long grpc-go waits before it dials again, at first; each time it is 1.6 times as long. */
const firstRedialMs = 1000
const redialFactor = 1.6

/**
 * Asks gRPC's health protocol without TLS (pkg/probe/grpc/grpc.go): success is SERVING, everything else is a failure. A
 * server that cannot be reached is tried until the time is up. Throws `aborted` only.
 */
export async function grpcProbe(probe: GrpcProbe, signal: AbortSignal): Promise<ProbeOutcome> {
  const ends = new AbortController()
  const onAbort = (): void => ends.abort(new KubeletError('aborted', 'The probe was aborted', { cause: signal.reason }))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => ends.abort(), Math.min(probe.timeoutMs, longestTimerMs))
  let session: ClientHttp2Session | undefined
  try {
    session = await dial(probe, ends.signal)
    const output = session === undefined ? notConnected(probe) : await check(session, probe, ends.signal)
    if (ends.signal.reason instanceof KubeletError) throw ends.signal.reason
    return output === undefined ? { kind: 'success' } : { kind: 'failure', output }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    session?.destroy()
  }
}

function notConnected({ host, port, timeoutMs }: GrpcProbe): string {
  const address = JSON.stringify(joinHostPort(host, port))
  return `timeout: failed to connect service ${address} within ${goDuration(timeoutMs)}: context deadline exceeded`
}

/** A connection over which the server has spoken HTTP/2; `undefined` when there is none in time. */
async function dial({ host, port }: GrpcProbe, signal: AbortSignal): Promise<ClientHttp2Session | undefined> {
  for (let waitMs = firstRedialMs; !signal.aborted; waitMs *= redialFactor) {
    const session = await dialOnce(joinHostPort(host, port), signal)
    if (session !== undefined) return session
    await delay(waitMs, undefined, { signal }).catch(() => {})
  }
  return undefined
}

async function dialOnce(address: string, signal: AbortSignal): Promise<ClientHttp2Session | undefined> {
  const { promise, resolve } = Promise.withResolvers<ClientHttp2Session | undefined>()
  const onAbort = (): void => resolve(undefined)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  const session = connect(`http://${address}`)
  session.on('error', () => resolve(undefined))
  session.on('close', () => resolve(undefined))
  // Connected is not enough: only the server's settings tell that it speaks HTTP/2.
  session.on('remoteSettings', () => resolve(session))
  try {
    const connected = await promise
    if (connected === undefined) session.destroy()
    return connected
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Makes the call; `undefined` when the service is healthy, else what is wrong with it in the kubelet's words. */
async function check(
  session: ClientHttp2Session,
  { service, timeoutMs, userAgent }: GrpcProbe,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await call(session, { service, userAgent }, signal)
  if (answer.kind === 'overdue') return `timeout: health rpc did not complete within ${goDuration(timeoutMs)}`
  const { code, message } = answer.status
  switch (code) {
    case 'OK': {
      const status = decodeHealthStatus(answer.body)
      if (status === 'SERVING') return undefined
      if (status !== undefined) return `service unhealthy (responded with ${JSON.stringify(status)})`
      return 'error: health rpc probe failed: rpc error: code = Internal desc = grpc: failed to unmarshal the received message'
    }
    case 'Unimplemented':
      return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`
    case 'DeadlineExceeded':
      return `timeout: health rpc did not complete within ${goDuration(timeoutMs)}`
    default:
      return `error: health rpc probe failed: rpc error: code = ${code} desc = ${message}`
  }
}

type Answer =
  | { readonly kind: 'overdue' }
  | { readonly kind: 'ended'; readonly status: ReturnType<typeof grpcStatus>; readonly body: Buffer }

async function call(
  session: ClientHttp2Session,
  { service, userAgent }: Pick<GrpcProbe, 'service' | 'userAgent'>,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const onAbort = (): void => resolve({ kind: 'overdue' })
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    'user-agent': userAgent,
    te: 'trailers',
  })
  let head: IncomingHttpHeaders & IncomingHttpStatusHeader = {}
  let trailers: IncomingHttpHeaders = {}
  const chunks: Buffer[] = []
  stream.on('response', (headers) => (head = headers))
  stream.on('trailers', (headers) => (trailers = headers))
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('error', () => {})
  stream.on('close', () => {
    const status =
      head[':status'] === undefined
        ? { code: 'Unavailable', message: 'connection closed before an answer was received' }
        : grpcStatus({ ...head, ...trailers }, head[':status'])
    resolve({ kind: 'ended', status, body: Buffer.concat(chunks) })
  })
  stream.end(encodeHealthCheck(service))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
