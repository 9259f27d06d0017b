import type { ContainerId } from './ids.ts'
import type { ContainerSpec } from './kube.ts'

/** A container's probes, in the order in which they matter. */
export const probeTypes = ['startup', 'liveness', 'readiness'] as const

export type ProbeType = (typeof probeTypes)[number]

/** What the probes of a container say of its running instance. Without any it is started and ready while it runs. */
export interface ProbeVerdicts {
  /** The instance that they speak of. */
  readonly id: ContainerId
  /** Its startup probe has succeeded, or it has none. */
  readonly started: boolean
  /** It is started, and its readiness probe succeeds, or it has none. */
  readonly ready: boolean
  /** The probe that has failed so often that the instance is to be killed. */
  readonly failed: 'startup' | 'liveness' | undefined
}

type ProbeSpecs = Pick<ContainerSpec, 'startupProbe' | 'livenessProbe' | 'readinessProbe'>

/** The probe of this type as the spec has it. */
export function probeOf(container: ProbeSpecs, type: ProbeType): ContainerSpec['livenessProbe'] {
  switch (type) {
    case 'startup':
      return container.startupProbe
    case 'liveness':
      return container.livenessProbe
    case 'readiness':
      return container.readinessProbe
    default:
      return type satisfies never
  }
}

export function hasProbes(container: ContainerSpec): boolean {
  return probeTypes.some((type) => probeOf(container, type) !== undefined)
}
