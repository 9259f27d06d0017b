import type { Engine } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec } from '../model/kube.ts'
import { execProbe } from './exec-probe.ts'
import { httpGetRequest } from './http/http-get-request.ts'
import { httpProbe } from './http/http-probe.ts'
import type { ProbeOutcome } from './probe-outcome.ts'
import type { ProbeSpec } from './probe-spec.ts'
import { resolvePort } from './resolve-port.ts'
import { tcpProbe } from './tcp-probe.ts'

/** Whom a probe asks. */
export interface ProbeTarget {
  readonly container: ContainerSpec
  readonly id: ContainerId
  /** Where a probe asks that names no host. */
  readonly podIp: string
}

export interface ProbeTools {
  readonly engine: Pick<Engine, 'exec'>
  /** `kube-probe/1.36` */
  readonly userAgent: string
}

/** How often an error is followed by another try, at once (maxProbeRetries in pkg/kubelet/prober/prober.go). */
const tries = 3

/** Asks once; an error, which says nothing of the container, up to three times. Throws `aborted` only. */
export async function runProbe(
  spec: ProbeSpec,
  target: ProbeTarget,
  tools: ProbeTools,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  for (let left = tries; ; left -= 1) {
    const outcome = await askOnce(spec, target, tools, signal)
    if (outcome.kind !== 'error' || left === 1) return outcome
  }
}

async function askOnce(
  { handler, timeoutMs }: ProbeSpec,
  { container, id, podIp }: ProbeTarget,
  { engine, userAgent }: ProbeTools,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const { exec, httpGet, tcpSocket, grpc } = handler
  try {
    if (exec !== undefined)
      return await execProbe(engine, { container, id, command: exec.command ?? [], timeoutMs }, signal)
    if (httpGet !== undefined) {
      const built = httpGetRequest(httpGet, { container, podIp, userAgent })
      if (built.kind === 'invalid') return { kind: 'error', state: 'unknown', message: built.message }
      return await httpProbe(built.request, timeoutMs, signal)
    }
    if (tcpSocket !== undefined) {
      const resolved = resolvePort(tcpSocket.port, container)
      if (resolved.kind === 'unknown') return { kind: 'error', state: 'unknown', message: resolved.message }
      return await tcpProbe({ host: tcpSocket.host || podIp, port: resolved.port, timeoutMs }, signal)
    }
    if (grpc !== undefined) {
      // Loaded where it is used: few Pods ask that way, and HTTP/2 takes memory.
      const { grpcProbe } = await import('./grpc/grpc-probe.ts')
      const { port, service = '' } = grpc
      return await grpcProbe({ host: podIp, port, service, timeoutMs, userAgent }, signal)
    }
    return { kind: 'error', state: 'unknown', message: `missing probe handler for container ${container.name}` }
  } catch (error) {
    if (signal.aborted || KubeletError.is(error, 'aborted')) throw error
    return { kind: 'error', state: 'unknown', message: KubeletError.from(error).message }
  }
}
