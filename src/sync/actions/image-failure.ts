import type { KubeletError } from '../../model/errors.ts'
import type { ImageUser } from '../../model/image-user.ts'
import { imagePullLimits, nextBackOff } from '../../plan/back-off.ts'
import type { ImageFact, WaitingReason } from '../../plan/pod-facts.ts'
import type { PodRun } from '../pod-run.ts'

/** Without a pull nothing was spent: the next look comes after the usual ten seconds. */
const lookAgainAfterMs = 10_000

/** An image can't be had, and nothing was pulled for that: remembered for the plan and the status, and told. */
export function failImage(run: PodRun, user: ImageUser, { reason, message }: WaitingReason): void {
  const failedAtMs = Date.now()
  const retryAtMs = failedAtMs + lookAgainAfterMs
  run.memory.images.set(user.key, { kind: 'failed', reason, message, failedAtMs, retryAtMs, backOff: false })
  tellFailure(run, user, reason)
}

/** Docker could not say whether it has the image. */
export function failToInspect(run: PodRun, user: ImageUser, { code, message }: KubeletError): void {
  const { containerName, image } = user
  if (code === 'invalid') {
    refuseName(run, user, `couldn't parse image name "${image}": ${message}`)
    return
  }
  const text = `Failed to inspect image "${image}": ${message}`
  run.emit({ kind: 'image-inspect-failed', containerName, message: text })
  failImage(run, user, { reason: 'ImageInspectError', message: text })
}

/** What stands for an image's name is none. */
export function refuseName(run: PodRun, user: ImageUser, why: string): void {
  const message = `Failed to apply default image tag "${user.image}": ${why}`
  run.emit({ kind: 'image-inspect-failed', containerName: user.containerName, message })
  failImage(run, user, { reason: 'InvalidImageName', message })
}

/**
 * A pull that began at `startedAtMs` has failed: the next one of this image for this Pod has to wait longer. The failure of
 * a pull that several containers of the Pod waited for counts once.
 */
export function failPull(run: PodRun, user: ImageUser, { reason, message }: WaitingReason, startedAtMs: number): void {
  const { imageBackOffs, images } = run.memory
  const { key, image } = user
  const nowMs = Date.now()
  const before = imageBackOffs.get(image)
  const isCounted = before !== undefined && before.updatedAtMs >= startedAtMs
  const backOff = isCounted ? before : nextBackOff(before, nowMs, nowMs, imagePullLimits)
  imageBackOffs.set(image, { ...backOff, reason, message })
  const retryAtMs = backOff.updatedAtMs + backOff.delayMs
  images.set(key, { kind: 'failed', reason, message, failedAtMs: nowMs, retryAtMs, backOff: true })
  tellFailure(run, user, reason)
}

/** Of a volume's image it is told when a container waits for it, see `tellBackOffs`. */
function tellFailure({ emit }: PodRun, { containerName }: ImageUser, reason: string): void {
  if (containerName !== undefined) emit({ kind: 'container-failed', containerName, reason, message: reason })
}

/** The wait that an image of the Pod is in already, because of another container or of its own past; it counts as shown. */
export function backingOff({ memory }: PodRun, image: string): ImageFact | undefined {
  const backOff = memory.imageBackOffs.get(image)
  if (backOff === undefined) return undefined
  const { reason, message, updatedAtMs: failedAtMs, delayMs } = backOff
  const retryAtMs = failedAtMs + delayMs
  if (Date.now() >= retryAtMs) return undefined
  return { kind: 'failed', reason, message, failedAtMs, retryAtMs, backOff: true, shownAtMs: failedAtMs }
}

/** What the runtime's errors begin with where the kubelet has a reason for them (k8s.io/cri-api/pkg/errors). */
const registryUnavailable = 'RegistryUnavailable'
const signatureValidationFailed = 'SignatureValidationFailed'

/**
 * How a failed pull shows: a registry that is away has a reason of its own (filterHTTPError of cri-dockerd, evalCRIPullErr
 * in pkg/kubelet/images/image_manager.go). Without a status it was Docker that was away.
 */
export function pullFailure(
  image: string,
  { code, status, message }: KubeletError,
): { readonly told: string } & WaitingReason {
  if (code === 'unavailable' && status !== undefined) {
    return {
      told: `${registryUnavailable}: ${message}`,
      reason: registryUnavailable,
      message: `image pull failed for ${image} because the registry is unavailable: ${message}`,
    }
  }
  if (message.startsWith(signatureValidationFailed)) {
    const detail = message.slice(signatureValidationFailed.length)
    return {
      told: message,
      reason: signatureValidationFailed,
      message: `image pull failed for ${image} because the signature validation failed${detail}`,
    }
  }
  return { told: message, reason: 'ErrImagePull', message }
}
