import type { ObservedPod } from '../model/observed.ts'
import { exitReason } from '../status/container-status.ts'
import { podIps } from '../status/pod-ips.ts'
import { terminationMessage } from '../volume/termination-message.ts'
import { closeKills } from './actions/kill-actions.ts'
import { findUnanswered, type PodRun, type SpecRun } from './pod-run.ts'

/** Looks at what Docker holds of the Pod now, and learns what has ended since the last look. */
export async function lookAtPod(run: PodRun): Promise<ObservedPod> {
  await findUnanswered(run)
  const observed = await run.context.observed.refresh(run.uid, run.signal)
  closeKills(run, observed)
  await learnEnds(run, observed)
  return observed
}

/** What an agent before this one has started may have no links to its log yet. */
export function linkLogs({ context, memory }: PodRun, { containers }: ObservedPod): void {
  if (memory.logsLinked) return
  memory.logsLinked = true
  for (const container of containers) {
    const { state } = container
    if (state.phase === 'created') continue
    context.logLinks.add(container, state.phase === 'running' || !state.cannotRun)
  }
}

/** Tells the probes what runs, and takes over what they say of it. Before its postStart hook is done nobody is asked. */
export function learnProbes({ context, memory, pod }: SpecRun, observed: ObservedPod, isEnding: boolean): void {
  const [podIp = ''] = podIps(pod, observed, { nodeIps: context.nodeIps, previous: undefined })
  const containers = observed.containers.filter(({ id }) => !memory.postStarts.has(id))
  const seen = { observed: { ...observed, containers }, previous: memory.status, podIp, isEnding }
  memory.probes = context.probes.look(pod, seen)
  for (const { id, failed } of memory.probes.values()) if (failed !== undefined) memory.failedProbes.add(id)
}

/** Reads the termination message of every instance that has ended since the last pass, and tells of its end. */
async function learnEnds(run: PodRun, observed: ObservedPod): Promise<void> {
  const { context, memory } = run
  memory.forgetGone(observed)
  const ended = observed.containers.filter(({ id, state }) => state.phase === 'exited' && !memory.toldExits.has(id))
  await Promise.all(
    ended.map(async (container) => {
      const message = await terminationMessage(
        container,
        ({ id }, lines, signal) => context.engine.logTail(id, lines, signal),
        run.signal,
      )
      memory.messages.set(container.id, message)
      memory.toldExits.add(container.id)
      const { name: containerName, state } = container
      if (state.phase !== 'exited') return
      const { exitCode, finishedAtMs } = state
      run.emit({ kind: 'container-exited', containerName, exitCode, reason: exitReason(state), finishedAtMs })
    }),
  )
}
