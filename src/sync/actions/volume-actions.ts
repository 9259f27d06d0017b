import { KubeletError } from '../../model/errors.ts'
import type { VolumeFailure } from '../../model/volume-failure.ts'
import { firstRetryAtMs, retriesAfter } from '../../plan/volume-retries.ts'
import { mountedVolumes } from '../../translate/volumes/volume-source.ts'
import { allOf } from '../../util/all-of.ts'
import { retryAfterMs, type PodRun, type SpecRun } from '../pod-run.ts'
import { volumeFacts } from './volume-facts.ts'
import type { SetUpVolumes } from '../../volume/pod-volumes.ts'

/** How often what volumes are made of had changed when their set-up began. */
interface Changes {
  readonly objectChanges: number
  readonly specChanges: number
}

/**
 * Begins to set up the Pod's volumes, or to bring them up to date; the Pod is poked when that is done. It ends with the
 * Pod's phase, and no other work on its volumes begins before it has ended.
 */
export function beginVolumes(run: SpecRun): void {
  const { memory, background, phaseSignal } = run
  const { promise, resolve } = Promise.withResolvers<void>()
  memory.settingUp = promise
  memory.volumesTornDown = false
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
    const [facts] = await allOf([volumeFacts(run, hasChanged(run), signal), context.files.makeHosts(uid)])
    const setUp = await context.volumes.setUp(pod, facts, signal)
    memory.volumeRetries = retriesAfter(memory.volumeRetries, { ...setUp, notTried: facts.leftAlone }, Date.now())
    learn(run, setUp, { objectChanges, specChanges })
  } catch (error) {
    // Nobody waits for them any more.
    if (KubeletError.is(error, 'aborted')) return
    const { message } = KubeletError.from(error)
    const atMs = Date.now() + retryAfterMs
    memory.volumes =
      memory.volumes.kind === 'ready'
        ? { kind: 'ready', refresh: { atMs, objectChanges, specChanges } }
        : { kind: 'failed', message, retryAtMs: atMs, objectChanges }
    run.emit({ kind: 'sync-failed', message })
  }
}

/** What volumes are made of is not what it was when they were last looked at: what has failed may not fail now. */
function hasChanged({ memory: { volumes, objectChanges } }: SpecRun): boolean {
  switch (volumes.kind) {
    case 'unprepared':
      return false
    case 'failed':
      return volumes.objectChanges < objectChanges
    case 'ready':
      return volumes.refresh !== undefined && volumes.refresh.objectChanges < objectChanges
    default:
      return volumes satisfies never
  }
}

/** Of volumes that were ready before, the Pod runs on with what they showed last. */
function learn(run: SpecRun, { mounted, failures, refreshAtMs }: SetUpVolumes, changes: Changes): void {
  const { memory } = run
  memory.mountedVolumes = new Map([...memory.mountedVolumes, ...mounted])
  tellUnprocessed(run, failures)
  // What was added to the Pod meanwhile may mount what nobody mounted when this began: it is not ready yet.
  if (memory.volumes.kind === 'unprepared' && memory.specChanges > changes.specChanges) return
  const retryAtMs = firstRetryAtMs(memory.volumeRetries)
  if (retryAtMs !== undefined && memory.volumes.kind !== 'ready') {
    const message = [...memory.volumeRetries.values()].map((retry) => retry.message).join('; ')
    memory.volumes = { kind: 'failed', message, retryAtMs, objectChanges: changes.objectChanges }
    return
  }
  const times = [retryAtMs, refreshAtMs].filter((time) => time !== undefined)
  const refresh = times.length === 0 ? undefined : { atMs: Math.min(...times), ...changes }
  memory.volumes = { kind: 'ready', refresh }
}

/** Of which volumes it is not known what is to be mounted is told together, as by the kubelet. */
function tellUnprocessed({ memory, pod, emit }: SpecRun, failures: readonly VolumeFailure[]): void {
  const unprocessed = failures.filter(({ step }) => step === 'process')
  if (unprocessed.length === 0) return
  const names = mountedVolumes(pod).map(({ name }) => name)
  emit({
    kind: 'volumes-unprocessed',
    unmounted: names.filter((name) => !memory.mountedVolumes.has(name)).toSorted(),
    unprocessed: unprocessed.map(({ volumeName }) => volumeName).toSorted(),
    message: unprocessed.map(({ message }) => message).join('; '),
  })
}

/** Takes down what the Pod has on this node's disk, when what was still being set up has ended. */
export async function removeVolumes(run: PodRun): Promise<void> {
  await takeDown(run, () => run.context.volumes.clear(run.uid, run.signal))
  run.memory.directoryRemoved = true
}

/** The same of a Pod that is over and whose object stays: its volumes alone, as in the kubelet (SyncTerminatedPod). */
export async function tearDownVolumes(run: PodRun): Promise<void> {
  await takeDown(run, () => run.context.volumes.tearDown(run.uid, run.signal))
}

async function takeDown({ context, memory, uid, signal }: PodRun, step: () => Promise<void>): Promise<void> {
  await memory.settingUp
  const inUse = await context.imageVolumes.tearDown(uid, signal).catch((error: unknown) => {
    if (KubeletError.is(error, 'conflict')) return error
    throw error
  })
  // An image in use holds up nothing else; its folder, by which it is found again, stays beneath it.
  await step()
  if (inUse !== undefined) throw inUse
  memory.mountedVolumes = new Map()
  memory.volumeRetries = new Map()
  memory.volumes = { kind: 'unprepared' }
  memory.volumesTornDown = true
}
