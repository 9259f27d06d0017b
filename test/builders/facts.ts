import { imageId } from '../../src/model/ids.ts'
import type { ImageFact, KillProgress, PodFacts } from '../../src/plan/pod-facts.ts'
import type { StatusFacts } from '../../src/status/pod-status.ts'
import { nowMs } from './observed.ts'

export const busyboxId = imageId('sha256:b0b0')
const imageReady: ImageFact = { kind: 'ready', id: busyboxId }

/** Images of these containers are there. */
export function imagesOf(...names: readonly string[]): ReadonlyMap<string, ImageFact> {
  return new Map(names.map((name) => [name, imageReady]))
}

/**
 * The volumes are there and nothing has failed; of images nothing is known. When the Pod is over there is nothing to take
 * down.
 */
export function podFacts(change: Partial<PodFacts> = {}): PodFacts {
  return {
    nowMs,
    probes: new Map(),
    failedProbes: new Set(),
    volumes: { kind: 'ready', refresh: undefined },
    volumesUnderWay: false,
    volumesTornDown: true,
    images: new Map(),
    startFailures: new Map(),
    objectChanges: 0,
    specChanges: 0,
    backOffs: new Map(),
    sandboxFailure: undefined,
    postStarts: new Map(),
    kills: new Map(),
    killedForRestart: new Set(),
    restartingAll: undefined,
    vanished: new Map(),
    refused: new Map(),
    resize: { containers: new Map(), bounds: undefined, cpuPeriodUs: 100_000, retryAtMs: undefined },
    keptInstances: 1,
    ...change,
  }
}

/** A kill of the default container that began just now, with 30 seconds and the stop signal at once. */
export function aKill(change: Partial<KillProgress> = {}): KillProgress {
  return {
    containerName: 'main',
    sinceMs: nowMs,
    step: { kind: 'stopping', killAtMs: nowMs + 30_000 },
    order: { graceSeconds: 30, message: 'Stopping container main', thenRestart: false, reason: 'it is to end' },
    ...change,
  }
}

/** One node address, and a Pod that is not over and had no status before. */
export function statusFacts(change: Partial<StatusFacts> = {}): StatusFacts {
  return {
    nowMs,
    nodeIps: ['192.0.2.10'],
    waiting: new Map(),
    pulling: new Map(),
    probes: new Map(),
    messages: new Map(),
    previous: undefined,
    podIsOver: false,
    killedForRestart: new Set(),
    postStarts: new Set(),
    vanishedForGood: new Set(),
    resize: { containers: new Map(), pending: undefined, progress: undefined },
    ...change,
  }
}
