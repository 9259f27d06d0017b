import type { PodManifest } from '../../support/test-pod.ts'
import { isReady, findStatus, podManifest, shell, staying, untilTold, waitsFor } from '../../support/test-pod.ts'
import type { Pod } from '../../../src/model/kube.ts'

/** What both nodes are asked about: a Pod, and when it is as far as it gets. */
export interface AskedPod {
  readonly manifest: PodManifest
  readonly isDone: (pod: Pod) => boolean
}

const longLine = `head -c 40000 /dev/zero | tr '\\0' x; echo`

export const askedPods: readonly AskedPod[] = [
  {
    manifest: podManifest(
      'talks',
      [
        shell(
          'main',
          `echo one; sleep 1; echo two >&2; sleep 1; ${longLine}; sleep 1; echo four; touch /said; ${untilTold}`,
          {
            readinessProbe: { exec: { command: ['test', '-e', '/said'] }, periodSeconds: 1 },
            resources: { requests: { cpu: '10m' }, limits: { memory: '64Mi' } },
            volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
          },
        ),
        // PID 1 of it writes what it is told.
        shell('echoes', 'while read line; do echo "heard $line"; done; echo over; sleep 86400', { stdin: true }),
      ],
      { volumes: [{ name: 'disk', emptyDir: {} }] },
    ),
    isDone: isReady,
  },
  {
    manifest: podManifest('silent', [staying('main')]),
    isDone: isReady,
  },
  {
    manifest: podManifest(
      'again',
      [
        shell('main', `[ -e /disk/was ] && { echo second; ${untilTold}; }; touch /disk/was; echo first; exit 3`, {
          volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
        }),
      ],
      { volumes: [{ name: 'disk', emptyDir: {} }] },
    ),
    isDone: (pod) => isReady(pod) && findStatus(pod, 'main')?.restartCount === 1,
  },
  {
    manifest: podManifest('half', [shell('dead', 'echo bye; exit 3'), staying('main')], { restartPolicy: 'Never' }),
    isDone: (pod) => findStatus(pod, 'dead')?.state?.terminated !== undefined,
  },
  {
    manifest: podManifest('unpulled', [staying('main', { image: 'none.example/none:1', imagePullPolicy: 'Never' })]),
    isDone: waitsFor('main', 'ErrImageNeverPull'),
  },
  {
    manifest: podManifest('unmade', [
      staying('main', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'none' } } }] }),
    ]),
    isDone: waitsFor('main', 'CreateContainerConfigError'),
  },
  {
    manifest: podManifest('before', [staying('main')], { initContainers: [shell('init', `echo init; ${untilTold}`)] }),
    isDone: (pod) => pod.status?.initContainerStatuses?.[0]?.state?.running !== undefined,
  },
]
