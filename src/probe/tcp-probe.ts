import { connect } from 'node:net'
import { KubeletError } from '../model/errors.ts'
import { longestTimerMs } from '../util/longest-timer.ts'
import { dialError, dialTimeout } from './go-network-error.ts'
import type { ProbeOutcome } from './probe-outcome.ts'

export interface TcpProbe {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

/** Success is a connection, which is closed at once (pkg/probe/tcp/tcp.go). Throws `aborted` only. */
export async function tcpProbe({ host, port, timeoutMs }: TcpProbe, signal: AbortSignal): Promise<ProbeOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<ProbeOutcome>()
  const onAbort = (): void => reject(new KubeletError('aborted', 'The probe was aborted', { cause: signal.reason }))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(
    () => resolve({ kind: 'failure', output: dialTimeout(host, port) }),
    Math.min(timeoutMs, longestTimerMs),
  )
  const socket = connect({ host, port })
  socket.on('connect', () => resolve({ kind: 'success' }))
  socket.on('error', (error) => resolve({ kind: 'failure', output: dialError(error, host, port) }))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    socket.destroy()
  }
}
