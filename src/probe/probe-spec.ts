import type { ContainerSpec } from '../model/kube.ts'
import { probeOf, type ProbeType } from '../model/probe.ts'

/** How a probe asks: one of `exec`, `httpGet`, `tcpSocket` and `grpc`. */
export type ProbeHandler = Pick<NonNullable<ContainerSpec['livenessProbe']>, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'>

/** A probe as the agent goes by it: every default filled in, times in milliseconds. */
export interface ProbeSpec {
  readonly type: ProbeType
  readonly handler: ProbeHandler
  /** Counted from the start of the container. */
  readonly initialDelayMs: number
  readonly periodMs: number
  readonly timeoutMs: number
  /** So many in a row, and the verdict changes. */
  readonly successThreshold: number
  readonly failureThreshold: number
}

/** The container's probe of this type, if it has one. The API server and the manifests fill in the same defaults. */
export function probeSpec(container: ContainerSpec, type: ProbeType): ProbeSpec | undefined {
  const probe = probeOf(container, type)
  if (probe === undefined) return undefined
  return {
    type,
    handler: probe,
    initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1000,
    periodMs: (probe.periodSeconds || 10) * 1000,
    timeoutMs: (probe.timeoutSeconds || 1) * 1000,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  }
}
