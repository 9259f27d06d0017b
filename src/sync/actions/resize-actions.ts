import type { PodAction, ResizeStep, ShrinkingMemory } from '../../model/action.ts'
import { KubeletError } from '../../model/errors.ts'
import { formatPod, podRef } from '../../model/pod.ts'
import { resizeSummary } from '../../model/resize.ts'
import { allocationOf } from '../../translate/resources/allocation.ts'
import { dockerText, isPassing, type SpecRun } from '../pod-run.ts'

type Resize = Extract<PodAction, { kind: 'resize' }>

/** How long the kubelet leaves a failed sync alone. */
const retryAfterMs = 10_000

/**
 * Takes the steps of a resize one after the other; the first that fails is the last, and is told. What was done stays and is
 * noted, so that the next try goes on from there.
 */
export async function resizePod(run: SpecRun, { steps, shrinking }: Resize): Promise<void> {
  try {
    await refuseBelowUsage(run, shrinking)
    for (const step of steps) await take(run, step)
  } catch (error) {
    if (isPassing(error)) throw error
    // A container that has gone meanwhile is none to be resized: the next pass sees that.
    if (KubeletError.is(error, 'not-found')) return
    recordFailure(run, dockerText(KubeletError.from(error)))
  }
}

async function take({ context, memory, pod, uid, signal }: SpecRun, step: ResizeStep): Promise<void> {
  switch (step.kind) {
    case 'bound-pod':
      return context.cgroups.resize(pod, step.bounds)
    case 'update-container': {
      const { id, resources, amounts } = step
      try {
        if (Object.keys(resources).length > 0) await context.engine.update(id, resources, signal)
      } finally {
        context.observed.markStale(uid, id)
      }
      // Docker would take it a second time, but a container would be started anew once more.
      const generation = memory.standing.generation ?? pod.metadata.generation ?? 0
      return context.resizes.update(uid, (before) => {
        const { containers = [], ...record } = before ?? { allocation: allocationOf(pod), generation }
        const known = [...containers].filter(([other]) => context.observed.find(uid, other) !== undefined)
        return { ...record, containers: new Map([...known, [id, amounts]]) }
      })
    }
    default:
      step satisfies never
  }
}

/**
 * Less memory than is in use would be refused by the kernel, or kill: nothing is begun then (validateMemoryResizeAction in
 * pkg/kubelet/kuberuntime). Unlike the kubelet's, a container's message has the container's own usage.
 */
async function refuseBelowUsage(run: SpecRun, { containers, podLimitBytes }: ShrinkingMemory): Promise<void> {
  if (containers.length === 0 && podLimitBytes === undefined) return
  const { context, pod, uid, signal } = run
  const running = context.observed.get(uid).containers.filter(({ state }) => state.phase === 'running')
  const asked = podLimitBytes === undefined ? containers : running
  const usages = new Map(
    await Promise.all(asked.map(async ({ id }) => [id, await context.engine.memoryUsage(id, signal)] as const)).catch(
      (error: unknown) => {
        if (isPassing(error)) throw error
        throw new KubeletError('internal', `unable to read memory usage for pod "${formatPod(podRef(pod))}"`)
      },
    ),
  )
  const faults = containers.flatMap(({ id, containerName, limitBytes }) => {
    const usage = usages.get(id)
    if (usage === undefined) return [`missing container "${containerName}" memory usage`]
    if (usage < limitBytes) return []
    return [
      `attempting to set container "${containerName}" memory limit (${limitBytes}) below current usage (${usage})`,
    ]
  })
  const podUsage = [...usages.values()].reduce<number>((sum, usage) => sum + (usage ?? 0), 0)
  if (podLimitBytes !== undefined && podUsage >= podLimitBytes) {
    faults.unshift(`attempting to set pod memory limit (${podLimitBytes}) below current usage (${podUsage})`)
  }
  if (faults.length === 0) return
  const text = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`
  throw new KubeletError('conflict', `cannot decrease memory limits: ${text}`)
}

/** Remembered for the status and the next try, and told when it is news. */
function recordFailure({ memory, pod, emit }: SpecRun, error: string): void {
  const nowMs = Date.now()
  const { generation, sinceMs, error: before } = memory.resizing ?? { generation: 0, sinceMs: nowMs }
  memory.resizing = { generation, error, sinceMs: before === undefined ? nowMs : sinceMs }
  memory.resize = { ...memory.resize, retryAtMs: nowMs + retryAfterMs }
  if (error !== before) emit({ kind: 'resize-failed', error, resources: resizeSummary(pod, generation) })
}
