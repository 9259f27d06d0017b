import { labels } from '../../src/model/labels.ts'
import type { SeenContainer, Snapshot, Start } from '../chaos/invariants/snapshot.ts'
import { expectLabel, type Expectation } from '../chaos/workload/expectation.ts'
import { aPod, aPodUid } from './pod.ts'
import { runningStatus } from './pod-status.ts'

const startedAt = '2026-11-21T09:59:00.123456789Z'

/** The container of the default Pod, that runs. */
export function aSeenContainer({ labels: more, ...change }: Partial<SeenContainer> = {}): SeenContainer {
  return {
    id: 'main-0',
    name: 'k8s_main_web',
    running: true,
    exitCode: 0,
    startedAt,
    finishedAt: '0001-01-01T00:00:00Z',
    ip: '',
    ...change,
    labels: { [labels.podUid]: aPodUid, [labels.containerName]: 'main', [labels.attempt]: '0', ...more },
  }
}

export function aSeenSandbox(change: Partial<SeenContainer> = {}): SeenContainer {
  const own = { [labels.containerName]: 'POD' }
  return aSeenContainer({
    id: 'sandbox-0',
    name: 'k8s_POD_web',
    ip: '10.1.0.5',
    ...change,
    labels: { ...own, ...change.labels },
  })
}

/** The default Pod, that is to come to something. */
export function aPodThatExpects(expectation: Expectation, status = runningStatus): Snapshot['pods'][number] {
  return aPod({ metadata: { labels: { [expectLabel]: expectation } }, status })
}

export function aStart(id: string, container: string): Start {
  return { id, uid: aPodUid, pod: 'web', container }
}

/** A node on which the default Pod runs, and all is well. */
export function aSnapshot(change: Partial<Snapshot> = {}): Snapshot {
  const atMs = Date.parse('2026-11-21T10:00:00Z')
  return {
    atMs,
    node: 'node-1',
    wanted: { pods: ['web'], manifests: [], deployments: {} },
    pods: [aPodThatExpects('ready')],
    nodeReady: true,
    leaseRenewedAtMs: atMs - 3_000,
    containers: [aSeenSandbox(), aSeenContainer()],
    mounts: [`/root/pods/${aPodUid}/volumes/kubernetes.io~secret/token`],
    podFolders: [aPodUid],
    logFolders: [`default_web_${aPodUid}`],
    logLinks: ['web_default_main-main-0.log'],
    cgroups: [aPodUid],
    starts: [aStart('sandbox-0', 'POD'), aStart('main-0', 'main')],
    runs: {},
    agent: { pid: 7, rssMb: 90, openFiles: 40 },
    ...change,
  }
}
