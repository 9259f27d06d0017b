import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VolumeMountSpec, VolumeSpec } from '../../../src/model/kube.ts'
import {
  isAutomountedToken,
  mountedVolumes,
  volumeSource,
  type VolumeSource,
} from '../../../src/translate/volume-source.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'

const paths = { root: '/var/lib/minikubelet', podLogs: '/var/log/pods' }

describe('volumeSource', () => {
  const emptyDirPath = `/var/lib/minikubelet/pods/${aPodUid}/volumes/kubernetes.io~empty-dir/v`
  const cases: readonly (readonly [title: string, volume: VolumeSpec, source: VolumeSource])[] = [
    [
      "finds an emptyDir in the Pod's directory",
      { name: 'v', emptyDir: {} },
      { kind: 'empty-dir', path: emptyDirPath, medium: '' },
    ],
    [
      'serves no emptyDir in memory',
      { name: 'v', emptyDir: { medium: 'Memory' } },
      { kind: 'unsupported', field: 'emptyDir.medium Memory' },
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
      { name: 'v', persistentVolumeClaim: { claimName: 'c' } },
      { kind: 'unsupported', field: 'persistentVolumeClaim' },
    ],
    ['says so of a volume without any source', { name: 'v' }, { kind: 'unsupported', field: 'without a source' }],
  ]
  for (const [title, volume, source] of cases) {
    it(title, () => assert.deepEqual(volumeSource(aPod(), volume, paths), source))
  }
})

describe('isAutomountedToken', () => {
  const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'
  const projected: VolumeSpec = { name: 'v', projected: { sources: [] } }
  const cases: readonly (readonly [title: string, volume: VolumeSpec, mountPaths: readonly string[], is: boolean])[] = [
    ['is a projected volume at the well-known path', projected, [tokenPath], true],
    ['is a secret there, as older servers add it', { name: 'v', secret: {} }, [tokenPath], true],
    ['is one that several containers have there', projected, [tokenPath, tokenPath], true],
    ['is none that a container mounts elsewhere', projected, [tokenPath, '/token'], false],
    ['is none that nobody mounts', projected, [], false],
    ['is no volume of another kind', { name: 'v', configMap: {} }, [tokenPath], false],
  ]
  for (const [title, volume, mountPaths, is] of cases) {
    it(title, () => {
      const containers = mountPaths.map((mountPath, index) =>
        aContainer({ name: `c${index}`, volumeMounts: [{ name: 'v', mountPath }] }),
      )
      const pod = aPod({ spec: { containers: [aContainer(), ...containers], volumes: [volume] } })
      assert.equal(isAutomountedToken(pod, volume), is)
    })
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
