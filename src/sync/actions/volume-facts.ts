import { notYetDue } from '../../plan/volume-retries.ts'
import { toldPod } from '../../translate/volumes/told-pod.ts'
import { objectRefs } from '../../translate/volumes/projected-payload.ts'
import type { ProjectionSource } from '../../translate/volumes/projection-source.ts'
import { mountedVolumes, volumeSource } from '../../translate/volumes/volume-source.ts'
import type { VolumeFacts } from '../../volume/pod-volumes.ts'
import type { SpecRun } from '../pod-run.ts'
import { readObjects } from './object-facts.ts'
import { tokenFacts } from './token-facts.ts'

/** So that the volumes of Pods that came together are not looked at together for ever. */
const refreshJitter = 0.5

/**
 * Gathers what the Pod's volumes show of the world. What can't be had is a fact, too: whose failure that is, is for the
 * volume to say. With `everyVolume` those that have failed not long ago are tried, too. Throws `aborted` only.
 */
export async function volumeFacts(run: SpecRun, everyVolume: boolean, signal: AbortSignal): Promise<VolumeFacts> {
  const { context, memory, pod } = run
  const nowMs = Date.now()
  const sources = projectionSources(run)
  const [objects, { tokens, renewAtMs }] = await Promise.all([
    readObjects(run, objectRefs(sources), signal),
    tokenFacts(run, sources, signal),
  ])
  // What is read so often stays watched.
  const againAtMs = nowMs + context.resyncMs * (1 + refreshJitter * Math.random())
  return {
    nowMs,
    notYetDue: everyVolume ? new Set() : notYetDue(memory.volumeRetries, nowMs),
    objects,
    tokens,
    pod: toldPod(pod, memory.seenAtMs),
    allocatable: context.node().status?.allocatable ?? {},
    refreshAtMs: sources.length === 0 ? undefined : Math.min(againAtMs, renewAtMs ?? againAtMs),
  }
}

function projectionSources({ context, pod }: SpecRun): readonly ProjectionSource[] {
  return mountedVolumes(pod).flatMap((volume) => {
    const source = volumeSource(pod, volume, context.paths)
    return source.kind === 'projected' ? source.sources : []
  })
}
