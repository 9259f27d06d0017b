/** Pods of every kind that an API server from 1.20 on keeps as they are. Pure. */
import type { ContainerSpec, PodSpec } from '../../../src/model/kube.ts'
import { podManifest, shell, staying, untilTold, type PodManifest } from '../../support/test-pod.ts'
import { expectLabel, type Expectation } from './expectation.ts'

export interface KindInput {
  readonly name: string
  /** ConfigMap and Secret of the round. */
  readonly data: string
  /** A folder of the host's, for what is to outlive Pods. */
  readonly hostFolder: string
}

/** One kind of Pod, and which of its containers may be given another image while it runs. */
interface PodKind {
  readonly expects: Expectation
  readonly build: (input: KindInput) => {
    readonly containers: readonly ContainerSpec[]
    readonly spec?: Partial<PodSpec>
  }
}

const oneSecond = { terminationGracePeriodSeconds: 1 }
const scratch = [{ name: 'scratch', emptyDir: {} }]
const atScratch = { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }
const quickly = { periodSeconds: 1, failureThreshold: 2 }

/** Appends a line to a file of the host's, by which it is seen how often it has run. */
function counted({ name, hostFolder }: KindInput, script: string): ReturnType<PodKind['build']> {
  const main = shell('main', `echo ran >>/runs/${name}; ${script}`, {
    volumeMounts: [{ name: 'runs', mountPath: '/runs' }],
    terminationMessagePolicy: 'FallbackToLogsOnError',
  })
  const volumes = [{ name: 'runs', hostPath: { path: hostFolder, type: 'DirectoryOrCreate' } }]
  return { containers: [main], spec: { restartPolicy: 'Never', volumes } }
}

function withVolume(volume: object): ReturnType<PodKind['build']> {
  const main = staying('main', { volumeMounts: [{ name: 'volume', mountPath: '/volume' }] })
  return { containers: [main], spec: { ...oneSecond, volumes: [{ name: 'volume', ...volume }] } }
}

export const podKinds = {
  stays: {
    expects: 'ready',
    build: () => ({ containers: [staying('main', atScratch)], spec: { ...oneSecond, volumes: scratch } }),
  },
  /** Of several containers, with settings and files from everywhere. */
  many: {
    expects: 'ready',
    build: ({ data }) => {
      const volumeMounts = [
        { name: 'config', mountPath: '/config' },
        { name: 'secret', mountPath: '/secret' },
        { name: 'info', mountPath: '/info' },
        { name: 'memory', mountPath: '/memory' },
        { name: 'memory', mountPath: '/part', subPath: 'part' },
      ]
      return {
        containers: [
          staying('main', { volumeMounts, envFrom: [{ configMapRef: { name: data } }] }),
          staying('second', { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: data, key: 'key' } } }] }),
          staying('third'),
        ],
        spec: {
          ...oneSecond,
          volumes: [
            { name: 'config', configMap: { name: data } },
            { name: 'secret', secret: { secretName: data } },
            { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
            { name: 'memory', emptyDir: { medium: 'Memory' } },
          ],
        },
      }
    },
  },
  succeeds: { expects: 'over', build: (input) => counted(input, 'sleep 0.3') },
  fails: { expects: 'over', build: (input) => counted(input, 'echo no; exit 3') },
  /** Runs long enough for something to happen to it. */
  works: { expects: 'over', build: (input) => counted(input, 'sleep 3') },
  /** Fails once; how often it has run it keeps in a volume. */
  retries: {
    expects: 'over',
    build: () => ({
      containers: [shell('main', 'echo ran >>/scratch/runs; [ "$(wc -l </scratch/runs)" -gt 1 ]', atScratch)],
      spec: { restartPolicy: 'OnFailure', volumes: scratch },
    }),
  },
  crashes: {
    expects: 'crashes',
    build: () => ({ containers: [shell('main', 'exit 1'), staying('other')], spec: oneSecond }),
  },
  /** What its init containers have left its container must find. */
  initialized: {
    expects: 'ready',
    build: () => ({
      containers: [shell('main', `cat /scratch/first /scratch/second || exit 1; ${untilTold}`, atScratch)],
      spec: {
        ...oneSecond,
        volumes: scratch,
        initContainers: [
          shell('first', 'echo 1 >/scratch/first', atScratch),
          shell('second', 'cat /scratch/first && sleep 0.3 && echo 2 >/scratch/second', atScratch),
        ],
      },
    }),
  },
  /** Ends before its container's turn comes. */
  'init-fails': {
    expects: 'over',
    build: () => ({
      containers: [staying('main')],
      spec: { restartPolicy: 'Never', initContainers: [shell('first', 'exit 4')] },
    }),
  },
  probed: {
    expects: 'ready',
    build: () => ({
      containers: [
        shell('main', `httpd -p 8080 -h /tmp & echo ok >/tmp/index.html; ${untilTold}`, {
          startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 30 },
          readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, failureThreshold: 2 },
          livenessProbe: { exec: { command: ['true'] }, periodSeconds: 2, failureThreshold: 5, timeoutSeconds: 5 },
        }),
      ],
      spec: oneSecond,
    }),
  },
  /** Its probe says that it is not alive, each time. */
  unhealthy: {
    expects: 'crashes',
    build: () => ({
      containers: [
        staying('main', { livenessProbe: { exec: { command: ['false'] }, ...quickly, failureThreshold: 1 } }),
      ],
      spec: oneSecond,
    }),
  },
  /** Does not listen when it is told to end. */
  stubborn: {
    expects: 'ready',
    build: () => ({
      containers: [shell('main', "trap '' TERM; while :; do sleep 1; done")],
      spec: { terminationGracePeriodSeconds: 2 },
    }),
  },
  hooked: {
    expects: 'ready',
    build: () => ({
      containers: [
        staying('main', {
          lifecycle: {
            postStart: { exec: { command: ['sh', '-c', 'echo started >/tmp/started'] } },
            preStop: { exec: { command: ['sh', '-c', 'sleep 0.5'] } },
          },
        }),
      ],
      spec: { terminationGracePeriodSeconds: 3 },
    }),
  },
  'of-host': {
    expects: 'ready',
    build: () => ({ containers: [staying('main')], spec: { ...oneSecond, hostNetwork: true } }),
  },
  /** Ends by its deadline. */
  overdue: {
    expects: 'over',
    build: () => ({ containers: [staying('main')], spec: { ...oneSecond, activeDeadlineSeconds: 2 } }),
  },
  /** Its image is nowhere. */
  imageless: {
    expects: 'waits',
    build: () => ({ containers: [{ name: 'main', image: 'chaos/nowhere:1', imagePullPolicy: 'Never' }] }),
  },
  /** Its image is on a machine that nobody is, and what it is to be pulled with is nowhere, or no such thing. */
  unpullable: {
    expects: 'waits',
    build: ({ data }) => ({
      containers: [{ name: 'main', image: '127.0.0.1:1/nowhere:1' }],
      spec: { imagePullSecrets: [{ name: 'nowhere' }, { name: data }] },
    }),
  },
  misnamed: { expects: 'waits', build: () => ({ containers: [{ name: 'main', image: 'Not:A:Name' }] }) },
  commandless: {
    expects: 'waits',
    build: () => ({ containers: [{ ...staying('main'), command: ['/nowhere'] }] }),
  },
  /** Its ConfigMap is nowhere. */
  unconfigured: {
    expects: 'waits',
    build: () => ({ containers: [staying('main', { envFrom: [{ configMapRef: { name: 'nowhere' } }] })] }),
  },
  /** As a volume. */
  volumeless: { expects: 'waits', build: () => withVolume({ configMap: { name: 'nowhere' } }) },
  claimless: { expects: 'waits', build: () => withVolume({ persistentVolumeClaim: { claimName: 'nowhere' } }) },
  unsupported: { expects: 'waits', build: () => withVolume({ csi: { driver: 'nowhere' } }) },
  // Hooks are a part of the start: what an agent has started that was killed before its hook failed
  // goes on, as with the kubelet.
  'hook-fails': {
    expects: 'lives',
    build: () => ({
      containers: [staying('main', { lifecycle: { postStart: { exec: { command: ['false'] } } } })],
      spec: oneSecond,
    }),
  },
  /** Asks for more name servers than a resolver takes. */
  'many-servers': {
    expects: 'ready',
    build: () => ({
      containers: [staying('main')],
      spec: { ...oneSecond, dnsPolicy: 'Default', dnsConfig: { nameservers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] } },
    }),
  },
  /** Asks for more than the node has. */
  'too-big': {
    expects: 'over',
    build: () => ({ containers: [staying('main', { resources: { requests: { cpu: '1000' } } })] }),
  },
} as const satisfies Readonly<Record<string, PodKind>>

export type PodKindName = keyof typeof podKinds
export const podKindNames: readonly PodKindName[] = Object.keys(podKinds).filter(
  (name) => name in podKinds,
) as PodKindName[]

export function buildPod(kind: PodKindName, input: KindInput): PodManifest {
  const { expects, build }: PodKind = podKinds[kind]
  const { containers, spec } = build(input)
  const manifest = podManifest(input.name, containers, spec)
  return { ...manifest, metadata: { ...manifest.metadata, labels: { [expectLabel]: expects } } }
}
