import type { PodAction, ProcessTarget } from '../model/action.ts'
import type { ContainerId } from '../model/ids.ts'
import type { EphemeralContainerSpec, Pod } from '../model/kube.ts'
import { instancesOf, type ObservedContainer, type ObservedPod } from '../model/observed.ts'
import { ephemeralContainers } from '../model/pod.ts'
import { planStart } from './plan-start.ts'
import type { PodFacts } from './pod-facts.ts'

export interface EphemeralContext {
  readonly sandboxId: ContainerId
  readonly facts: PodFacts
  /** The sandbox runs and the volumes are there. */
  readonly mayStart: boolean
  readonly hasPodIp: boolean
}

/**
 * The next steps of a Pod's ephemeral containers. Each is started once, whatever the others do and however far the init
 * containers have come, and holds up nobody; once it has run it is left alone (computePodActions in pkg/kubelet/
 * kuberuntime/kuberuntime_manager.go).
 */
export function planEphemeral(pod: Pod, observed: ObservedPod, context: EphemeralContext): readonly PodAction[] {
  return ephemeralContainers(pod).flatMap((container) => {
    const newest = instancesOf(observed, container.name)[0]
    if (newest === undefined ? context.facts.vanished.has(container.name) : newest.state.phase !== 'created') return []
    const target = targetOf(container, observed)
    return planStart(pod, container, decisionFor(newest), { ...context, ...(target === undefined ? {} : { target }) })
      .actions
  })
}

function decisionFor(newest: ObservedContainer | undefined): Parameters<typeof planStart>[2] {
  return newest === undefined
    ? { kind: 'create', attempt: 0, previous: undefined }
    : { kind: 'start', instance: newest }
}

function targetOf({ targetContainerName }: EphemeralContainerSpec, observed: ObservedPod): ProcessTarget | undefined {
  if (!targetContainerName) return undefined
  return { containerName: targetContainerName, id: instancesOf(observed, targetContainerName)[0]?.id }
}
