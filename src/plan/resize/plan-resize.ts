import type { PodAction, ResizeStep, ShrinkingMemory } from '../../model/action.ts'
import type { ContainerAmounts, PodBounds } from '../../model/allocation.ts'
import type { DockerResources } from '../../model/docker.ts'
import type { Pod } from '../../model/kube.ts'
import { containerCpuAndMemory } from '../../translate/resources/container-resources.ts'
import type { PodFacts } from '../pod-facts.ts'
import type { DueContainer, DueResizes } from './due-resizes.ts'

type Resource = 'cpu' | 'memory'
type InPlace = DueContainer & { readonly change: { readonly kind: 'update' } }

/**
 * What takes a Pod from what it has to what it has been given, without ending anything (doPodResizeAction in
 * pkg/kubelet/kuberuntime): memory first, then CPU. Of each, the Pod's cgroup grows before its containers and shrinks after
 * them, and of the containers those that shrink go first: so the parts are never more than the whole, which the kernel
 * would refuse. While a container that is to be started anew still runs as it was, the Pod does not shrink.
 */
export function planResize(
  pod: Pod,
  due: DueResizes,
  facts: Pick<PodFacts, 'nowMs' | 'resize' | 'kills'>,
): readonly PodAction[] {
  const inPlace = due.containers.filter(
    (one): one is InPlace => one.change.kind === 'update' && !facts.kills.has(one.instance.id),
  )
  const mayShrink = inPlace.length === due.containers.length
  const steps = (['memory', 'cpu'] as const).flatMap((resource) => [
    ...boundSteps(due.bounds, resource, 'up'),
    ...containerSteps(pod, inPlace, { resource, cpuPeriodUs: facts.resize.cpuPeriodUs }),
    ...(mayShrink ? boundSteps(due.bounds, resource, 'down') : []),
  ])
  if (steps.length === 0) return []
  const { retryAtMs } = facts.resize
  if (retryAtMs !== undefined && retryAtMs > facts.nowMs) return [waitUntil(retryAtMs)]
  return [
    {
      kind: 'resize',
      steps,
      shrinking: shrinkingMemory(inPlace, mayShrink ? due.bounds : undefined),
      reason: 'it has been given something else',
    },
  ]
}

/** Limits grow before requests and shrink after them, so that requests stay below. */
function boundSteps(bounds: DueResizes['bounds'], resource: Resource, direction: 'up' | 'down'): readonly ResizeStep[] {
  if (bounds === undefined) return []
  const { current, desired } = bounds
  const parts: readonly (keyof PodBounds)[] = resource === 'memory' ? ['memoryBytes'] : ['cpuQuota', 'cpuShares']
  const steps = parts
    // The API server lets nobody take a limit away, and the kubelet could not.
    .filter((part) => desired[part] > 0 && desired[part] !== current[part])
    .filter((part) => desired[part] > (current[part] || Number.POSITIVE_INFINITY) === (direction === 'up'))
    .map((part): ResizeStep => ({ kind: 'bound-pod', bounds: { [part]: desired[part] } }))
  return direction === 'up' ? steps : steps.toReversed()
}

interface StepContext {
  readonly resource: Resource
  readonly cpuPeriodUs: number | undefined
}

/** One update for each container that has its limit or its request of the resource changed. */
function containerSteps(pod: Pod, inPlace: readonly InPlace[], context: StepContext): readonly ResizeStep[] {
  const { resource } = context
  const changed = inPlace.filter(({ change }) => change.directions.has(resource))
  const shrinking = changed.filter(({ change }) => change.directions.get(resource) === 'down')
  const growing = changed.filter(({ change }) => change.directions.get(resource) === 'up')
  return [...shrinking, ...growing].map(({ container, instance, current, desired }): ResizeStep => {
    const all = containerCpuAndMemory(pod, container, context)
    // Memory has been seen to when it is CPU's turn.
    const amounts = resource === 'memory' ? withMemory(current, desired) : desired
    const resources = resource === 'memory' ? memoryOf(all, current, desired) : cpuOf(all)
    return { kind: 'update-container', id: instance.id, containerName: container.name, resource, resources, amounts }
  })
}

function withMemory(current: ContainerAmounts, { memoryRequest, memoryLimit }: ContainerAmounts): ContainerAmounts {
  return { ...current, memoryRequest, memoryLimit }
}

/** Nothing for a change of the request alone, which Docker knows nothing of. */
function memoryOf(all: DockerResources, current: ContainerAmounts, desired: ContainerAmounts): DockerResources {
  if (current.memoryLimit === desired.memoryLimit || desired.memoryLimit === 0) return {}
  return { Memory: desired.memoryLimit, MemorySwap: all.MemorySwap ?? desired.memoryLimit }
}

function cpuOf({ CpuShares, CpuPeriod, CpuQuota }: DockerResources): DockerResources {
  return {
    ...(CpuShares === undefined ? {} : { CpuShares }),
    ...(CpuQuota === undefined || CpuPeriod === undefined ? {} : { CpuPeriod, CpuQuota }),
  }
}

/** The limits of memory that go down, or come where there was none: to less than is in use they can't. */
function shrinkingMemory(inPlace: readonly InPlace[], bounds: DueResizes['bounds']): ShrinkingMemory {
  const isLess = (now: number, then: number): boolean => then > 0 && then < (now || Number.POSITIVE_INFINITY)
  const containers = inPlace
    .filter(({ current, desired }) => isLess(current.memoryLimit, desired.memoryLimit))
    .map(({ container, instance, desired }) => ({
      id: instance.id,
      containerName: container.name,
      limitBytes: desired.memoryLimit,
    }))
  const isPodLess = bounds !== undefined && isLess(bounds.current.memoryBytes, bounds.desired.memoryBytes)
  return { containers, ...(isPodLess ? { podLimitBytes: bounds.desired.memoryBytes } : {}) }
}

function waitUntil(untilMs: number): PodAction {
  const waiting = { containerName: undefined, reason: 'Resizing', message: 'the last try to resize the Pod failed' }
  return { kind: 'wait', untilMs, waiting }
}
