import type { PodAction, ProcessTarget } from '../model/action.ts'
import type { ContainerId } from '../model/ids.ts'
import { containerImage } from '../model/image-user.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import { containerHash } from '../model/container-hash.ts'
import type { ObservedContainer } from '../model/observed.ts'
import { formatPod } from '../model/pod.ts'
import { namesPodIp } from '../translate/downward/field-value.ts'
import { goDuration } from '../util/go-duration.ts'
import { backOffEndsAt } from './back-off.ts'
import { imageActions, planImage } from './plan-image.ts'
import { planMountedImages } from './plan-volume-images.ts'
import type { PodFacts } from './pod-facts.ts'
import type { ContainerDecision } from './restart-decision.ts'
import type { StartStep } from './start-step.ts'

export interface StartContext {
  readonly sandboxId: ContainerId
  readonly facts: PodFacts
  /** The sandbox runs, the volumes are there, and every container before this one has been started or has failed. */
  readonly mayStart: boolean
  /** The Pod has its address: the sandbox runs, or it is on the host's network. */
  readonly hasPodIp: boolean
  readonly target?: ProcessTarget
}

/** The next step of a container that is to run and does not: wait, image, create or start. */
export function planStart(
  pod: Pod,
  container: ContainerSpec,
  decision: Extract<ContainerDecision, { kind: 'start' | 'create' }>,
  context: StartContext,
): StartStep {
  const { facts, sandboxId, mayStart } = context
  const waits =
    refusal(container, facts) ?? failure(container, decision, facts) ?? crashLoop(container, decision, facts)
  if (waits !== undefined) return { actions: [waits], onItsWay: false }

  if (decision.kind === 'start') {
    const { instance } = decision
    if (instance.sandboxId !== sandboxId || instance.hash !== containerHash(container)) {
      return { actions: [removeStale(instance)], onItsWay: true }
    }
    if (!mayStart) return { actions: [], onItsWay: true }
    return {
      actions: [{ kind: 'start-container', container, id: instance.id, reason: 'it is created' }],
      onItsWay: true,
    }
  }

  const volumes = planMountedImages(pod, container, facts)
  if (volumes !== undefined) return volumes
  const image = planImage(containerImage(container), facts)
  if (image.kind !== 'ready') {
    return imageActions(
      image,
      (reason) => ({ kind: 'ensure-image', container, reason }),
      (untilMs, { reason, message }) => wait(container, untilMs, reason, message),
    )
  }
  if (facts.volumes.kind !== 'ready' || (namesPodIp(container) && !context.hasPodIp)) {
    return { actions: [], onItsWay: true }
  }
  return {
    onItsWay: true,
    actions: [
      {
        kind: 'create-container',
        container,
        sandboxId,
        image: image.id,
        attempt: decision.attempt,
        ...(context.target === undefined ? {} : { target: context.target }),
        reason: decision.previous === undefined ? 'it has no instance' : 'its last instance ended',
      },
    ],
  }
}

function refusal(container: ContainerSpec, facts: PodFacts): PodAction | undefined {
  const message = facts.refused.get(container.name)
  return message === undefined ? undefined : wait(container, undefined, 'CreateContainerConfigError', message)
}

function failure(
  container: ContainerSpec,
  decision: Extract<ContainerDecision, { kind: 'start' | 'create' }>,
  facts: PodFacts,
): PodAction | undefined {
  const failed = facts.startFailures.get(container.name)
  if (failed === undefined || failed.retryAtMs <= facts.nowMs) return undefined
  if (failed.objectChanges !== undefined && failed.objectChanges < facts.objectChanges) return undefined
  if (failed.specChanges !== undefined && failed.specChanges < facts.specChanges) return undefined
  // Docker keeps what it could not start as an instance that has ended, and it counts as that: the first is followed at
  // once, the others by the rules of a crash loop.
  const isAnother = decision.kind === 'create' || decision.instance.id !== failed.instanceId
  if (failed.instanceId !== undefined && isAnother) return undefined
  return wait(container, failed.retryAtMs, failed.reason, failed.message)
}

/** The kubelet's doBackOff: counted from the end of the instance that is to be followed. */
function crashLoop(
  container: ContainerSpec,
  decision: Extract<ContainerDecision, { kind: 'start' | 'create' }>,
  facts: PodFacts,
): PodAction | undefined {
  if (decision.kind === 'start' || decision.previous === undefined) return undefined
  const { id, owner, state } = decision.previous
  if (state.phase !== 'exited') return undefined
  const hasFailedProbe = facts.failedProbes.has(id)
  if (facts.killedForRestart.has(id) && !hasFailedProbe) return undefined
  const backOff = facts.backOffs.get(container.name)
  const endsAtMs = backOffEndsAt(backOff, state.finishedAtMs)
  if (backOff === undefined || endsAtMs <= facts.nowMs) return undefined
  // The kubelet starts the next before it has learned of the end, so it counts from the start of this one.
  if (hasFailedProbe && state.finishedAtMs - state.startedAtMs >= backOff.delayMs) return undefined
  const pod = formatPod({ uid: owner.podUid, namespace: owner.podNamespace, name: owner.podName })
  const message = `back-off ${goDuration(backOff.delayMs)} restarting failed container=${container.name} pod=${pod}`
  return wait(container, endsAtMs, 'CrashLoopBackOff', message)
}

function removeStale(instance: ObservedContainer): PodAction {
  return {
    kind: 'remove-container',
    id: instance.id,
    containerName: instance.name,
    reason: 'it was created for another sandbox or another spec',
  }
}

function wait(container: ContainerSpec, untilMs: number | undefined, reason: string, message: string): PodAction {
  return { kind: 'wait', untilMs, waiting: { containerName: container.name, reason, message } }
}
