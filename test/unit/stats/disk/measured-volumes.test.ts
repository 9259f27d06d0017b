import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { measuredVolumes } from '../../../../src/stats/disk/measured-volumes.ts'
import type { VolumeSpec } from '../../../../src/model/kube.ts'
import type { MountedVolume } from '../../../../src/translate/volumes/mounted-volume.ts'
import { aContainer, aPod, aPodUid } from '../../../builders/pod.ts'

const paths = { root: '/root', podLogs: '/logs' }
const own = `/root/pods/${aPodUid}/volumes`

function measured(volume: VolumeSpec, at?: string): readonly object[] {
  const pod = aPod({
    spec: { containers: [aContainer({ volumeMounts: [{ name: volume.name, mountPath: '/v' }] })], volumes: [volume] },
  })
  const mounted: readonly (readonly [string, MountedVolume])[] =
    at === undefined ? [] : [[volume.name, { kind: 'path', path: at, readOnly: false, mayBeMissing: false }]]
  return measuredVolumes(pod, new Map(mounted), paths)
}

describe('A volume that is measured', () => {
  it('is an emptyDir by what is in it: local storage unless it is in memory', () => {
    const path = `${own}/kubernetes.io~empty-dir/v`
    const volume = { name: 'v', claimName: undefined, by: 'content', path }
    assert.deepEqual(measured({ name: 'v', emptyDir: {} }), [{ ...volume, isLocalEphemeral: true }])
    assert.deepEqual(measured({ name: 'v', emptyDir: { medium: 'Memory' } }), [{ ...volume, isLocalEphemeral: false }])
  })

  it('is one of files by what is in it: local storage where it is a ConfigMap', () => {
    assert.partialDeepStrictEqual(measured({ name: 'v', configMap: { name: 'c' } }), [
      { isLocalEphemeral: true, by: 'content' },
    ])
    assert.partialDeepStrictEqual(measured({ name: 'v', secret: { secretName: 's' } }), [
      { isLocalEphemeral: false, path: `${own}/kubernetes.io~secret/v` },
    ])
    assert.partialDeepStrictEqual(measured({ name: 'v', projected: { sources: [] } }), [{ isLocalEphemeral: false }])
  })

  it('is a claim by its file system, where it is mounted for the Pod', () => {
    const volume = { name: 'v', persistentVolumeClaim: { claimName: 'data-0' } }
    const path = `${own}/kubernetes.io~local-volume/pv-1`
    assert.deepEqual(measured(volume, path), [
      { name: 'v', claimName: 'data-0', isLocalEphemeral: false, by: 'file-system', path },
    ])
    assert.deepEqual(measured(volume, '/a/path/of/the/host'), [])
    assert.deepEqual(measured(volume), [])
  })

  it('is no path of the host, and none that nobody mounts', () => {
    assert.deepEqual(measured({ name: 'v', hostPath: { path: '/h' } }), [])
    assert.deepEqual(measuredVolumes(aPod({ spec: { volumes: [{ name: 'v', emptyDir: {} }] } }), new Map(), paths), [])
  })
})
