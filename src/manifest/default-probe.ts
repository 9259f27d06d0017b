import type { ContainerSpec } from '../model/kube.ts'

type Probe = NonNullable<ContainerSpec['livenessProbe']>
type Lifecycle = NonNullable<ContainerSpec['lifecycle']>
type Handler = NonNullable<Lifecycle['postStart']>

/**
 * Times and thresholds of a probe, and how it asks over HTTP or gRPC. Zero and the empty
 * text are nothing, as in the API.
 */
export function defaultProbe(probe: Probe): Probe {
  return {
    ...defaultHandler(probe),
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
    ...(probe.grpc && { grpc: { service: '', ...probe.grpc } }),
  }
}

/** Path and scheme of a request over HTTP. */
export function defaultHandler<Of extends Handler | Probe>(handler: Of): Of {
  const { httpGet } = handler
  if (!httpGet) return handler
  return { ...handler, httpGet: { ...httpGet, path: httpGet.path || '/', scheme: httpGet.scheme || 'HTTP' } }
}
