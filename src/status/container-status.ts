import type { ContainerAmounts } from '../model/allocation.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec, ContainerStatus, PodStatus, VolumeMountSpec } from '../model/kube.ts'
import type { ObservedContainer } from '../model/observed.ts'
import { allContainerStatuses } from '../model/pod.ts'
import type { ProbeVerdicts } from '../model/probe.ts'
import { restartingAllContainers } from '../model/restart-all.ts'
import { isRecursiveReadOnly } from '../translate/recursive-read-only.ts'
import type { WaitingReason } from '../plan/pod-facts.ts'
import { resourcesStatus, toldResources } from './resources-status.ts'
import { rfc3339 } from './rfc3339.ts'

export interface ContainerStatusFacts {
  /** An `init` container runs to its end; a sidecar counts as `regular`. An `ephemeral` one is never ready or started. */
  readonly role: 'regular' | 'init' | 'ephemeral'
  /** What a container waits for when nothing holds it up: `ContainerCreating`, or `PodInitializing`. */
  readonly usualWait: string
  /** What more there is to say of it then: how far its image is. Most often empty. */
  readonly usualMessage: string
  /** The container's instances, newest first. */
  readonly instances: readonly ObservedContainer[]
  /** What its probes say; `undefined` where it has none, or does not run. */
  readonly probes: ProbeVerdicts | undefined
  /** Why it is not running although it should be; `undefined` when nothing holds it up. */
  readonly waiting: WaitingReason | undefined
  /** What its last status said. */
  readonly previous: ContainerStatus | undefined
  /** Termination messages that were read, by instance. */
  readonly messages: ReadonlyMap<ContainerId, string>
  /** What one message may take of the Pod's status, in bytes. */
  readonly messageBytes: number
  /** Its newest instance was killed in order to be started anew: an end that must not count as the container's. */
  readonly killedForRestart: boolean
  /** Its instances were removed in order to start all containers of the Pod anew. */
  readonly removedForRestart?: boolean
  /** An instance of a regular container is there: whatever came before it has ended well. */
  readonly isInitialized?: boolean
  /** Its newest instance counts as starting although it runs: its postStart hook has not succeeded. */
  readonly isStarting?: boolean
  /** What its newest instance has been given in fact, as far as is known. */
  readonly amounts?: ContainerAmounts | undefined
  /** The Pod is over, nothing of it will run again. */
  readonly podIsOver: boolean
  /** Docker's record went while the container ran, and the restart policy lets it be (see plan/restart-decision). */
  readonly vanishedForGood: boolean
  /** Its runtime can make a mount read-only together with what is mounted beneath it. */
  readonly recursiveReadOnly?: boolean
}

type State = NonNullable<ContainerStatus['state']>

const unknownExit = { exitCode: 137, reason: 'ContainerStatusUnknown' } as const

/** One container's status (convertToAPIContainerStatuses in pkg/kubelet/kubelet_pods.go). */
export function containerStatus(container: ContainerSpec, facts: ContainerStatusFacts): ContainerStatus {
  const newest = facts.instances[0]
  const { state, lastState, isNewlyMissed } = newest === undefined ? stateWithoutRecord(facts) : stateOf(newest, facts)
  const toldRestarts = facts.previous?.restartCount ?? 0
  // Of the end of an instance whose record is gone the last status tells.
  const toldImage = state.terminated === undefined ? undefined : facts.previous?.image
  const mounts = container.volumeMounts ?? []
  return {
    name: container.name,
    state,
    lastState,
    ...readiness(state, facts),
    // What was told once is not taken back.
    restartCount: Math.max(newest?.attempt ?? 0, toldRestarts + (isNewlyMissed ? 1 : 0)),
    image: newest?.image ?? toldImage ?? container.image ?? '',
    imageID: newest?.imageRef ?? facts.previous?.imageID ?? '',
    ...idField(newest === undefined ? facts.previous?.containerID : `docker://${newest.id}`),
    ...stopSignalField(container, newest),
    ...(newest === undefined ? toldResources(facts.previous) : resourcesStatus(container, newest, facts.amounts)),
    ...(mounts.length === 0 ? {} : { volumeMounts: mounts.map((mount) => mountStatus(mount, facts)) }),
  }
}

function readiness(
  { running, terminated: end }: State,
  { role, probes }: ContainerStatusFacts,
): Pick<ContainerStatus, 'ready' | 'started'> {
  const isRunning = running !== undefined
  switch (role) {
    case 'regular':
      return { ready: isRunning && (probes?.ready ?? true), started: isRunning && (probes?.started ?? true) }
    case 'init':
      return { ready: end?.exitCode === 0, started: isRunning }
    case 'ephemeral':
      return { ready: false }
    default:
      return role satisfies never
  }
}

/** The signal that the container was made with, where the spec gives one: Docker keeps it. */
function stopSignalField(
  { lifecycle }: ContainerSpec,
  newest: ObservedContainer | undefined,
): Pick<ContainerStatus, 'stopSignal'> {
  const signal = newest === undefined ? undefined : lifecycle?.stopSignal
  return signal ? { stopSignal: signal } : {}
}

function idField(containerID: string | undefined): { readonly containerID?: string } {
  return containerID === undefined ? {} : { containerID }
}

function mountStatus(mount: VolumeMountSpec, { recursiveReadOnly }: ContainerStatusFacts) {
  const readOnly = mount.readOnly === true
  return {
    name: mount.name,
    mountPath: mount.mountPath,
    ...(readOnly ? { readOnly, recursiveReadOnly: recursiveMode(mount, recursiveReadOnly === true) } : {}),
  }
}

/** What cannot be has kept the container from being made, and says so there. */
function recursiveMode(mount: VolumeMountSpec, isSupported: boolean): 'Enabled' | 'Disabled' {
  try {
    return isRecursiveReadOnly(mount, isSupported) ? 'Enabled' : 'Disabled'
  } catch {
    return 'Disabled'
  }
}

interface States {
  readonly state: State
  readonly lastState: State
  /** Docker's record went while the container ran, and this is the first status to say so: its successor counts already. */
  readonly isNewlyMissed?: true
}

function stateOf(newest: ObservedContainer, facts: ContainerStatusFacts): States {
  // Another than the one right before it: that one's record was lost.
  const before = facts.instances.find(({ attempt }) => attempt === newest.attempt - 1)
  const lastState = (before === undefined ? undefined : terminated(before, facts)) ?? toldLastState(newest, facts)
  switch (newest.state.phase) {
    case 'running':
      if (facts.isStarting) return { state: waiting(facts), lastState }
      return { state: { running: { startedAt: rfc3339(newest.state.startedAtMs) } }, lastState }
    case 'created':
      return facts.podIsOver ? { state: { terminated: neverLocated }, lastState } : { state: waiting(facts), lastState }
    case 'exited': {
      const ended = terminated(newest, facts) ?? {}
      const comesAgain = facts.waiting !== undefined || facts.killedForRestart
      return comesAgain && !facts.podIsOver
        ? { state: waiting(facts), lastState: ended }
        : { state: ended, lastState: keptLastState(ended, lastState) }
    }
    default:
      return newest.state satisfies never
  }
}

/** Docker keeps no instance before this one: the last status may tell how it ended, or how the one before it did. */
function toldLastState(newest: ObservedContainer, { previous }: ContainerStatusFacts): State {
  const ended = previous?.state?.terminated
  const isAnother = ended !== undefined && ended.containerID !== `docker://${newest.id}`
  return isAnother ? { terminated: ended } : (previous?.lastState ?? {})
}

/** `lastState` tells of the instance before: the one that is now in `state` must not stand in both. */
function keptLastState(state: State, lastState: State): State {
  return lastState.terminated?.containerID === state.terminated?.containerID ? {} : lastState
}

function waiting(facts: ContainerStatusFacts): State {
  const { reason, message } = facts.waiting ?? { reason: facts.usualWait, message: facts.usualMessage }
  return { waiting: message === '' ? { reason } : { reason, message } }
}

const neverLocated = {
  ...unknownExit,
  message: 'The container could not be located when the pod was terminated',
} as const

const presumablyCompleted = {
  exitCode: 0,
  reason: 'Completed',
  message:
    'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
} as const

/** Docker has no instance: it has not been created yet, or its record is gone. */
function stateWithoutRecord(facts: ContainerStatusFacts): States {
  const { previous } = facts
  const lastState = previous?.lastState ?? {}
  const wasStarted = previous?.state?.running !== undefined || previous?.state?.terminated !== undefined
  // Not one that is to run once more: what was told of it would change with each look, for ever.
  const isPast = facts.role === 'init' && facts.isInitialized === true && facts.waiting === undefined
  if (isPast && previous?.state?.terminated === undefined) {
    return { state: { terminated: presumablyCompleted }, lastState }
  }
  if (facts.removedForRestart === true && wasStarted) return { ...removedStates(facts), isNewlyMissed: true }
  if (previous?.state?.terminated !== undefined) {
    return facts.waiting === undefined || facts.podIsOver
      ? { state: previous.state, lastState }
      : { state: waiting(facts), lastState: previous.state }
  }
  // It waited to be started again; now that nobody will, the end that was told is its last.
  const waitedAfter = previous?.state?.running === undefined ? lastState.terminated : undefined
  if (facts.vanishedForGood && waitedAfter !== undefined && !facts.podIsOver) {
    return { state: { terminated: waitedAfter }, lastState: {} }
  }
  if (facts.podIsOver || facts.vanishedForGood) return { state: { terminated: neverLocated }, lastState }
  if (previous?.state?.running === undefined) return { state: waiting(facts), lastState }
  const message = 'The container could not be located when the pod was deleted.  The container used to be Running'
  return { state: waiting(facts), lastState: { terminated: { ...unknownExit, message } }, isNewlyMissed: true }
}

/** Every container of the Pod was removed so that all start anew. */
function removedStates(facts: ContainerStatusFacts): States {
  const shown = {
    reason: restartingAllContainers,
    message: 'The container is removed because RestartAllContainers in place',
  }
  return {
    state: facts.waiting === undefined ? { waiting: shown } : waiting(facts),
    lastState: { terminated: { exitCode: unknownExit.exitCode, ...shown } },
  }
}

function terminated(container: ObservedContainer, facts: ContainerStatusFacts): State | undefined {
  const { state } = container
  if (state.phase !== 'exited') return undefined
  const read = facts.messages.get(container.id) ?? ''
  const message = state.error === '' ? read : `${state.error}${read === '' ? '' : `: ${read}`}`
  return {
    terminated: {
      exitCode: state.exitCode,
      reason: exitReason(state),
      ...(message === '' ? {} : { message: cut(message, facts.messageBytes) }),
      startedAt: rfc3339(state.startedAtMs),
      finishedAt: rfc3339(state.finishedAtMs),
      containerID: `docker://${container.id}`,
    },
  }
}

/** The start of a text that takes at most `bytes` bytes as UTF-8, without half a character at its end. */
function cut(text: string, bytes: number): string {
  const encoded = new TextEncoder().encode(text)
  return encoded.length <= bytes ? text : new TextDecoder().decode(encoded.subarray(0, bytes), { stream: true })
}

/** Why a container has ended, in one word. */
export function exitReason(state: Extract<ObservedContainer['state'], { phase: 'exited' }>): string {
  if (state.cannotRun) return 'ContainerCannotRun'
  if (state.oomKilled) return 'OOMKilled'
  return state.exitCode === 0 ? 'Completed' : 'Error'
}

/** The status of the container of that name in the Pod's last status. */
export function previousContainerStatus(status: PodStatus | undefined, name: string): ContainerStatus | undefined {
  return allContainerStatuses(status).find((candidate) => candidate.name === name)
}
