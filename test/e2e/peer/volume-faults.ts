import type { ContainerSpec, PodSpec, VolumeMountSpec, VolumeSpec } from '../../../src/model/kube.ts'
import { podManifest, staying, type PodManifest } from '../../support/test-pod.ts'

/** A Pod of one container that mounts one volume. */
function podOf(
  name: string,
  source: Omit<VolumeSpec, 'name'>,
  mount: Partial<VolumeMountSpec> = {},
  change: Partial<ContainerSpec> = {},
): PodManifest {
  const volumes: PodSpec['volumes'] = [{ name: 'data', ...source }]
  const main = staying('main', { volumeMounts: [{ name: 'data', mountPath: '/data', ...mount }], ...change })
  return podManifest(name, [main], { volumes })
}

/** Pods that wait for something that is not there, or is another thing than they say. `folder` is a `HostFolder`'s. */
export function faultyPods(folder: string): readonly PodManifest[] {
  const hostPath = (name: string, path: string, type: string): PodManifest =>
    podOf(name, { hostPath: { path: `${folder}/${path}`, type } })
  return [
    podOf('no-config-map', { configMap: { name: 'nobody' } }),
    podOf('no-key', { configMap: { name: 'settings', items: [{ key: 'nobody', path: 'a' }] } }),
    podOf('no-secret', { secret: { secretName: 'nobody' } }),
    podOf('no-secret-key', { secret: { secretName: 'passwords', items: [{ key: 'nobody', path: 'a' }] } }),
    podOf('no-projected', {
      projected: { sources: [{ configMap: { name: 'nobody' } }, { secret: { name: 'nobody' } }] },
    }),
    podOf('no-projected-key', {
      projected: { sources: [{ secret: { name: 'passwords', items: [{ key: 'nobody', path: 'a' }] } }] },
    }),
    podOf('no-claim', { persistentVolumeClaim: { claimName: 'nobody' } }),
    podOf('unbound-claim', { persistentVolumeClaim: { claimName: 'unbound' } }),
    podOf('no-driver', { csi: { driver: 'nobody.example' } }),
    hostPath('no-directory', 'nobody', 'Directory'),
    hostPath('no-file', 'directory', 'File'),
    hostPath('no-new-file', 'nobody/file', 'FileOrCreate'),
    hostPath('no-new-directory', 'directory/file', 'DirectoryOrCreate'),
    hostPath('no-socket', 'directory', 'Socket'),
    hostPath('no-char-device', 'directory', 'CharDevice'),
    hostPath('no-block-device', 'directory', 'BlockDevice'),
    podOf('no-variable', { emptyDir: {} }, { subPathExpr: '$(NOBODY)/$(B)/$(A)' }),
    podOf(
      'absolute-expression',
      { emptyDir: {} },
      { subPathExpr: '$(ROOT)' },
      { env: [{ name: 'ROOT', value: '/etc' }] },
    ),
    podOf('up', { emptyDir: {} }, { subPathExpr: '$(UP)' }, { env: [{ name: 'UP', value: 'a/../..' }] }),
    podOf('below-a-file', { hostPath: { path: `${folder}/directory` } }, { subPath: 'file/below' }),
    podOf('out', { hostPath: { path: `${folder}/directory` } }, { subPath: 'way-out' }),
  ]
}

/** What some of them refer to. */
export const faultyObjects: readonly object[] = [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'unbound' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'nobody',
      resources: { requests: { storage: '1Mi' } },
    },
  },
]
