import type { ContainerSpec } from '../model/kube.ts'

type Probe = NonNullable<ContainerSpec['livenessProbe']>
type Lifecycle = NonNullable<ContainerSpec['lifecycle']>
type Handler = NonNullable<Lifecycle['postStart']>

/** Times and thresholds of a probe, and how it asks over HTTP or gRPC. */
export function defaultProbe(probe: Probe): Probe {
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...defaultHandler(probe),
    ...(probe.grpc && { grpc: { service: '', ...probe.grpc } }),
  }
}

/** Path and scheme of a request over HTTP. */
export function defaultHandler<Of extends Handler | Probe>(handler: Of): Of {
  return handler.httpGet ? { ...handler, httpGet: { path: '/', scheme: 'HTTP', ...handler.httpGet } } : handler
}
