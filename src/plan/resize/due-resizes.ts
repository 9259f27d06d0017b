import type { ContainerAmounts, PodBounds } from '../../model/allocation.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { instancesOf, type ObservedContainer, type ObservedPod } from '../../model/observed.ts'
import { initContainers, isStaticPod } from '../../model/pod.ts'
import { containerAmounts } from '../../translate/resources/allocation.ts'
import { podBounds } from '../../translate/resources/pod-bounds.ts'
import type { PodFacts, ResizeFacts } from '../pod-facts.ts'
import { containerChange, type ContainerChange } from './container-change.ts'

/** A container that runs with something else than it is to have. */
export interface DueContainer {
  readonly container: ContainerSpec
  readonly instance: ObservedContainer
  readonly current: ContainerAmounts
  readonly desired: ContainerAmounts
  readonly change: Exclude<ContainerChange, { readonly kind: 'none' }>
}

/** What lies between what a Pod has and what it has been given. */
export interface DueResizes {
  readonly containers: readonly DueContainer[]
  /** Of the Pod's cgroup; `undefined` where that is as it is to be, or nobody knows how it is. */
  readonly bounds: { readonly current: PodBounds; readonly desired: PodBounds } | undefined
}

/**
 * What a Pod runs with and what it has been given, side by side: `pod` is the Pod with its allocation. What does not
 * run gets what is given with its start, and a static Pod is never resized.
 */
export function dueResizes(pod: Pod, observed: ObservedPod, facts: Pick<PodFacts, 'resize'>): DueResizes {
  if (isStaticPod(pod)) return { containers: [], bounds: undefined }
  const containers = [...initContainers(pod), ...pod.spec.containers].flatMap((container) => {
    const due = dueContainer(pod, container, { instance: instancesOf(observed, container.name)[0], facts })
    return due === undefined ? [] : [due]
  })
  return { containers, bounds: dueBounds(pod, facts.resize) }
}

/** What is due of one container; `undefined` for nothing. One that nobody has noted the beginnings of is left as it is. */
export function dueContainer(
  pod: Pod,
  container: ContainerSpec,
  { instance, facts }: { readonly instance: ObservedContainer | undefined; readonly facts: Pick<PodFacts, 'resize'> },
): DueContainer | undefined {
  if (instance?.state.phase !== 'running' || isStaticPod(pod)) return undefined
  const current = facts.resize.containers.get(instance.id) ?? instance.made
  if (current === undefined) return undefined
  const desired = containerAmounts(pod, container)
  const change = containerChange(container, current, desired)
  return change.kind === 'none' ? undefined : { container, instance, current, desired, change }
}

/** A limit is never taken away: the API server lets nobody ask for that. */
function dueBounds(pod: Pod, { bounds: current, cpuPeriodUs }: ResizeFacts): DueResizes['bounds'] {
  if (current === undefined) return undefined
  const desired = podBounds(pod, cpuPeriodUs)
  const isDue = boundNames.some((name) => desired[name] > 0 && desired[name] !== current[name])
  return isDue ? { current, desired } : undefined
}

const boundNames = ['cpuShares', 'cpuQuota', 'memoryBytes'] as const
