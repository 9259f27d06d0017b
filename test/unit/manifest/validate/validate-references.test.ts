import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod, VolumeSpec } from '../../../../src/model/kube.ts'
import { containerFaults, specFaults } from '../manifests.ts'

function refusal(path: string, what: string): string {
  return `${path}: Forbidden: static pods may not reference ${what}`
}

describe('a static Pod refers to no object of the API', () => {
  const fields: readonly (readonly [string, Partial<Pod['spec']>, string])[] = [
    ['spec.serviceAccountName', { serviceAccountName: 'x' }, 'serviceaccounts'],
    ['spec.serviceAccount', { serviceAccount: 'x' }, 'serviceaccounts'],
    ['spec.imagePullSecrets', { imagePullSecrets: [{ name: 'x' }] }, 'secrets'],
    ['spec.resourceClaims', { resourceClaims: [{ name: 'x' }] }, 'resourceclaims'],
  ]
  for (const [path, change, what] of fields) {
    it(`with ${path}`, () => {
      assert.deepEqual(specFaults(change), [refusal(path, what)])
    })
  }

  it('from the environment of a container', () => {
    const env = [
      { name: 'A', valueFrom: { configMapKeyRef: { key: 'k' } } },
      { name: 'B', valueFrom: { secretKeyRef: { key: 'k' } } },
      { name: 'C', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    ]
    assert.deepEqual(
      containerFaults({ env, envFrom: [{ configMapRef: { name: 'x' } }, { secretRef: { name: 'x' } }] }),
      [
        refusal('spec.containers[0].envFrom[0].configMapRef', 'configmaps'),
        refusal('spec.containers[0].envFrom[1].secretRef', 'secrets'),
        refusal('spec.containers[0].env[0].valueFrom.configMapKeyRef', 'configmaps'),
        refusal('spec.containers[0].env[1].valueFrom.secretKeyRef', 'secrets'),
      ],
    )
  })

  const volumes: readonly (readonly [string, Omit<VolumeSpec, 'name'>, string])[] = [
    ['configMap', { configMap: { name: 'x' } }, 'configmaps'],
    ['secret', { secret: { secretName: 'x' } }, 'secrets'],
    ['azureFile', { azureFile: { secretName: 'x', shareName: 'y' } }, 'secrets'],
    ['csi', { csi: { driver: 'x' } }, 'csidrivers (via CSI volumes)'],
    ['glusterfs', { glusterfs: { endpoints: 'x', path: '/' } }, 'endpoints (via glusterFS volumes)'],
    ['persistentVolumeClaim', { persistentVolumeClaim: { claimName: 'x' } }, 'persistentvolumeclaims'],
    ['ephemeral', { ephemeral: {} }, 'persistentvolumeclaims (via ephemeral volumes)'],
    ['cephfs.secretRef', { cephfs: { monitors: [], secretRef: { name: 'x' } } }, 'secrets'],
    ['projected.sources[0].configMap', { projected: { sources: [{ configMap: { name: 'x' } }] } }, 'configmaps'],
    ['projected.sources[0].secret', { projected: { sources: [{ secret: { name: 'x' } }] } }, 'secrets'],
    [
      'projected.sources[0].serviceAccountToken',
      { projected: { sources: [{ serviceAccountToken: { path: 'x' } }] } },
      'serviceaccounts (via projected volumes)',
    ],
    [
      'projected.sources[0].clusterTrustBundle',
      { projected: { sources: [{ clusterTrustBundle: { path: 'x' } }] } },
      'clustertrustbundles',
    ],
  ]
  for (const [path, source, what] of volumes) {
    it(`with a volume of ${path}`, () => {
      assert.deepEqual(specFaults({ volumes: [{ name: 'a', ...source }] }), [refusal(`spec.volumes[0].${path}`, what)])
    })
  }

  it('but to itself, to images and to the host it may', () => {
    const downwardAPI = { items: [{ path: 'x', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }] }
    const sources = [
      { name: 'a', downwardAPI },
      { name: 'b', projected: { sources: [{ downwardAPI }] } },
      { name: 'c', image: { reference: 'x' } },
      { name: 'd', hostPath: { path: '/' } },
      { name: 'e', nfs: { path: '/', server: 'x' } },
    ]
    assert.deepEqual(specFaults({ volumes: sources }), [])
  })
})
