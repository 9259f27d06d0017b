/** What a `Cluster` promises about claims and the volumes that are bound to them; part of ../cluster.contract.ts. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { VolumeSpec } from '../../../src/model/kube.ts'
import type { ClusterHarness } from './harness.ts'
import { onceAllowed, rejects } from './tools.ts'

export function claims(harness: () => ClusterHarness): void {
  it("gets a claim that one of the node's Pods names, and the volume that is bound to it", async ({ signal }) => {
    const { admin, cluster, namespace } = harness()
    await admin.putClaim({ namespace, name: 'data' })
    await createPod(harness(), 'user', { name: 'v', persistentVolumeClaim: { claimName: 'data' } })
    const pending = await onceAllowed(() => cluster.getClaim(namespace, 'data', signal), signal)
    assert.equal(pending.spec?.volumeName ?? '', '')
    // A volume is of no namespace: its name is one that nobody else takes.
    const spec = { hostPath: { path: '/data' }, mountOptions: ['sync'] }
    await admin.bindClaim({ namespace, name: 'data' }, { name: namespace, spec })
    const claim = await cluster.getClaim(namespace, 'data', signal)
    assert.deepEqual([claim.spec?.volumeName, claim.status?.phase], [namespace, 'Bound'])
    const volume = await onceAllowed(() => cluster.getPersistentVolume(namespace, signal), signal)
    assert.deepEqual(
      [volume.metadata.name, volume.spec.claimRef?.uid, volume.spec.hostPath?.path, volume.spec.mountOptions],
      [namespace, claim.metadata.uid, '/data', ['sync']],
    )
  })

  it('does not find a claim that a Pod names and that is not there', async ({ signal }) => {
    const { cluster, namespace } = harness()
    await createPod(harness(), 'hopeful', { name: 'v', persistentVolumeClaim: { claimName: 'missing' } })
    const missing = onceAllowed(() => cluster.getClaim(namespace, 'missing', signal), signal)
    await assert.rejects(missing, (error: unknown) => {
      assert.ok(KubeletError.is(error, 'not-found'), String(error))
      return error.message.includes('persistentvolumeclaims "missing" not found')
    })
  })

  it('may see no other claim and no other volume, there or not', async ({ signal }) => {
    const { admin, cluster, namespace } = harness()
    await admin.putClaim({ namespace, name: 'unnamed' })
    await rejects('forbidden', cluster.getClaim(namespace, 'unnamed', signal))
    await rejects('forbidden', cluster.getClaim(namespace, 'absent', signal))
    await rejects('forbidden', cluster.getPersistentVolume(`${namespace}-absent`, signal))
  })
}

async function createPod({ admin, namespace, nodeName }: ClusterHarness, name: string, volume: VolumeSpec) {
  await admin.createPod({ name, namespace, nodeName, spec: { volumes: [volume] } })
}
