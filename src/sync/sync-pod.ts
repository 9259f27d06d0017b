import type { PodAction } from '../model/action.ts'
import type { Pod, PodStatus } from '../model/kube.ts'
import type { ObservedPod } from '../model/observed.ts'
import { deadlineExceeded, deadlineMs } from '../plan/active-deadline.ts'
import { computePodActions } from '../plan/compute-pod-actions.ts'
import type { PodFacts } from '../plan/pod-facts.ts'
import { nextVolumeRefresh } from '../plan/plan-volumes.ts'
import { pullTexts } from '../plan/pull-texts.ts'
import { vanishedForGood } from '../plan/restart-decision.ts'
import { computeTerminationActions } from '../plan/terminate-pod.ts'
import { waitingReasons } from '../plan/waiting-reasons.ts'
import { hasTerminalPhase, isStaticPod, isTerminalStatus } from '../model/pod.ts'
import type { PodVerdict } from '../model/pod-verdict.ts'
import { isRestartingAll, restartAll } from '../model/restart-all.ts'
import type { PodWork } from '../model/pod-work.ts'
import { podPhase } from '../status/phase.ts'
import { podStatus } from '../status/pod-status.ts'
import { canMountRecursiveReadOnly } from './actions/container-facts.ts'
import { allOf } from '../util/all-of.ts'
import { executeActions, executeTermination } from './actions/execute-actions.ts'
import { learnProbes, linkLogs, lookAtPod } from './look-at-pod.ts'
import type { PodRun, SpecRun } from './pod-run.ts'
import { tellBackOffs } from './reporting/tell-back-offs.ts'
import { learnResize } from './resize/learn-resize.ts'
import { withoutOutdated } from './vanished-instances.ts'

type Terminating = Extract<PodWork, { phase: 'terminating' }>

/** What a pass left to do. */
export type PassResult =
  /** It acted: look again. */
  | { readonly kind: 'again' }
  /** Nothing can be done before `untilMs`, or before something pokes the Pod. */
  | { readonly kind: 'idle'; readonly untilMs: number | undefined }

/** The Pod may not run on: the node has to end it. */
export interface PodEnd {
  readonly kind: 'end'
  readonly verdict: PodVerdict
}

/** One pass for a Pod that should run: observe, decide, report, act. */
export async function syncPod(run: SpecRun): Promise<PassResult | PodEnd> {
  const { context, memory, pod, uid } = run
  const found = await lookAtPod(run)
  linkLogs(run, found)
  // Of any other Pod its status tells.
  if (isStaticPod(pod)) memory.startedBefore ??= await context.files.lastStarted(uid)
  // Of a Pod whose containers are all being removed every record counts.
  const observed = isRestartingAll(memory.status) ? found : withoutOutdated(found, memory.status)
  learnProbes(run, observed, false)
  learnResize(run, observed)
  const facts = memory.facts(Date.now(), observed)
  const actions = computePodActions(pod, observed, facts)
  tellBackOffs(run, actions, facts)
  const waiting = waitingReasons(actions, facts)
  // While all containers are being removed, the status that says so is the last: their ends are no news.
  const isRemoving = facts.restartingAll && restartAll(pod, observed, facts.restartingAll).kind === 'removing'
  if (!isRemoving) report(run, observed, { facts, waiting, podIsOver: false })
  memory.shown(waiting, facts.nowMs)
  const endsAtMs = hasEnded(pod, memory.status) ? undefined : deadlineMs(pod, memory.status)
  if (endsAtMs !== undefined && endsAtMs <= facts.nowMs) return { kind: 'end', verdict: deadlineExceeded }
  if (actions.every((action) => action.kind === 'wait')) {
    return { kind: 'idle', untilMs: nextLook(actions, endsAtMs, nextVolumeRefresh(facts)) }
  }
  await executeActions(run, actions)
  return { kind: 'again' }
}

/** It is over, or will be as soon as its sidecars have ended: no deadline concerns it any more. */
function hasEnded(pod: Pod, status: PodStatus | undefined): boolean {
  if (isTerminalStatus(status)) return true
  const { initContainerStatuses: init = [], containerStatuses: regular = [] } = status ?? {}
  return isTerminalStatus({ phase: podPhase(pod, { init, regular, podIsOver: false }) })
}

/** One pass for a Pod that is to end. `over` with `remove` means that nothing of it is left on this node. */
export async function terminatePod(run: PodRun, work: Terminating): Promise<PassResult | { readonly kind: 'over' }> {
  const { memory } = run
  const observed = await lookAtPod(run)
  const { pod, graceSeconds, remove } = work
  // Nothing starts any more, or comes again.
  memory.postStarts.clear()
  memory.killedForRestart.clear()
  if (pod !== undefined) learnProbes({ ...run, pod }, observed, true)
  const facts = memory.facts(Date.now(), observed)
  const hasVolumes = !memory.directoryRemoved
  const comesAgain = pod !== undefined && runsAnew(pod) && run.context.isWanted(run.uid)
  const actions = computeTerminationActions(observed, { ...facts, pod, graceSeconds, remove, comesAgain, hasVolumes })
  const podIsOver = observed.containers.every(({ state }) => state.phase !== 'running')
  // What is removed from now on must not show in the status: the one of the moment when all had ended is the last. Where
  // nothing is removed the end of the sandbox is still to be told.
  if (pod !== undefined && !(remove && memory.isOver) && !isSettledBefore(work, observed)) {
    const believed = withoutOutdated(observed, memory.status)
    report({ ...run, pod }, believed, {
      facts: memory.facts(Date.now(), believed),
      waiting: new Map(),
      podIsOver,
      verdict: work.verdict,
    })
    memory.isOver ||= podIsOver
  }
  if (actions.length === 0) {
    await removeRest(run, remove)
    return { kind: 'over' }
  }
  if (actions.every((action) => action.kind === 'wait')) return { kind: 'idle', untilMs: nextLook(actions) }
  await executeTermination(run, actions)
  return { kind: 'again' }
}

/**
 * The object of a Pod that is deleted is there to its end, but a manifest that is, was put back. With another policy the
 * records of what ended would keep it from running.
 */
function runsAnew(pod: Pod): boolean {
  return isStaticPod(pod) && (pod.spec.restartPolicy ?? 'Always') === 'Always'
}

/**
 * Nothing runs any more: the Pod's cgroup goes, and when all else is to go, last its directory, by which an agent that is
 * killed on the way finds what it has left.
 */
async function removeRest({ context, memory, uid, ref, signal }: PodRun, remove: boolean): Promise<void> {
  const works: Promise<void>[] = []
  if (!memory.cgroupRemoved) works.push(context.cgroups.remove(uid, signal))
  if (remove) works.push(context.logLinks.removePod(ref, signal))
  await allOf(works)
  memory.cgroupRemoved = true
  context.gpus.release(uid)
  if (remove) await context.volumes.remove(uid, signal)
}

/**
 * It was over before anything of it was made here, by the word of an agent before this one perhaps, which did not let it
 * in: there is nothing to add.
 */
function isSettledBefore({ pod, verdict }: Terminating, { containers, sandboxes }: ObservedPod): boolean {
  if (verdict !== undefined || pod === undefined || !hasTerminalPhase(pod)) return false
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  return [containers, sandboxes, containerStatuses, initContainerStatuses].every((list) => list.length === 0)
}

interface ReportFacts {
  readonly facts: PodFacts
  readonly waiting: ReturnType<typeof waitingReasons>
  readonly podIsOver: boolean
  readonly verdict?: PodVerdict | undefined
}

function report(run: SpecRun, observed: ObservedPod, { facts, waiting, podIsOver, verdict }: ReportFacts): void {
  const { context, memory, pod } = run
  const status = podStatus(pod, observed, {
    nowMs: facts.nowMs,
    nodeIps: context.nodeIps,
    waiting,
    pulling: pullTexts(pod, facts),
    probes: facts.probes,
    messages: memory.messages,
    previous: memory.status,
    podIsOver,
    verdict,
    killedForRestart: facts.killedForRestart,
    postStarts: facts.postStarts,
    vanishedForGood: vanishedForGood(pod, facts.vanished),
    recursiveReadOnly: canMountRecursiveReadOnly(run, observed.sandboxes[0]?.id),
    cgroup: context.cgroups.limitsOf(pod),
    resize: {
      containers: facts.resize.containers,
      pending: memory.standing.pending,
      progress: memory.resizing,
    },
  })
  memory.status = status
  context.statuses.report(pod, status)
}

/** When the next wait of the plan is over, or one of these times has come. */
function nextLook(actions: readonly PodAction[], ...times: readonly (number | undefined)[]): number | undefined {
  const ends = actions.flatMap((action) => (action.kind === 'wait' ? (action.untilMs ?? []) : []))
  const all = [...ends, ...times.filter((time) => time !== undefined)]
  return all.length === 0 ? undefined : Math.min(...all)
}
