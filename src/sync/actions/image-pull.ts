import type { PullCredential } from '../../credentials/keyring.ts'
import { usedCredentials } from '../../credentials/records/image-access.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ImageUser } from '../../model/image-user.ts'
import type { PullProgress } from '../../model/pull-progress.ts'
import { failPull, failToInspect, pullFailure } from './image-failure.ts'
import { pullReference, type PullResult } from '../images/image-puller.ts'
import type { SpecRun } from '../pod-run.ts'
import { PullReport } from './pull-report.ts'

/** Begins to pull an image; the end pokes the Pod. It is ended when the Pod ends, or wants another image. */
export function beginPull(run: SpecRun, user: ImageUser): void {
  const { memory } = run
  const last = memory.images.get(user.key)
  const abort = new AbortController()
  memory.images.set(user.key, { kind: 'pulling', after: last?.kind === 'failed' ? last : undefined })
  memory.pulls.set(user.key, abort)
  const own = AbortSignal.any([run.phaseSignal, abort.signal])
  run.background.begin((signal) => runPull(run, user, { abort, signal }), own)
}

async function runPull(
  run: SpecRun,
  user: ImageUser,
  { abort, signal }: { readonly abort: AbortController; readonly signal: AbortSignal },
): Promise<void> {
  const { memory } = run
  const { key, containerName, image: reference } = user
  const startedAtMs = Date.now()
  using report = new PullReport({
    show: (progress) => {
      const image = memory.images.get(key)
      if (image?.kind !== 'pulling' || memory.pulls.get(key) !== abort) return
      memory.images.set(key, { ...image, progress })
      run.poke()
    },
    tell: (progress) => run.emit({ kind: 'pull-progress', containerName, image: reference, progress }),
  })
  const outcome = await pull(run, user, { report, signal }).catch((error: unknown) => KubeletError.from(error))
  // Another image is wanted by now.
  if (memory.pulls.get(key) !== abort) return
  memory.pulls.delete(key)
  if (signal.aborted) {
    memory.images.delete(key)
    return
  }
  if (outcome instanceof KubeletError) failed(run, user, outcome, startedAtMs)
  else pulled(run, user, outcome)
  run.poke()
}

async function pull(
  run: SpecRun,
  { containerName, image }: ImageUser,
  { report, signal }: { readonly report: PullReport; readonly signal: AbortSignal },
): Promise<PullResult> {
  const reference = pullReference(image)
  const credentials = await findCredentials(run, reference, signal)
  const { images, records } = run.context
  await records.intend(image)
  run.emit({ kind: 'pull-started', containerName, image })
  try {
    const onProgress = (progress: PullProgress): void => report.take(progress)
    const result = await images.pull(reference, { credentials, onProgress }, signal)
    const used = result.used === undefined ? undefined : credentials[result.used]
    await records.pulled({ image, id: result.image.id }, usedCredentials(used))
    return result
  } catch (error) {
    if (signal.aborted) await records.ended(image, async () => (await images.find(reference, run.signal))?.id)
    else await records.failed(image)
    throw error
  }
}

function pulled({ memory, emit }: SpecRun, user: ImageUser, { image, durationMs, waitedMs }: PullResult): void {
  memory.images.set(user.key, { kind: 'ready', id: image.id })
  const named = { containerName: user.containerName, image: user.image }
  emit({ kind: 'pull-finished', ...named, durationMs, waitedMs, sizeBytes: image.sizeBytes })
}

function failed(run: SpecRun, user: ImageUser, error: KubeletError, startedAtMs: number): void {
  // What our own parser takes for a name, Docker's may not.
  if (error.code === 'invalid') return failToInspect(run, user, error)
  const { containerName, image } = user
  const { told, ...shown } = pullFailure(image, error)
  run.emit({ kind: 'pull-failed', containerName, image, message: told })
  failPull(run, user, shown, startedAtMs)
}

/** What the pull may be made with; tells of the Pod's secrets that are of no use. Throws when the pull has been ended. */
async function findCredentials(
  run: SpecRun,
  reference: string,
  signal: AbortSignal,
): Promise<readonly PullCredential[]> {
  const { credentials, faults } = await run.context.credentials.find(run.pod, reference, signal)
  signal.throwIfAborted()
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
