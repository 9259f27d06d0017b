import type { RegistryCredentials } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import type { ContainerSpec } from '../model/kube.ts'
import { imagePullPolicy } from '../model/pod.ts'
import { imagePullLimits, nextBackOff } from '../plan/back-off.ts'
import { pullReference } from './image-puller.ts'
import { isPassing, type PodRun, type SpecRun } from './pod-run.ts'

/**
 * Finds or pulls the image of a container that is to be created (EnsureImageExists in pkg/kubelet/images/image_manager.go).
 * A pull goes on in the background; its end pokes the Pod.
 */
export async function ensureImage(run: SpecRun, container: ContainerSpec): Promise<void> {
  const policy = imagePullPolicy(container)
  const image = container.image ?? ''
  const reference = pullReference(image)
  if (policy !== 'Always') {
    const found = await findImage(run, container, reference)
    if (found === 'failed') return
    if (found === 'present') {
      run.emit({ kind: 'image-present', containerName: container.name, image })
      return
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`
      run.emit({ kind: 'image-never-pull', containerName: container.name, message })
      fail(run, container, { reason: 'ErrImageNeverPull', message, backOff: false })
      return
    }
  }
  const last = run.memory.images.get(container.name)
  run.memory.images.set(container.name, { kind: 'pulling', after: last?.kind === 'failed' ? last : undefined })
  run.background.begin(() => pullImage(run, container, reference))
}

async function findImage(
  run: PodRun,
  container: ContainerSpec,
  reference: string,
): Promise<'present' | 'absent' | 'failed'> {
  try {
    const found = await run.context.images.find(reference, run.signal)
    if (found === undefined) return 'absent'
    run.memory.images.set(container.name, { kind: 'ready', id: found.id })
    return 'present'
  } catch (error) {
    if (isPassing(error)) throw error
    failToInspect(run, container, KubeletError.from(error))
    return 'failed'
  }
}

/** Docker could not say whether it has the image: most often because its name does not parse. */
function failToInspect(run: PodRun, container: ContainerSpec, error: KubeletError): void {
  const image = container.image ?? ''
  const isInvalid = error.code === 'invalid'
  const message = isInvalid
    ? `Failed to apply default image tag "${image}": couldn't parse image reference "${image}": ${error.message}`
    : `Failed to inspect image "${image}": ${error.message}`
  run.emit({ kind: 'image-inspect-failed', containerName: container.name, message })
  fail(run, container, { reason: isInvalid ? 'InvalidImageName' : 'ImageInspectError', message, backOff: false })
}

async function pullImage(run: SpecRun, container: ContainerSpec, reference: string): Promise<void> {
  const { memory, context } = run
  const named = { containerName: container.name, image: container.image ?? '' }
  try {
    const credentials = await findCredentials(run, reference)
    run.emit({ kind: 'pull-started', ...named })
    const { image, durationMs, waitedMs } = await context.images.pull(reference, credentials, run.phaseSignal)
    memory.images.set(container.name, { kind: 'ready', id: image.id })
    memory.imageBackOffs.delete(container.name)
    run.emit({ kind: 'pull-finished', ...named, durationMs, waitedMs, sizeBytes: image.sizeBytes })
  } catch (error) {
    if (run.phaseSignal.aborted) {
      memory.images.delete(container.name)
      return
    }
    if (KubeletError.is(error, 'invalid')) {
      // With policy Always nobody has looked for it before.
      failToInspect(run, container, error)
    } else {
      const { told, reason, message } = pullFailure(named.image, KubeletError.from(error))
      run.emit({ kind: 'pull-failed', ...named, message: told })
      fail(run, container, { reason, message, backOff: true })
    }
  }
  run.poke()
}

/** What the pull may be made with; tells of the Pod's secrets that are of no use. Throws when the Pod has been told to end. */
async function findCredentials(run: SpecRun, reference: string): Promise<readonly RegistryCredentials[]> {
  const { credentials, faults } = await run.context.credentials.find(run.pod, reference, run.phaseSignal)
  run.phaseSignal.throwIfAborted()
  const unusable = faults.filter(({ kind }) => kind === 'unusable')
  if (unusable.length > 0) {
    const secretNames = unusable.map(({ secretName }) => secretName)
    const message = unusable.map((fault) => `"${fault.secretName}": ${fault.message}`).join('; ')
    run.emit({ kind: 'pull-secrets-unusable', secretNames, message })
  }
  for (const { kind, secretName, message } of faults) {
    if (kind === 'no-pull-secret') run.emit({ kind: 'pull-secret-ignored', secretName, message })
  }
  return credentials
}

/**
 * How a failed pull shows: a registry that is away has a reason of its own (filterHTTPError of cri-dockerd, evalCRIPullErr
 * in pkg/kubelet/images/image_manager.go). Without a status it was Docker that was away.
 */
function pullFailure(
  image: string,
  { code, status, message }: KubeletError,
): { readonly told: string; readonly reason: string; readonly message: string } {
  if (code !== 'unavailable' || status === undefined) return { told: message, reason: 'ErrImagePull', message }
  return {
    told: `RegistryUnavailable: ${message}`,
    reason: 'RegistryUnavailable',
    message: `image pull failed for ${image} because the registry is unavailable: ${message}`,
  }
}

interface ImageFailure {
  readonly reason: string
  readonly message: string
  /** A pull was tried: the next one waits longer. */
  readonly backOff: boolean
}

/** Without a pull nothing was spent: the next look comes after the usual ten seconds. */
const lookAgainAfterMs = 10_000

function fail(run: PodRun, container: ContainerSpec, { reason, message, backOff }: ImageFailure): void {
  const { memory } = run
  const failedAtMs = Date.now()
  let delayMs = lookAgainAfterMs
  if (backOff) {
    const next = nextBackOff(memory.imageBackOffs.get(container.name), failedAtMs, failedAtMs, imagePullLimits)
    memory.imageBackOffs.set(container.name, next)
    delayMs = next.delayMs
  }
  const retryAtMs = failedAtMs + delayMs
  memory.images.set(container.name, { kind: 'failed', reason, message, failedAtMs, retryAtMs, backOff })
  run.emit({ kind: 'container-failed', containerName: container.name, reason, message: reason })
}
