import { recordedSecret } from '../../credentials/records/image-access.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ImageId } from '../../model/ids.ts'
import { imageNameFault } from '../../model/image-name.ts'
import type { ImageUser } from '../../model/image-user.ts'
import { backingOff, failImage, failToInspect, refuseName } from './image-failure.ts'
import { beginPull } from './image-pull.ts'
import { pullReference } from '../images/image-puller.ts'
import { isPassing, type SpecRun } from '../pod-run.ts'

/**
 * Finds or pulls the image of a container that is to be created, or of a volume that it is to show (EnsureImageExists in
 * pkg/kubelet/images/image_manager.go).
 * A pull goes on in the background; its end pokes the Pod. A look before a failed one's wait is
 * over finds or changes nothing.
 */
export async function ensureImage(run: SpecRun, user: ImageUser): Promise<void> {
  const { memory } = run
  const { key, containerName, image, pullPolicy } = user
  const fault = imageNameFault(image)
  if (fault !== undefined) {
    refuseName(run, user, `couldn't parse image name "${image}": ${fault}`)
    return
  }
  const last = memory.images.get(key)
  const isEarly = last?.kind === 'failed' && Date.now() < last.retryAtMs
  // What is found out from now on is newer than this look.
  if (isEarly) {
    const { lookAtMs: _, ...rest } = last
    memory.images.set(key, rest)
  }
  if (pullPolicy !== 'Always') {
    const found = await findImage(run, user, isEarly)
    if (found !== 'absent' || isEarly) return
    if (pullPolicy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`
      run.emit({ kind: 'image-never-pull', containerName, message })
      failImage(run, user, { reason: 'ErrImageNeverPull', message })
      return
    }
  }
  const backOff = backingOff(run, image)
  if (backOff !== undefined) {
    memory.images.set(key, backOff)
    return
  }
  beginPull(run, user)
}

/** Docker has the image, and the Pod may use it. */
async function findImage(run: SpecRun, user: ImageUser, isEarly: boolean): Promise<'present' | 'absent' | 'failed'> {
  const { key, containerName, image } = user
  try {
    const found = await run.context.images.find(pullReference(image), run.signal)
    // Whether it is there is nobody's business who may not use it.
    if (found === undefined || !(await mayUse(run, image, found.id))) return 'absent'
    run.memory.images.set(key, { kind: 'ready', id: found.id })
    run.emit({ kind: 'image-present', containerName, image })
    return 'present'
  } catch (error) {
    if (isPassing(error)) throw error
    if (!isEarly) failToInspect(run, user, KubeletError.from(error))
    return 'failed'
  }
}

/** What it has run the Pod may run again: a restart must not depend on the API server, which has the secrets. */
async function mayUse({ context, pod, uid, phaseSignal }: SpecRun, image: string, id: ImageId): Promise<boolean> {
  if (context.observed.get(uid).containers.some(({ imageId }) => imageId === id)) return true
  return await context.records.mayUse({ image, id }, async () => {
    const { credentials } = await context.credentials.find(pod, pullReference(image), phaseSignal)
    return credentials.flatMap((credential) => recordedSecret(credential) ?? [])
  })
}
