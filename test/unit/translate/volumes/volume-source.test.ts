import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VolumeMountSpec, VolumeSpec } from '../../../../src/model/kube.ts'
import {
  mountedVolumes,
  volumeSource,
  type ProjectedSource,
  type VolumeSource,
} from '../../../../src/translate/volumes/volume-source.ts'
import { aContainer, aPod, aPodUid } from '../../../builders/pod.ts'

const paths = { root: '/var/lib/minikubelet', podLogs: '/var/log/pods' }

describe('volumeSource', () => {
  const volumesPath = `/var/lib/minikubelet/pods/${aPodUid}/volumes`
  const emptyDirPath = `${volumesPath}/kubernetes.io~empty-dir/v`
  const files = (plugin: string, change: Partial<ProjectedSource>): ProjectedSource => ({
    kind: 'projected',
    path: `${volumesPath}/kubernetes.io~${plugin}/v`,
    medium: 'memory',
    defaultMode: 0o644,
    sources: [],
    ...change,
  })
  const allOf = (kind: 'ConfigMap' | 'Secret', name: string) =>
    ({ kind: 'object', ref: { kind, namespace: 'default', name }, items: undefined, optional: false }) as const
  const cases: readonly (readonly [title: string, volume: VolumeSpec, source: VolumeSource])[] = [
    [
      "finds an emptyDir in the Pod's directory",
      { name: 'v', emptyDir: {} },
      { kind: 'empty-dir', path: emptyDirPath, medium: '', sizeLimitBytes: undefined },
    ],
    [
      'knows what an emptyDir lies on, and how large it may get',
      { name: 'v', emptyDir: { medium: 'Memory', sizeLimit: '1.5Mi' } },
      { kind: 'empty-dir', path: emptyDirPath, medium: 'Memory', sizeLimitBytes: 1_572_864 },
    ],
    [
      'finds a hostPath where it is',
      { name: 'v', hostPath: { path: '/data', type: 'File' } },
      { kind: 'host-path', path: '/data', type: 'File' },
    ],
    [
      'takes a hostPath without a type for the empty type',
      { name: 'v', hostPath: { path: '/data' } },
      { kind: 'host-path', path: '/data', type: '' },
    ],
    [
      'names the kind that is not served',
      { name: 'v', csi: { driver: 'd' } },
      { kind: 'unsupported', field: 'csi (driver "d")' },
    ],
    [
      'takes a configMap for one source of files, on disk',
      { name: 'v', configMap: { name: 'c' } },
      files('configmap', { medium: 'disk', sources: [allOf('ConfigMap', 'c')] }),
    ],
    [
      'takes a secret for one source of files, in memory',
      { name: 'v', secret: { secretName: 's', optional: true, defaultMode: 0o400, items: [{ key: 'a', path: 'b' }] } },
      files('secret', {
        defaultMode: 0o400,
        sources: [{ ...allOf('Secret', 's'), optional: true, items: [{ key: 'a', path: 'b' }] }],
      }),
    ],
    [
      'takes a downwardAPI for one source of files, in memory',
      { name: 'v', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      files('downward-api', {
        sources: [{ kind: 'downward', items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] }],
      }),
    ],
    [
      'keeps the sources of a projected volume in their order',
      {
        name: 'v',
        projected: {
          sources: [
            { serviceAccountToken: { path: 'token' } },
            { configMap: { name: 'c' } },
            { clusterTrustBundle: { path: 'ca' } },
          ],
        },
      },
      files('projected', {
        sources: [
          { kind: 'token', audience: '', expirationSeconds: 3600, path: 'token' },
          allOf('ConfigMap', 'c'),
          { kind: 'unsupported', field: 'clusterTrustBundle' },
        ],
      }),
    ],
    [
      'knows a claim by its name',
      { name: 'v', persistentVolumeClaim: { claimName: 'c', readOnly: true } },
      { kind: 'claim', claimName: 'c', readOnly: true, isEphemeral: false },
    ],
    [
      'knows the claim that is made for the Pod alone by the names of both',
      { name: 'v', ephemeral: {} },
      { kind: 'claim', claimName: `${aPod().metadata.name}-v`, readOnly: false, isEphemeral: true },
    ],
    [
      'mounts nfs below the Pod',
      { name: 'v', nfs: { server: 'files', path: '/export' } },
      {
        kind: 'nfs',
        path: `${volumesPath}/kubernetes.io~nfs/v`,
        server: 'files',
        exportPath: '/export',
        readOnly: false,
      },
    ],
    [
      'knows an image by its reference',
      { name: 'v', image: { reference: 'busybox:1.36', pullPolicy: 'Never' } },
      { kind: 'image', path: `${volumesPath}/kubernetes.io~image/v`, reference: 'busybox:1.36', pullPolicy: 'Never' },
    ],
    ['says so of a volume without any source', { name: 'v' }, { kind: 'unsupported', field: 'without a source' }],
  ]
  for (const [title, volume, source] of cases) {
    it(title, () => assert.deepEqual(volumeSource(aPod(), volume, paths), source))
  }
})

describe('mountedVolumes', () => {
  it('are those that some container mounts, in the order of the Pod', () => {
    const mount = (name: string): VolumeMountSpec => ({ name, mountPath: `/${name}` })
    const volumes = ['a', 'b', 'c'].map((name) => ({ name, emptyDir: {} }))
    const containers = [
      aContainer({ name: 'x', volumeMounts: [mount('c')] }),
      aContainer({ name: 'y', volumeMounts: [mount('a'), mount('c')] }),
    ]
    assert.deepEqual(mountedVolumes(aPod({ spec: { volumes, containers } })), [volumes[0], volumes[2]])
  })

  it('are none for a Pod without volumes', () => {
    assert.deepEqual(mountedVolumes(aPod()), [])
  })
})
