import { notYetDue } from '../../plan/volume-retries.ts'
import { toldPod } from '../../translate/volumes/told-pod.ts'
import { objectRefs } from '../../translate/volumes/projected-payload.ts'
import type { ProjectionSource } from '../../translate/volumes/projection-source.ts'
import { mountedVolumes, volumeSource } from '../../translate/volumes/volume-source.ts'
import type { VolumeFacts } from '../../volume/pod-volumes.ts'
import { claimFacts } from './claim-facts.ts'
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
  const early = everyVolume ? [] : notYetDue(memory.volumeRetries, nowMs)
  const leftAlone = new Set([...early, ...settled(run)])
  const [objects, { tokens, renewAtMs }, claims] = await Promise.all([
    readObjects(run, objectRefs(sources), signal),
    tokenFacts(run, sources, signal),
    claimFacts(run, leftAlone, signal),
  ])
  // What is read so often stays watched.
  const againAtMs = nowMs + context.resyncMs * (1 + refreshJitter * Math.random())
  const node = context.node()
  return {
    nowMs,
    leftAlone,
    objects,
    tokens,
    claims,
    pod: toldPod(pod, memory.seenAtMs),
    node,
    allocatable: node.status?.allocatable ?? {},
    refreshAtMs: sources.length === 0 ? undefined : Math.min(againAtMs, renewAtMs ?? againAtMs),
  }
}

function projectionSources({ context, pod }: SpecRun): readonly ProjectionSource[] {
  return mountedVolumes(pod).flatMap((volume) => {
    const source = volumeSource(pod, volume, context.paths)
    return source.kind === 'projected' ? source.sources : []
  })
}

/** What is mounted, and never shows anything else by the agent's doing: it is not checked or asked for again. */
function settled({ context, memory, pod }: SpecRun): readonly string[] {
  return mountedVolumes(pod).flatMap((volume) => {
    if (!memory.mountedVolumes.has(volume.name)) return []
    const { kind } = volumeSource(pod, volume, context.paths)
    return kind === 'claim' || kind === 'nfs' || kind === 'host-path' ? volume.name : []
  })
}
