import { containerHash } from '../../src/model/container-hash.ts'
import { containerId, imageId, podUid } from '../../src/model/ids.ts'
import type {
  ContainerState,
  ObservedContainer,
  ObservedOwner,
  ObservedPod,
  ObservedSandbox,
} from '../../src/model/observed.ts'
import { aContainer, aPodUid } from './pod.ts'

/** The moment at which tests look, 2026-11-21T10:00:00Z, and the moments a minute and half a minute before. */
export const nowMs = Date.parse('2026-11-21T10:00:00Z')
export const startedAtMs = nowMs - 60_000
export const finishedAtMs = nowMs - 30_000

type Exited = Extract<ContainerState, { phase: 'exited' }>

export const created: ContainerState = { phase: 'created' }
export const running: ContainerState = { phase: 'running', startedAtMs, pid: 4711 }

/** Ended half a minute ago, by itself, with 0, unless it is said otherwise. */
export function exited(change: Partial<Exited> = {}): Exited {
  return {
    phase: 'exited',
    exitCode: 0,
    cannotRun: false,
    oomKilled: false,
    error: '',
    startedAtMs,
    finishedAtMs,
    ...change,
  }
}

const owner: ObservedOwner = { podUid: podUid(aPodUid), podName: 'web', podNamespace: 'default' }

/** A sandbox that runs; its id is `sandbox-<attempt>`. */
export function anObservedSandbox(change: Partial<ObservedSandbox> = {}): ObservedSandbox {
  return {
    kind: 'sandbox',
    id: containerId(`sandbox-${change.attempt ?? 0}`),
    owner,
    attempt: 0,
    createdAtMs: startedAtMs - 1000,
    state: running,
    hostNetwork: false,
    runtime: 'runc',
    ips: ['10.1.0.5'],
    ...change,
  }
}

/** A running first instance of the default container; its id is `<name>-<attempt>`. */
export function anObservedContainer(change: Partial<ObservedContainer> = {}): ObservedContainer {
  const { name = 'main', attempt = 0 } = change
  return {
    kind: 'container',
    id: containerId(`${name}-${attempt}`),
    owner,
    name,
    sandboxId: containerId('sandbox-0'),
    attempt,
    hash: containerHash(aContainer({ name })),
    createdAtMs: startedAtMs - 500,
    state: running,
    resources: { cpuShares: 2, cpuQuota: 0, cpuPeriod: 0, memoryBytes: 0 },
    made: undefined,
    image: 'busybox:1.36',
    imageId: imageId('sha256:b0b0'),
    imageRef: 'docker://sha256:b0b0',
    terminationMessageFile: undefined,
    terminationMessagePolicy: 'File',
    terminationGracePeriodSeconds: 30,
    ...change,
  }
}

/** What Docker holds while the default Pod runs: its sandbox and its container. */
export function anObservedPod(change: Partial<ObservedPod> = {}): ObservedPod {
  return {
    uid: podUid(aPodUid),
    sandboxes: [anObservedSandbox()],
    containers: [anObservedContainer()],
    ...change,
  }
}

/** Docker holds nothing. */
export const nothing: ObservedPod = anObservedPod({ sandboxes: [], containers: [] })
