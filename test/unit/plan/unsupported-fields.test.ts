import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../src/model/kube.ts'
import { unsupportedFields } from '../../../src/plan/unsupported-fields.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

/** `path consequence`, with the container that waits behind it. */
function found(spec: Partial<PodSpec>): readonly string[] {
  return unsupportedFields(aPod({ spec })).map(
    ({ path, consequence, containerName }) =>
      `${path} ${consequence}${containerName === undefined ? '' : ` ${containerName}`}`,
  )
}

describe('unsupportedFields', () => {
  it('finds none in a Pod as the API server defaults it', () => {
    const spec: Partial<PodSpec> = {
      schedulerName: 'default-scheduler',
      serviceAccountName: 'default',
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
      priority: 0,
      securityContext: {},
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
      containers: [aContainer({ securityContext: {} })],
    }
    assert.deepEqual(found(spec), [])
  })

  it('finds none in a Pod that uses all that is done', () => {
    const spec: Partial<PodSpec> = {
      hostNetwork: true,
      imagePullSecrets: [{ name: 's' }],
      hostname: 'a',
      subdomain: 'b',
      hostAliases: [{ ip: '10.1.2.3', hostnames: ['foo'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['1.2.3.4'] },
      hostUsers: true,
      volumes: [
        { name: 'e', emptyDir: {} },
        { name: 'h', hostPath: { path: '/data' } },
      ],
      containers: [
        aContainer({
          command: ['sh'],
          args: ['-c', 'true'],
          env: [{ name: 'A', value: '1' }],
          ports: [{ containerPort: 80, hostPort: 80 }],
          stdin: true,
          tty: true,
          workingDir: '/srv',
          volumeMounts: [
            {
              name: 'e',
              mountPath: '/e',
              readOnly: true,
              recursiveReadOnly: 'IfPossible',
              mountPropagation: 'HostToContainer',
            },
          ],
        }),
      ],
    }
    assert.deepEqual(found(spec), [])
  })

  const podFields: readonly (readonly [field: Partial<PodSpec>, found: readonly string[]])[] = [
    [{ ephemeralContainers: [{ name: 'debug' }] }, []],
    [
      { ephemeralContainers: [{ name: 'debug', volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }] },
      ['spec.ephemeralContainers[0].volumeDevices refused debug'],
    ],
    [{ hostPID: true, hostIPC: true }, []],
    [{ shareProcessNamespace: true }, []],
    [{ runtimeClassName: '', activeDeadlineSeconds: 10 }, []],
    [{ setHostnameAsFQDN: true, hostnameOverride: 'x' }, []],
    [{ readinessGates: [{ conditionType: 'x' }] }, []],
    [{ runtimeClassName: 'gvisor' }, []],
    [{ resources: { limits: { cpu: '1' } } }, []],
    [{ resourceClaims: [{ name: 'gpu' }] }, ['spec.resourceClaims refused']],
    [{ hostUsers: false }, []],
    [{ securityContext: { fsGroup: 1000, windowsOptions: { runAsUserName: 'ContainerUser' } } }, []],
    [
      {
        volumes: [
          { name: 'v', emptyDir: { sizeLimit: '1Gi' } },
          { name: 'w', emptyDir: {} },
        ],
      },
      [],
    ],
  ]
  for (const [field, paths] of podFields) {
    it(`of a Pod with ${JSON.stringify(field)} are [${paths.join(', ')}]`, () => assert.deepEqual(found(field), paths))
  }

  const probe = { tcpSocket: { port: 80 } }
  const mount = { name: 'v', mountPath: '/v' }
  const containerFields: readonly (readonly [field: Partial<ContainerSpec>, found: readonly string[]])[] = [
    [{ envFrom: [{ configMapRef: { name: 'c' } }] }, []],
    [
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        ],
      },
      [],
    ],
    [{ lifecycle: { preStop: { sleep: { seconds: 1 } }, stopSignal: 'SIGINT' } }, []],
    [{ livenessProbe: probe, readinessProbe: probe, startupProbe: probe }, []],
    [{ resources: { limits: { memory: '1Gi' } } }, []],
    [{ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] }, []],
    [{ volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }, ['volumeDevices refused main']],
    [{ volumeMounts: [mount, { ...mount, subPath: 'a' }, { ...mount, subPathExpr: '$(A)' }] }, []],
    [{ volumeMounts: [{ ...mount, recursiveReadOnly: 'Enabled', mountPropagation: 'None' }] }, []],
    [{ securityContext: { privileged: true, runAsUser: 0, allowPrivilegeEscalation: false } }, []],
    [{ securityContext: { windowsOptions: { hostProcess: true } } }, []],
  ]
  for (const [field, paths] of containerFields) {
    it(`of a container with ${JSON.stringify(field)} are [${paths.join(', ')}]`, () => {
      const containers = [aContainer({ name: 'other' }), aContainer(field)]
      assert.deepEqual(
        found({ containers }),
        paths.map((path) => `spec.containers[1].${path}`),
      )
    })
  }

  it('tell of a volume that no container can mount, and of a part of one', () => {
    const clusterTrustBundle = { name: 'roots', path: 'roots.pem' }
    const volumes = [
      { name: 'driver', csi: { driver: 'example.org/driver' } },
      { name: 'roots', projected: { sources: [{ configMap: { name: 'roots' } }, { clusterTrustBundle }] } },
    ]
    assert.deepEqual(found({ volumes }), [
      'spec.volumes[0].csi unmounted',
      'spec.volumes[1].projected.sources[1].clusterTrustBundle unmounted',
    ])
  })

  it('go through the Pod first, then its containers in order', () => {
    const spec: Partial<PodSpec> = {
      resourceClaims: [{ name: 'gpu' }],
      containers: [
        aContainer({ name: 'b', volumeDevices: [{ name: 'v', devicePath: '/dev/v' }] }),
        aContainer({ name: 'a', volumeDevices: [{ name: 'w', devicePath: '/dev/w' }] }),
      ],
    }
    assert.deepEqual(found(spec), [
      'spec.resourceClaims refused',
      'spec.containers[0].volumeDevices refused b',
      'spec.containers[1].volumeDevices refused a',
    ])
  })
})
