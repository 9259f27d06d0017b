import { KubeletError } from '../../model/errors.ts'
import { retryAfterMs, type PodRun, type SpecRun } from '../pod-run.ts'
import { volumeFacts } from './volume-facts.ts'
import type { SetUpVolumes } from '../../volume/pod-volumes.ts'

/**
 * Begins to set up the Pod's volumes, or to bring them up to date; the Pod is poked when that is done. It ends with the
 * Pod's phase, and no other work on its volumes begins before it has ended.
 */
export function beginVolumes(run: SpecRun): void {
  const { memory, background, phaseSignal } = run
  const { promise, resolve } = Promise.withResolvers<void>()
  memory.settingUp = promise
  background.begin(async (signal) => {
    try {
      await setUpVolumes(run, signal)
    } finally {
      memory.settingUp = undefined
      resolve()
      run.poke()
    }
  }, phaseSignal)
}

async function setUpVolumes(run: SpecRun, signal: AbortSignal): Promise<void> {
  const { context, memory, pod, uid } = run
  const { objectChanges, specChanges } = memory
  try {
    await context.files.makeHosts(uid)
    const setUp = await context.volumes.setUp(pod, await volumeFacts(run, signal), signal)
    learn(run, setUp, { objectChanges, specChanges })
  } catch (error) {
    // Nobody waits for them any more.
    if (KubeletError.is(error, 'aborted')) return
    const { message } = KubeletError.from(error)
    memory.volumes = { kind: 'failed', message, retryAtMs: Date.now() + retryAfterMs, objectChanges }
    run.emit({ kind: 'sync-failed', message })
  }
}

/** What could not be set up is told. Of volumes that were ready before, the Pod runs on with what they showed last. */
function learn(
  run: SpecRun,
  { mounted, failures, refreshAtMs }: SetUpVolumes,
  changes: { readonly objectChanges: number; readonly specChanges: number },
): void {
  const { memory } = run
  const retryAtMs = Date.now() + retryAfterMs
  for (const failure of failures) run.emit({ kind: 'volume-failed', ...failure })
  memory.mountedVolumes = new Map([...memory.mountedVolumes, ...mounted])
  if (failures.length > 0 && memory.volumes.kind !== 'ready') {
    const message = failures.map((failure) => failure.message).join('; ')
    memory.volumes = { kind: 'failed', message, retryAtMs, objectChanges: changes.objectChanges }
    return
  }
  const atMs = failures.length > 0 ? retryAtMs : refreshAtMs
  memory.volumes = { kind: 'ready', refresh: atMs === undefined ? undefined : { atMs, ...changes } }
}

/** Takes down what the Pod has on this node's disk, when what was still being set up has ended. */
export async function removeVolumes({ context, memory, uid }: PodRun): Promise<void> {
  await memory.settingUp
  await context.volumes.tearDown(uid)
  memory.directoryRemoved = true
}
