import type { ContainerSpec, ContainerStatus, Pod, PodSpec, PodStatus } from '../../src/model/kube.ts'

/** What a test changes of the base Pod: members of `metadata` and `spec` replace the base's, one by one. */
export interface PodChange {
  readonly metadata?: Partial<Pod['metadata']>
  readonly spec?: Partial<PodSpec>
  readonly status?: PodStatus
}

export const aPodUid = '0f6c3f5e-6f3c-4b7e-9a53-3f1d2c4b5a69'

/** A Pod as the API server hands it out: one container, restart policy Always, no status. */
export function aPod({ metadata, spec, status }: PodChange = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: aPodUid, ...metadata },
    spec: {
      nodeName: 'node-1',
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      terminationGracePeriodSeconds: 30,
      enableServiceLinks: true,
      containers: [aContainer()],
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  }
}

/** A container with the API server's defaults. */
export function aContainer(change: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    name: 'main',
    image: 'busybox:1.36',
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    resources: {},
    ...change,
  }
}

/** One container of the default kind for each name, in that order. */
export function containersNamed(...names: readonly string[]): readonly ContainerSpec[] {
  return names.map((name) => aContainer({ name }))
}

/** A container's status while it runs, as the API server hands it out. */
export function aContainerStatus(change: Partial<ContainerStatus> = {}): ContainerStatus {
  return {
    name: 'main',
    state: { running: { startedAt: '2026-11-21T09:59:00Z' } },
    lastState: {},
    ready: true,
    started: true,
    restartCount: 0,
    image: 'busybox:1.36',
    imageID: 'docker://sha256:b0b0',
    containerID: 'docker://main-0',
    resources: {},
    ...change,
  }
}

/** The `state` of a container status that has ended, as the API server hands it out. */
export function terminatedState(
  exitCode: number,
  containerID = 'docker://main-0',
): NonNullable<ContainerStatus['state']> {
  return {
    terminated: {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt: '2026-11-21T09:59:00Z',
      finishedAt: '2026-11-21T09:59:30Z',
      containerID,
    },
  }
}
