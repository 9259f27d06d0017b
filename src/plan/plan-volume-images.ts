import type { PodAction } from '../model/action.ts'
import { imageVolumes, mountedImageVolumes, volumeImage } from '../model/image-user.ts'
import type { ContainerSpec, Pod, VolumeSpec } from '../model/kube.ts'
import { imageActions, planImage } from './plan-image.ts'
import type { StartStep } from './start-step.ts'
import type { PodFacts } from './pod-facts.ts'

/**
 * What keeps a container from being made for the want of the images that its volumes show; `undefined` when all are there
 * (toKubeContainerImageVolumes in pkg/kubelet/kuberuntime/kuberuntime_manager.go). One that can't be had holds up nobody
 * but those that mount it; of several the last counts, as in the kubelet.
 */
export function planMountedImages(pod: Pod, container: ContainerSpec, facts: PodFacts): StartStep | undefined {
  const steps = mountedImageVolumes(pod, container).flatMap((volume) => stepOf(volume, container, facts) ?? [])
  if (steps.length === 0) return undefined
  const actions = steps.flatMap((step) => step.actions)
  const waits = actions.filter(({ kind }) => kind === 'wait')
  return {
    actions: [...actions.filter(({ kind }) => kind !== 'wait'), ...waits.slice(-1)],
    onItsWay: waits.length === 0,
  }
}

function stepOf(volume: VolumeSpec, { name: containerName }: ContainerSpec, facts: PodFacts): StartStep | undefined {
  const user = volumeImage(volume)
  const step = user && planImage(user, facts)
  if (step === undefined || step.kind === 'ready') return undefined
  return imageActions(
    step,
    (reason) => ensure(volume, reason),
    (untilMs, { reason, message }) => ({
      kind: 'wait',
      untilMs,
      waiting: { containerName, volumeName: volume.name, reason, message },
    }),
  )
}

/** Every image is asked for before containers are made, also those of volumes that none mounts (getImageVolumes there). */
export function volumeImagesAhead(pod: Pod, { images }: PodFacts): readonly PodAction[] {
  return imageVolumes(pod).flatMap((volume): PodAction[] => {
    const user = volumeImage(volume)
    if (user === undefined || images.has(user.key)) return []
    return [ensure(volume, 'its image is needed before containers are made')]
  })
}

function ensure(volume: VolumeSpec, reason: string): PodAction {
  return { kind: 'ensure-volume-image', volume, reason }
}

/** Several containers may wait for one volume's image: it is asked for once. */
export function eachVolumeOnce(actions: readonly PodAction[]): readonly PodAction[] {
  const asked = new Set<string>()
  return actions.filter((action) => {
    if (action.kind !== 'ensure-volume-image') return true
    const isFirst = !asked.has(action.volume.name)
    asked.add(action.volume.name)
    return isFirst
  })
}
