import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BoundVolumes, type ClaimRef } from '../../../../src/cluster/objects/bound-volumes.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../../src/model/kube.ts'
import { FakeApiServer } from '../../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../../fakes/fake-cluster.ts'

const claim = { namespace: 'default', name: 'data' }
const data: ClaimRef = { volumeName: 'v', claimName: 'data', isEphemeral: false }

function aBed(volumes: readonly object[] = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]) {
  const server = new FakeApiServer()
  const cluster = new FakeCluster({ server })
  const pod = server.createPod({
    name: 'web',
    nodeName: 'node-1',
    spec: { volumes: volumes.map((each) => ({ name: 'v', ...each })) },
  })
  const bound = new BoundVolumes(cluster)
  const find = (signal: AbortSignal, ref = data): Promise<PersistentVolume> => bound.find(pod, ref, signal)
  const bind = (
    metadata: Partial<PersistentVolumeClaim['metadata']> = {},
    spec: PersistentVolume['spec'] = {},
  ): void => {
    server.claims.putClaim({ ...claim, metadata })
    server.claims.putVolume({ name: 'pv-1', spec })
    server.claims.bind('default', 'data', 'pv-1')
  }
  return { server, cluster, pod, find, bind }
}

function inWords(message: string): { readonly code: string; readonly message: string } {
  return { code: 'invalid', message }
}

describe('the volume behind a claim', () => {
  it('is found as it is now', async ({ signal }) => {
    const { find, bind } = aBed()
    bind({}, { hostPath: { path: '/data' } })
    assert.deepEqual((await find(signal)).spec.hostPath, { path: '/data' })
  })

  it('is none while the claim is not there, and while it is not bound', async ({ signal }) => {
    const { server, find } = aBed()
    const absent =
      'error processing PVC default/data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found'
    await assert.rejects(find(signal), inWords(absent))
    server.claims.putClaim(claim)
    await assert.rejects(find(signal), inWords('error processing PVC default/data: PVC is not bound'))
  })

  it('is none when the claim is being deleted, but that of one that waits for its Pods to end', async ({ signal }) => {
    const { find, bind } = aBed()
    const deletionTimestamp = '2026-01-01T00:00:00Z'
    bind({ deletionTimestamp })
    await assert.rejects(find(signal), inWords('error processing PVC default/data: PVC is being deleted'))
    bind({ deletionTimestamp, finalizers: ['kubernetes.io/pvc-protection'] })
    assert.equal((await find(signal)).metadata.name, 'pv-1')
  })

  it('is none when it is gone, or bound to another claim', async ({ signal }) => {
    const { server, cluster, find, bind } = aBed()
    bind()
    cluster.failNext('getPersistentVolume', new KubeletError('not-found', 'no such thing'))
    const what = 'error processing PVC default/data'
    await assert.rejects(
      find(signal),
      inWords(`${what}: failed to fetch PV pv-1 from API server: persistentvolumes "pv-1" not found`),
    )
    const claimRef = { namespace: 'default', name: 'data', uid: 'another' }
    server.claims.putVolume({ name: 'pv-1', spec: { claimRef } })
    const fault = 'its pv.Spec.ClaimRef.UID another does not point to claim.UID uid-of-default-data'
    await assert.rejects(find(signal), inWords(`${what}: found PV object pv-1 but ${fault}`))
  })

  it('is none as long as the server does not say', async ({ signal }) => {
    const { cluster, find, bind } = aBed()
    bind()
    cluster.failNext('getClaim', new KubeletError('unavailable', 'no answer'))
    await assert.rejects(
      find(signal),
      inWords('error processing PVC default/data: failed to fetch PVC from API server: no answer'),
    )
  })

  it('is no block device where containers mount files', async ({ signal }) => {
    const { find, bind } = aBed()
    bind({}, { volumeMode: 'Block' })
    await assert.rejects(find(signal), inWords('volume v has volumeMode Block, but is specified in volumeMounts'))
  })

  it('is asked for again when the server forbids it for a moment after the Pod was bound', async ({ signal }) => {
    const { cluster, find, bind } = aBed()
    bind()
    for (const method of ['getClaim', 'getPersistentVolume'] as const) {
      cluster.failNext(method, new KubeletError('forbidden', 'no relationship found'))
      cluster.failNext(method, new KubeletError('forbidden', 'no relationship found'))
    }
    assert.equal((await find(signal)).metadata.name, 'pv-1')
    assert.equal(cluster.count('getClaim'), 3)
  })

  it('is not waited for by whoever has gone', async () => {
    const { cluster, find, bind } = aBed()
    bind()
    cluster.failNext('getClaim', new KubeletError('forbidden', 'no relationship found'))
    const stop = new AbortController()
    const found = find(stop.signal)
    stop.abort()
    await assert.rejects(found, { code: 'aborted' })
  })
})

describe('the volume behind a claim that was made for a Pod alone', () => {
  const own: ClaimRef = { volumeName: 'v', claimName: 'web-v', isEphemeral: true }

  it('is its own, and nobody else may use the name', async ({ signal }) => {
    const { server, pod, find } = aBed([{ ephemeral: {} }])
    const bind = (uid: string, controller = true): void => {
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'web', controller, uid }]
      server.claims.putClaim({ namespace: 'default', name: 'web-v', metadata: { ownerReferences } })
      server.claims.putVolume({ name: 'pv-1', spec: {} })
      server.claims.bind('default', 'web-v', 'pv-1')
    }
    bind('another')
    const fault = 'PVC default/web-v was not created for pod default/web (pod is not owner)'
    await assert.rejects(find(signal, own), inWords(fault))
    bind(pod.metadata.uid, false)
    await assert.rejects(find(signal, own), inWords(fault))
    bind(pod.metadata.uid)
    assert.equal((await find(signal, own)).metadata.name, 'pv-1')
  })
})
