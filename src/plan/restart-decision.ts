import type { ContainerSpec, Pod } from '../model/kube.ts'
import type { ObservedContainer } from '../model/observed.ts'
import {
  allContainers,
  ephemeralContainers,
  initContainers,
  minimumGraceSeconds,
  restartPolicy,
  stopGraceSeconds,
} from '../model/pod.ts'
import { probeOf } from '../model/probe.ts'
import { policyRestarts } from '../model/restart-policy.ts'
import { containerHash } from '../model/container-hash.ts'
import type { PodFacts, VanishedInstance } from './pod-facts.ts'
import { dueContainer } from './resize/due-resizes.ts'

/** What is to become of one container of the spec, given its newest instance. */
export type ContainerDecision =
  /** It runs, or may run on, as it is. */
  | { readonly kind: 'keep' }
  /** It runs, and its postStart hook has not returned. */
  | { readonly kind: 'starting' }
  /** It has ended for good. */
  | { readonly kind: 'done' }
  /** Its end is due, or under way; the fields are those of a KillOrder. */
  | {
      readonly kind: 'kill'
      readonly instance: ObservedContainer
      readonly graceSeconds: number
      readonly message: string
      readonly thenRestart: boolean
      readonly reason: string
    }
  /** Created in this sandbox and never started. */
  | { readonly kind: 'start'; readonly instance: ObservedContainer }
  /** A new instance is due; `previous` is the one it follows. */
  | { readonly kind: 'create'; readonly attempt: number; readonly previous: ObservedContainer | undefined }

/**
 * Decides for one container (computePodActions and ShouldContainerBeRestarted of the kubelet): a running one stays
 * unless its definition changed or a probe has failed; one that ended comes again if its policy says so, or if it was
 * killed to be replaced.
 */
export function decideContainer(
  pod: Pod,
  container: ContainerSpec,
  newest: ObservedContainer | undefined,
  facts: PodFacts,
): ContainerDecision {
  if (newest === undefined) return decideWithoutRecord(pod, container, facts.vanished.get(container.name))
  switch (newest.state.phase) {
    case 'running':
      return decideRunning(pod, container, newest, facts)
    case 'created':
      return { kind: 'start', instance: newest }
    case 'exited':
      return facts.killedForRestart.has(newest.id) || policyRestarts(pod, container, newest.state.exitCode)
        ? { kind: 'create', attempt: newest.attempt + 1, previous: newest }
        : { kind: 'done' }
    default:
      return newest.state satisfies never
  }
}

function decideRunning(
  pod: Pod,
  container: ContainerSpec,
  instance: ObservedContainer,
  facts: PodFacts,
): ContainerDecision {
  const begun = facts.kills.get(instance.id)
  // What has been begun is brought to its end, even if nothing would begin it any more.
  if (begun !== undefined) return { kind: 'kill', instance, ...begun.order }
  const isSidecar = isInit(pod, container)
  const cause = killCause(container, instance, { failed: facts.probes.get(container.name)?.failed, isSidecar })
  if (cause === undefined && dueContainer(pod, container, { instance, facts })?.change.kind === 'restart') {
    const message = `Container ${container.name} resize requires restart`
    const reason = 'it is to have something else, and wants to be started anew for that'
    return { kind: 'kill', instance, graceSeconds: stopGraceSeconds(pod), message, thenRestart: true, reason }
  }
  if (cause === undefined) return decidePostStart(pod, instance, facts)
  const thenRestart = cause === 'definition' || isSidecar || isRestarted(pod, container)
  const what = cause === 'definition' ? 'definition changed' : `failed ${cause} probe`
  return {
    kind: 'kill',
    instance,
    graceSeconds: cause === 'definition' ? stopGraceSeconds(pod) : probeGraceSeconds(pod, container, cause),
    message: isSidecar
      ? `Init container ${container.name} ${what}`
      : `Container ${container.name} ${what}${thenRestart ? ', will be restarted' : ''}`,
    thenRestart,
    reason: cause === 'definition' ? 'its definition changed' : `it failed its ${cause} probe`,
  }
}

/** A container whose postStart hook runs is not there yet, and one whose hook has failed is to go. */
function decidePostStart(pod: Pod, instance: ObservedContainer, { postStarts }: PodFacts): ContainerDecision {
  const postStart = postStarts.get(instance.id)
  if (postStart === undefined) return { kind: 'keep' }
  switch (postStart.kind) {
    case 'running':
      return { kind: 'starting' }
    case 'failed': {
      const message = 'FailedPostStartHook'
      const reason = 'its postStart hook failed'
      return { kind: 'kill', instance, graceSeconds: stopGraceSeconds(pod), message, thenRestart: false, reason }
    }
    default:
      return postStart.kind satisfies never
  }
}

type KillCause = 'definition' | 'liveness' | 'startup'

interface CauseFacts {
  readonly failed: 'liveness' | 'startup' | undefined
  readonly isSidecar: boolean
}

/** Of a sidecar its startup is looked at before its definition, of any other container its definition first. */
function killCause(
  container: ContainerSpec,
  instance: ObservedContainer,
  { failed, isSidecar }: CauseFacts,
): KillCause | undefined {
  if (isSidecar && failed === 'startup') return 'startup'
  return instance.hash === containerHash(container) ? failed : 'definition'
}

/** The container's own policy, else the Pod's: it has not ended, so there is no exit code that rules could be for. */
function isRestarted(pod: Pod, container: ContainerSpec): boolean {
  return (container.restartPolicy || restartPolicy(pod)) !== 'Never'
}

function probeGraceSeconds(pod: Pod, container: ContainerSpec, type: 'liveness' | 'startup'): number {
  const own = probeOf(container, type)?.terminationGracePeriodSeconds
  return own === undefined ? stopGraceSeconds(pod) : Math.max(minimumGraceSeconds, own)
}

function isInit(pod: Pod, container: ContainerSpec): boolean {
  return initContainers(pod).includes(container)
}

/** Docker knows no instance: either there never was one, or its record was removed behind the agent's back. */
function decideWithoutRecord(
  pod: Pod,
  container: ContainerSpec,
  vanished: VanishedInstance | undefined,
): ContainerDecision {
  if (vanished === undefined) return { kind: 'create', attempt: 0, previous: undefined }
  if (!vanishedComesAgain(pod, container, vanished)) return { kind: 'done' }
  return { kind: 'create', attempt: vanished.attempt + 1, previous: undefined }
}

/** Whether a container whose record is gone is started once more. */
export function vanishedComesAgain(pod: Pod, container: ContainerSpec, vanished: VanishedInstance): boolean {
  return vanished.comesAgain === true || policyRestarts(pod, container, vanished.exitCode)
}

/** Containers whose record is gone and that are not started again; an init container that has succeeded is none of them. */
export function vanishedForGood(pod: Pod, vanished: PodFacts['vanished']): ReadonlySet<string> {
  const init = initContainers(pod)
  const gone = allContainers(pod).filter((container) => {
    const instance = vanished.get(container.name)
    if (instance === undefined || (init.includes(container) && instance.exitCode === 0)) return false
    return !vanishedComesAgain(pod, container, instance)
  })
  // An ephemeral container runs once.
  const seen = ephemeralContainers(pod).filter(({ name }) => vanished.has(name))
  return new Set([...gone, ...seen].map(({ name }) => name))
}
