import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec, ContainerStatus, Pod, PodStatus } from '../model/kube.ts'
import { instancesOf, runningSandbox, type ObservedPod } from '../model/observed.ts'
import {
  allContainers,
  ephemeralContainers,
  hasTerminalPhase,
  initContainers,
  isSidecar,
  isStaticPod,
  usesHostNetwork,
} from '../model/pod.ts'
import { restartAll, restartUnderWay } from '../model/restart-all.ts'
import type { PodVerdict } from '../model/pod-verdict.ts'
import type { ProbeVerdicts } from '../model/probe.ts'
import type { PendingResize, ResizeProgress } from '../model/resize.ts'
import type { ResizeFacts, WaitingReason } from '../plan/pod-facts.ts'
import { qosClass } from '../translate/qos-class.ts'
import type { CgroupLimits } from '../translate/resources/cgroup-limits.ts'
import { podConditions } from './conditions.ts'
import { containerStatus, previousContainerStatus, type ContainerStatusFacts } from './container-status.ts'
import { withKeptEnds } from './kept-ends.ts'
import { notReached } from './not-reached.ts'
import { podPhase, type Phase } from './phase.ts'
import { hostIps, podIps } from './pod-ips.ts'
import { podResources } from './pod-resources.ts'
import { resizeConditions } from './resize-conditions.ts'
import { rfc3339 } from './rfc3339.ts'
import { disruption, heldBackPhase, rejectedStatus, verdictEnd } from './verdict-status.ts'

export interface StatusFacts {
  readonly nowMs: number
  /** The node's addresses, primary first. */
  readonly nodeIps: readonly string[]
  /** Why containers that should run do not, by container name. */
  readonly waiting: ReadonlyMap<string, WaitingReason>
  /** How far the images are that containers wait for, in words, by container name. */
  readonly pulling: ReadonlyMap<string, string>
  /** What the probes say of the containers that have any and run, by container name. */
  readonly probes: ReadonlyMap<string, ProbeVerdicts>
  readonly messages: ReadonlyMap<ContainerId, string>
  /** The last status: the API server's at first, then our own. */
  readonly previous: PodStatus | undefined
  /** Nothing of the Pod runs or will run again. */
  readonly podIsOver: boolean
  /** The node itself ends the Pod. */
  readonly verdict?: PodVerdict | undefined
  /** Containers that were killed in order to be started anew. */
  readonly killedForRestart: ReadonlySet<ContainerId>
  /** Containers whose postStart hook has not succeeded (yet). */
  readonly postStarts: Pick<ReadonlySet<ContainerId>, 'has'>
  /** What the Pod's cgroup is set to, where the agent has made it one. */
  readonly cgroup?: CgroupLimits | undefined
  /** Containers whose record is gone and that will not come back, see plan/restart-decision. */
  readonly vanishedForGood: ReadonlySet<string>
  /** The containers' runtime can make a mount read-only together with what is mounted beneath it. */
  readonly recursiveReadOnly?: boolean
  readonly resize: StatusResize
}

/** How it stands with what the Pod's containers have, and with what it asks for. */
export interface StatusResize extends Pick<ResizeFacts, 'containers'> {
  readonly pending: PendingResize | undefined
  readonly progress: ResizeProgress | undefined
}

/** What the termination messages of a Pod may take together, in bytes (MaxPodTerminationMessageLogLength). */
const maxMessageBytes = 12 * 1024

/** The whole status of a Pod (generateAPIPodStatus in pkg/kubelet/kubelet_pods.go). */
export function podStatus(pod: Pod, observed: ObservedPod, facts: StatusFacts): PodStatus {
  const { previous, verdict } = facts
  if (verdict?.kind === 'rejected' && facts.podIsOver) return rejectedStatus(pod, verdict, facts)
  const init = containerStatuses(pod, initContainers(pod), observed, facts)
  const ephemeral = containerStatuses(pod, ephemeralContainers(pod), observed, facts)
  const inSpecOrder = containerStatuses(pod, pod.spec.containers, observed, facts)
  const lasting = lastingPhase(pod, previous)
  const computed = lasting ?? computedPhase(pod, observed, { init, regular: inSpecOrder }, facts)
  const end = lasting === undefined ? verdictEnd(verdict, computed, facts) : undefined
  const coming = end?.coming ?? computed
  const phase = lasting ?? end?.phase ?? (mayBeTold(computed, observed) ? computed : heldBackPhase(previous))
  const statuses =
    phase === 'Succeeded' || phase === 'Failed'
      ? inSpecOrder.map((status) => ({ ...status, ready: false }))
      : inSpecOrder
  const ips = podIps(pod, observed, facts)
  const { generation } = pod.metadata
  return {
    ...(generation ? { observedGeneration: generation } : {}),
    phase,
    ...(end?.why ?? keptReason(phase, pod, previous)),
    conditions: [
      ...(facts.podIsOver ? [] : resizeConditions({ ...facts.resize, nowMs: facts.nowMs })),
      ...disruption(pod, facts),
      ...podConditions(pod, {
        phase: coming,
        init,
        statuses,
        // What is left of a Pod that is over goes at once, and this is the last that is said of it.
        restartsAll: restartAll(pod, observed, restartUnderWay(previous)).kind === 'removing',
        sandboxReady: !facts.podIsOver && hasReadySandbox(pod, observed),
        previous,
        nowMs: facts.nowMs,
      }),
    ],
    ...hostIps(facts.nodeIps),
    ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: previous?.startTime ?? rfc3339(firstSeenMs(observed, facts.nowMs)),
    qosClass: previous?.qosClass ?? qosClass(pod),
    ...podResources(pod, { phase, cgroup: facts.cgroup }),
    ...(init.length === 0 ? {} : { initContainerStatuses: withKeptEnds(pod, init, previous?.initContainerStatuses) }),
    containerStatuses: byName(withKeptEnds(pod, statuses, previous?.containerStatuses)),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: byName(ephemeral) }),
  }
}

/**
 * That a container that never ran is told to have ended with its Pod makes no difference to a static Pod, which gets no
 * phase for being over: one that was still Pending stays so (TerminatePod in pkg/kubelet/status/status_manager.go).
 */
function computedPhase(
  pod: Pod,
  observed: ObservedPod,
  { init, regular }: Record<'init' | 'regular', readonly ContainerStatus[]>,
  facts: StatusFacts,
): Phase {
  const { podIsOver } = facts
  if (!podIsOver || !isStaticPod(pod)) return podPhase(pod, { init, regular, podIsOver })
  const asSeen = (containers: readonly ContainerSpec[]): readonly ContainerStatus[] =>
    containerStatuses(pod, containers, observed, { ...facts, podIsOver: false })
  return podPhase(pod, { init: asSeen(initContainers(pod)), regular: asSeen(pod.spec.containers), podIsOver })
}

function containerStatuses(
  pod: Pod,
  containers: readonly ContainerSpec[],
  observed: ObservedPod,
  facts: StatusFacts,
): readonly ContainerStatus[] {
  const isRemoved = restartAll(pod, observed, restartUnderWay(facts.previous)).kind === 'removed'
  const messageBytes = Math.floor(maxMessageBytes / allContainers(pod).length)
  const unreached = facts.podIsOver ? notReached(pod, observed, facts.previous) : new Set<string>()
  return containers.map((container) => {
    const instances = instancesOf(observed, container.name)
    return containerStatus(container, {
      role: roleOf(pod, container),
      usualWait: initContainers(pod).length === 0 ? 'ContainerCreating' : 'PodInitializing',
      usualMessage: facts.pulling.get(container.name) ?? '',
      instances,
      probes: facts.probes.get(container.name),
      waiting: facts.waiting.get(container.name),
      previous: previousContainerStatus(facts.previous, container.name),
      messages: facts.messages,
      messageBytes,
      killedForRestart: instances[0] !== undefined && facts.killedForRestart.has(instances[0].id),
      isInitialized: pod.spec.containers.some(({ name }) => instancesOf(observed, name).length > 0),
      removedForRestart: isRemoved && !facts.podIsOver && roleOf(pod, container) !== 'ephemeral',
      isStarting: instances[0] !== undefined && facts.postStarts.has(instances[0].id),
      amounts: instances[0] && (facts.resize.containers.get(instances[0].id) ?? instances[0].made),
      podIsOver: facts.podIsOver && !unreached.has(container.name),
      vanishedForGood: facts.vanishedForGood.has(container.name),
      recursiveReadOnly: facts.recursiveReadOnly === true,
    })
  })
}

function byName(statuses: readonly ContainerStatus[]): readonly ContainerStatus[] {
  return statuses.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function roleOf(pod: Pod, container: ContainerSpec): ContainerStatusFacts['role'] {
  if (ephemeralContainers(pod).includes(container)) return 'ephemeral'
  return initContainers(pod).includes(container) && !isSidecar(container) ? 'init' : 'regular'
}

/** A sandbox without an IP has no network yet, or none any more. */
function hasReadySandbox(pod: Pod, observed: ObservedPod): boolean {
  const sandbox = runningSandbox(observed)
  return sandbox !== undefined && (usesHostNetwork(pod) || sandbox.ips.length > 0)
}

/**
 * A Pod that has ended stays as it ended, by our word or by somebody else's, whatever its
 * containers look like afterwards.
 */
function lastingPhase(pod: Pod, previous: PodStatus | undefined): Phase | undefined {
  if (isStaticPod(pod)) return undefined
  return [previous?.phase, pod.status?.phase].find((phase) => phase === 'Succeeded' || phase === 'Failed')
}

/** That a Pod has ended is not told while anything of it runs: whoever reads it may take its place, or its volumes. */
function mayBeTold(phase: Phase, observed: ObservedPod): boolean {
  const isTerminal = phase === 'Succeeded' || phase === 'Failed'
  return !isTerminal || observed.containers.every(({ state }) => state.phase !== 'running')
}

/** Reason and message belong to the phase that they were given with; whoever else ended the Pod may have given them. */
function keptReason(phase: Phase, pod: Pod, previous: PodStatus | undefined): Pick<PodStatus, 'reason' | 'message'> {
  const given = previous?.phase === phase ? previous : hasTerminalPhase(pod) ? pod.status : undefined
  return {
    ...(given?.reason ? { reason: given.reason } : {}),
    ...(given?.message ? { message: given.message } : {}),
  }
}

/** A static Pod's start, found again after a restart of the agent: when its first sandbox that is left was made. */
function firstSeenMs(observed: ObservedPod, nowMs: number): number {
  return Math.min(nowMs, ...observed.sandboxes.map((sandbox) => sandbox.createdAtMs))
}
