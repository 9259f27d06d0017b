import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import { instancesOf, type ObservedContainer, type ObservedPod, type ObservedSandbox } from '../model/observed.ts'
import { initContainers, isSidecar } from '../model/pod.ts'
import { policyRestarts } from '../model/restart-policy.ts'
import type { PodFacts, VanishedInstance } from './pod-facts.ts'
import { decideContainer, vanishedComesAgain, type ContainerDecision } from './restart-decision.ts'

/** A container and what is to become of it. */
export interface Decided {
  readonly container: ContainerSpec
  readonly decision: ContainerDecision
}

/** How far the init containers of a Pod have come, and what is to become of those that matter now. */
export interface InitProgress {
  /** `done`: the regular containers may run. `failed`: they never will. */
  readonly kind: 'done' | 'in-progress' | 'failed'
  readonly decided: readonly Decided[]
}

/**
 * Which init container is next (computeInitContainerActions in pkg/kubelet/kuberuntime/kuberuntime_container.go): each
 * runs to success before the next starts, a sidecar only has to run and to be started, once. They count for one sandbox:
 * in a new one all run again. Once a regular container is there they are not looked at any more, but for sidecars, which
 * run for as long as the Pod does.
 */
export function initProgress(
  pod: Pod,
  observed: ObservedPod,
  sandboxId: ContainerId | undefined,
  facts: PodFacts,
): InitProgress {
  const sandbox = observed.sandboxes.find(({ id }) => id === sandboxId)
  const isInitialized = pod.spec.containers.some((container) => isThere(observed, container, sandboxId))
  const init = initContainers(pod)
  // What stands before one that is there has been through, even if its record is gone since, or if it is down again.
  const reached = init.findLastIndex((container) => wasMadeIn(observed, container, sandboxId))
  const hasBeenPassed = (container: ContainerSpec): boolean => isInitialized || init.indexOf(container) < reached
  const unfinished = init.flatMap((container): Decided[] => {
    const newest = instancesOf(observed, container.name)[0]
    const isPast = hasBeenPassed(container) && !isSidecar(container)
    if (isPast || hasSucceeded(container, newest, { sandbox, facts })) return []
    return [{ container, decision: decide(pod, container, newest, { sandbox, facts }) }]
  })
  // Whatever stands before it: none of that is to run again for an end that is decided.
  if (unfinished.some(({ decision }) => decision.kind === 'done')) return { kind: 'failed', decided: [] }
  const isUp = ({ container, decision }: Decided): boolean =>
    isSidecar(container) && decision.kind === 'keep' && isStarted(container, facts)
  const next = unfinished.findIndex((one) => !hasBeenPassed(one.container) && !isUp(one))
  if (next === -1) return { kind: 'done', decided: unfinished }
  return { kind: 'in-progress', decided: unfinished.slice(0, next + 1) }
}

/** A sidecar with a startup probe lets nobody pass before that has succeeded. */
function isStarted({ name }: ContainerSpec, { probes }: PodFacts): boolean {
  return probes.get(name)?.started ?? true
}

/** It has an instance in this sandbox. */
function wasMadeIn(observed: ObservedPod, container: ContainerSpec, sandboxId: ContainerId | undefined): boolean {
  return instancesOf(observed, container.name).some((instance) => instance.sandboxId === sandboxId)
}

/** Created or running in this sandbox: one that has ended may belong to the time before the sandbox was replaced. */
function isThere(observed: ObservedPod, container: ContainerSpec, sandboxId: ContainerId | undefined): boolean {
  return instancesOf(observed, container.name).some(
    (instance) => instance.sandboxId === sandboxId && instance.state.phase !== 'exited',
  )
}

interface InitContext {
  /** The one in which containers are now, or can be created. */
  readonly sandbox: ObservedSandbox | undefined
  readonly facts: PodFacts
}

function hasSucceeded(
  container: ContainerSpec,
  newest: ObservedContainer | undefined,
  { sandbox, facts }: InitContext,
): boolean {
  if (isSidecar(container)) return false
  if (newest === undefined) return hasSucceededBefore(facts.vanished.get(container.name), sandbox)
  return newest.sandboxId === sandbox?.id && newest.state.phase === 'exited' && newest.state.exitCode === 0
}

/**
 * Its record is gone, and with it the sandbox that it ran in: only the time of its end tells. In doubt it was another
 * one's, and the container runs once more.
 */
function hasSucceededBefore(vanished: VanishedInstance | undefined, sandbox: ObservedSandbox | undefined): boolean {
  if (vanished?.exitCode !== 0 || vanished.comesAgain === true) return false
  if (vanished.finishedAtMs === undefined || sandbox === undefined) return false
  return vanished.finishedAtMs > sandbox.createdAtMs
}

function decide(
  pod: Pod,
  container: ContainerSpec,
  newest: ObservedContainer | undefined,
  { sandbox, facts }: InitContext,
): ContainerDecision {
  // What ended in another sandbox says nothing of this one, and there is nothing to back off from; but a failure that was
  // final has ended the Pod, and its sandbox with it.
  if (newest?.state.phase === 'exited' && newest.sandboxId !== sandbox?.id) {
    const { exitCode } = newest.state
    if (exitCode !== 0 && !policyRestarts(pod, container, exitCode)) return { kind: 'done' }
    return { kind: 'create', attempt: newest.attempt + 1, previous: undefined }
  }
  if (isSidecar(container)) return decideContainer(pod, container, newest, facts)
  if (newest === undefined) {
    const vanished = facts.vanished.get(container.name)
    if (vanished === undefined) return { kind: 'create', attempt: 0, previous: undefined }
    // Its record is gone: what it did, it may do again, unless its failure was final.
    return vanished.exitCode === 0 || vanishedComesAgain(pod, container, vanished)
      ? { kind: 'create', attempt: vanished.attempt + 1, previous: undefined }
      : { kind: 'done' }
  }
  // A change of its image comes too late for one that runs.
  return newest.state.phase === 'running' ? { kind: 'keep' } : decideContainer(pod, container, newest, facts)
}
