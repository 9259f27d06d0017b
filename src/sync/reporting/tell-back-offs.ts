import type { PodAction } from '../../model/action.ts'
import { containerImage, volumeImage, type ImageUser } from '../../model/image-user.ts'
import { allContainers } from '../../model/pod.ts'
import type { PodFacts } from '../../plan/pod-facts.ts'
import type { SpecRun } from '../pod-run.ts'

/** Each wait of a crash loop or of a pull is told once, and each time that a container waits for the image of a volume. */
export function tellBackOffs(run: SpecRun, actions: readonly PodAction[], facts: PodFacts): void {
  for (const action of actions) {
    if (action.kind !== 'wait' || action.waiting.containerName === undefined) continue
    const { containerName, volumeName, reason } = action.waiting
    const user = imageUser(run, containerName, volumeName)
    const image = facts.images.get(user?.key ?? containerName)
    // A look at images that have changed comes before the end of a pull's wait, and is no end of it.
    const isOfImage = reason === 'ImagePullBackOff' || volumeName !== undefined
    const endsAtMs = isOfImage && image?.kind === 'failed' ? image.retryAtMs : action.untilMs
    // While it is tried again it is the last failure that shows.
    if (isOfImage && image?.kind === 'pulling') continue
    const key = `${containerName} ${volumeName ?? ''} ${reason} ${endsAtMs}`
    if (run.memory.toldBackOffs.get(containerName) === key) continue
    if (reason === 'CrashLoopBackOff') {
      run.memory.toldBackOffs.set(containerName, key)
      run.emit({ kind: 'container-back-off', containerName, delayMs: facts.backOffs.get(containerName)?.delayMs ?? 0 })
    } else if (isOfImage) {
      run.memory.toldBackOffs.set(containerName, key)
      if (reason === 'ImagePullBackOff') {
        run.emit({ kind: 'pull-back-off', containerName: user?.containerName, image: user?.image ?? '' })
      }
      run.emit({ kind: 'container-failed', containerName, reason, message: reason })
    }
  }
}

/** Whose image a container waits for: its own, or that of a volume. */
function imageUser({ pod }: SpecRun, containerName: string, volumeName: string | undefined): ImageUser | undefined {
  if (volumeName !== undefined) {
    const volume = pod.spec.volumes?.find(({ name }) => name === volumeName)
    return volume && volumeImage(volume)
  }
  const container = allContainers(pod).find(({ name }) => name === containerName)
  return container && containerImage(container)
}
