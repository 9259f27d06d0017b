import type { PodAction } from '../model/action.ts'
import type { ContainerId } from '../model/ids.ts'
import type { ContainerSpec, Pod } from '../model/kube.ts'
import { instancesOf, type ObservedContainer, type ObservedPod } from '../model/observed.ts'
import { restartPolicy, stopGraceSeconds, usesHostNetwork } from '../model/pod.ts'
import { collectGarbage } from './collect-garbage.ts'
import { endContainers } from './end-containers.ts'
import { initProgress, type Decided } from './init-progress.ts'
import { restartAll } from '../model/restart-all.ts'
import { planRestartAll } from './plan-restart-all.ts'
import { planEphemeral } from './plan-ephemeral.ts'
import { planKill, preStopOf } from './plan-kill.ts'
import { planStart } from './plan-start.ts'
import type { StartStep } from './start-step.ts'
import { eachVolumeOnce, volumeImagesAhead } from './plan-volume-images.ts'
import { planVolumes } from './plan-volumes.ts'
import type { PodFacts } from './pod-facts.ts'
import { dueResizes } from './resize/due-resizes.ts'
import { planResize } from './resize/plan-resize.ts'
import { decideContainer, type ContainerDecision } from './restart-decision.ts'
import { decideSandbox, type SandboxDecision } from './sandbox-decision.ts'

/**
 * What to do now so that what Docker holds moves toward the Pod. Only what can be done at once: a Pod without a sandbox
 * gets just that, and the containers come in the next pass. Empty, or waits only, means that the Pod is as it should be.
 */
export function computePodActions(pod: Pod, observed: ObservedPod, facts: PodFacts): readonly PodAction[] {
  const restart = restartAll(pod, observed, facts.restartingAll)
  if (restart.kind === 'removing') return planRestartAll(restart, facts)
  const strays = killStrays(pod, observed, facts)
  if (strays.length > 0) return strays
  const garbage = collectGarbage(observed, facts.keptInstances)
  const sandbox = decideSandbox(pod, observed)
  const init = initProgress(pod, observed, sandboxIdOf(sandbox), facts)
  const regular = pod.spec.containers.map((container): Decided => ({
    container,
    decision: decideContainer(pod, container, instancesOf(observed, container.name)[0], facts),
  }))
  if (init.kind === 'failed' || regular.every(({ decision }) => decision.kind === 'done')) {
    return [...endOfPod(pod, observed, facts), ...garbage]
  }
  const sidecars = isEnding(pod, regular) ? init.decided.filter(({ decision }) => !isStart(decision)) : init.decided
  const decided = init.kind === 'done' ? [...sidecars, ...regular] : init.decided
  switch (sandbox.kind) {
    case 'missing':
    case 'changed':
      return [...replaceSandbox(pod, observed, decided, { sandbox, facts }), ...garbage]
    case 'unstarted':
    case 'ready':
      return [...runContainers(pod, observed, { decided, sandbox, facts }), ...garbage]
    default:
      return sandbox satisfies never
  }
}

/** When what is being killed has ended, nothing of the Pod will run any more: no sidecar is started for it beside that. */
function isEnding(pod: Pod, regular: readonly Decided[]): boolean {
  return regular.every(({ container, decision }) => {
    if (decision.kind === 'done') return true
    const { restartPolicy: own, restartPolicyRules: rules = [] } = container
    const comesAgain = (own || restartPolicy(pod)) !== 'Never' || rules.length > 0
    return decision.kind === 'kill' && !decision.thenRestart && !comesAgain
  })
}

function isStart({ kind }: ContainerDecision): boolean {
  return kind === 'start' || kind === 'create'
}

/** The sandbox in which containers are now, or can be created; `undefined` while a new one is due. */
function sandboxIdOf(sandbox: SandboxDecision): ContainerId | undefined {
  return sandbox.kind === 'ready' || sandbox.kind === 'unstarted' ? sandbox.sandbox.id : undefined
}

/**
 * No container will run any more: sidecars end, the last first, then the sandbox, whose record is kept, as the
 * kubelet's; then the volumes go.
 */
function endOfPod(pod: Pod, observed: ObservedPod, facts: PodFacts): readonly PodAction[] {
  const graceSeconds = stopGraceSeconds(pod)
  const ends = endContainers(observed, { ...facts, pod, graceSeconds, reason: 'every container has ended for good' })
  if (ends.length > 0) return ends
  const stops = stopSandboxes(observed)
  if (stops.length > 0 || facts.volumesTornDown || facts.volumesUnderWay) return stops
  return [{ kind: 'tear-down-volumes', reason: 'every container has ended for good' }]
}

/** Instances that run although newer ones took their place: somebody started them by hand. They go before anything else. */
function killStrays(pod: Pod, observed: ObservedPod, facts: PodFacts): readonly PodAction[] {
  return observed.containers
    .filter(
      (container) => container.state.phase === 'running' && instancesOf(observed, container.name)[0] !== container,
    )
    .map((container) =>
      planKill(
        container,
        {
          graceSeconds: stopGraceSeconds(pod),
          preStop: undefined,
          isItsTurn: true,
          message: `Stopping container ${container.name}`,
          thenRestart: false,
          reason: 'a newer instance took its place',
        },
        facts,
      ),
    )
}

/** All containers have ended for good, so their sandbox stops; it is kept for its record, as the kubelet keeps it. */
function stopSandboxes(observed: ObservedPod): readonly PodAction[] {
  return observed.sandboxes
    .filter((sandbox) => sandbox.state.phase === 'running')
    .map((sandbox) => ({ kind: 'stop-sandbox', id: sandbox.id, reason: 'every container has ended for good' }))
}

interface ReplaceContext {
  readonly sandbox: Extract<SandboxDecision, { kind: 'missing' | 'changed' }>
  readonly facts: PodFacts
}

/** First everything in the old sandbox ends, then the old sandbox, then the new one is made. */
function replaceSandbox(
  pod: Pod,
  observed: ObservedPod,
  decided: readonly Decided[],
  { sandbox, facts }: ReplaceContext,
): readonly PodAction[] {
  const why = sandbox.kind === 'changed' ? sandbox.reason : 'the sandbox is gone'
  const ends = endContainers(observed, { ...facts, pod, graceSeconds: stopGraceSeconds(pod), reason: why })
  if (ends.length > 0) return ends
  const stopping = stopSandboxes(observed)
  if (stopping.length > 0) return stopping
  const failure = facts.sandboxFailure
  if (failure !== undefined && failure.retryAtMs > facts.nowMs) {
    const { reason, message } = failure
    return [{ kind: 'wait', untilMs: failure.retryAtMs, waiting: { containerName: undefined, reason, message } }]
  }
  const create: PodAction = {
    kind: 'create-sandbox',
    attempt: sandbox.attempt,
    reason: sandbox.kind === 'changed' ? sandbox.reason : 'the Pod has no sandbox',
  }
  // A container that was created in the old sandbox can never join the new one.
  const stale = decided.flatMap(({ decision }) => (decision.kind === 'start' ? removeStale(decision.instance) : []))
  return [create, ...stale, ...planVolumes(facts), ...imagesAhead(decided, facts), ...volumeImagesAhead(pod, facts)]
}

function removeStale(container: ObservedContainer): PodAction {
  return {
    kind: 'remove-container',
    id: container.id,
    containerName: container.name,
    reason: 'it was created in a sandbox that is gone',
  }
}

/** Images are looked for while the sandbox is made: neither needs the other. */
function imagesAhead(decided: readonly Decided[], facts: PodFacts): readonly PodAction[] {
  return decided.flatMap(({ container, decision }): PodAction[] => {
    if (decision.kind !== 'create' || decision.previous !== undefined || facts.images.has(container.name)) return []
    if (facts.refused.has(container.name)) return []
    return [{ kind: 'ensure-image', container, reason: 'its image is needed as soon as the sandbox is there' }]
  })
}

interface RunContext {
  readonly decided: readonly Decided[]
  readonly sandbox: Extract<SandboxDecision, { kind: 'unstarted' | 'ready' }>
  readonly facts: PodFacts
}

/**
 * Containers are started in the order of the spec: while one is on its way (its image is being pulled, say), those
 * behind it are prepared but not started. One that failed or backs off holds up nobody, nor does one that has run.
 */
function runContainers(pod: Pod, observed: ObservedPod, { decided, sandbox, facts }: RunContext): readonly PodAction[] {
  const actions: PodAction[] = []
  // Without its volumes the Pod is not to be seen to have begun.
  if (sandbox.kind === 'unstarted' && facts.volumes.kind === 'ready') {
    actions.push({ kind: 'start-sandbox', id: sandbox.sandbox.id, reason: 'it was created and not started' })
  }
  actions.push(...planVolumes(facts))
  actions.push(...planResize(pod, dueResizes(pod, observed, facts), facts))
  const sandboxId = sandbox.sandbox.id
  let mayStart = sandbox.kind === 'ready' && facts.volumes.kind === 'ready'
  const hasPodIp = sandbox.kind === 'ready' || usesHostNetwork(pod)
  actions.push(...planEphemeral(pod, observed, { sandboxId, facts, mayStart, hasPodIp }))
  for (const { container, decision } of decided) {
    const step = planContainer(pod, container, decision, { sandboxId, facts, mayStart, hasPodIp })
    actions.push(...step.actions)
    mayStart &&= !step.onItsWay || isUp(container, step) || hasRun(container, observed, sandboxId)
  }
  return eachVolumeOnce(actions)
}

/** Those behind it are started right after it, unless its hook is to come before them. */
function isUp({ lifecycle }: ContainerSpec, { actions }: StartStep): boolean {
  return lifecycle?.postStart === undefined && actions.some(({ kind }) => kind === 'start-container')
}

/** One that is started anew has been the first before: nobody waits for it twice. */
function hasRun({ name }: ContainerSpec, observed: ObservedPod, sandboxId: ContainerId): boolean {
  return instancesOf(observed, name).some(({ sandboxId: id, state }) => id === sandboxId && state.phase === 'exited')
}

interface ContainerContext {
  readonly sandboxId: ContainerId
  readonly facts: PodFacts
  readonly mayStart: boolean
  readonly hasPodIp: boolean
}

function planContainer(
  pod: Pod,
  container: ContainerSpec,
  decision: ContainerDecision,
  context: ContainerContext,
): { readonly actions: readonly PodAction[]; readonly onItsWay: boolean } {
  switch (decision.kind) {
    case 'keep':
    case 'done':
      return { actions: [], onItsWay: false }
    case 'starting':
      return { actions: [], onItsWay: true }
    case 'kill':
      return {
        onItsWay: false,
        actions: [
          planKill(decision.instance, { ...decision, preStop: preStopOf(container), isItsTurn: true }, context.facts),
        ],
      }
    case 'start':
    case 'create':
      return planStart(pod, container, decision, context)
    default:
      return decision satisfies never
  }
}
