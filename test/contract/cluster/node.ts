/** What a `Cluster` promises about the Node, its lease and its events; part of ../cluster.contract.ts. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { makeEvent } from '../../../src/cluster/events/make-event.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import type { KubeNode, Lease } from '../../../src/model/kube.ts'
import type { ClusterHarness } from './harness.ts'
import { byType, ready, rejects } from './tools.ts'

export function nodes(harness: () => ClusterHarness): void {
  it('creates the Node once', async ({ signal }) => {
    const { cluster, nodeName } = harness()
    await rejects('not-found', cluster.getNode(nodeName, signal))
    const created = await cluster.createNode(aNode(nodeName), signal)
    await rejects('conflict', cluster.createNode(aNode(nodeName), signal))
    assert.deepEqual((await cluster.getNode(nodeName, signal)).metadata?.uid, created.metadata?.uid)
  })

  it('patches labels and annotations', async ({ signal }) => {
    const { cluster, nodeName } = harness()
    await ensureNode(harness(), signal)
    const labels = { 'kubernetes.io/hostname': 'renamed', 'beta.kubernetes.io/os': null }
    const patched = await cluster.patchNode(nodeName, { metadata: { labels, annotations: { example: 'yes' } } }, signal)
    assert.equal(patched.metadata?.annotations?.['example'], 'yes')
    assert.equal(patched.metadata.labels?.['kubernetes.io/hostname'], 'renamed')
  })

  it('patches the status: conditions by their type, addresses as a whole where the patch says so', async ({
    signal,
  }) => {
    const { cluster, nodeName } = harness()
    await ensureNode(harness(), signal)
    const first = {
      conditions: [ready('False'), { ...ready('False'), type: 'DiskPressure' }],
      addresses: [address('10.0.0.1')],
    }
    await cluster.patchNodeStatus(nodeName, first, signal)
    const second = {
      conditions: [ready('True')],
      addresses: [address('10.0.0.2'), address('10.0.0.3'), { $patch: 'replace' }],
    }
    const { conditions, addresses } = (await cluster.patchNodeStatus(nodeName, second, signal)).status ?? {}
    assert.deepEqual(byType(conditions), { Ready: 'True', DiskPressure: 'False' })
    assert.deepEqual(addresses, [address('10.0.0.2'), address('10.0.0.3')])
  })
}

export function leases(harness: () => ClusterHarness): void {
  it('creates a lease once and renews it from its newest version', async ({ signal }) => {
    const { cluster, nodeName } = harness()
    await rejects('not-found', cluster.getLease(nodeName, signal))
    const created = await cluster.createLease(aLease(nodeName, '2026-11-21T10:00:00.000000Z'), signal)
    await rejects('conflict', cluster.createLease(aLease(nodeName, '2026-11-21T10:00:00.000000Z'), signal))
    const renewTime = '2026-11-21T10:00:10.000000Z'
    const renewed = await cluster.updateLease({ ...created, spec: { ...created.spec, renewTime } }, signal)
    assert.equal(renewed.spec?.renewTime, renewTime)
    await rejects('conflict', cluster.updateLease({ ...created, spec: { ...created.spec, renewTime } }, signal))
    assert.deepEqual(await cluster.getLease(nodeName, signal), renewed)
  })
}

export function events(harness: () => ClusterHarness): void {
  it('creates an event and counts it up', async ({ signal }) => {
    const { cluster, namespace, nodeName } = harness()
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace,
      name: 'web',
      uid: 'uid-1',
      fieldPath: 'spec.containers{main}',
    }
    const record = { object, type: 'Normal', reason: 'Pulled', message: 'here' } as const
    const event = makeEvent(record, nodeName, 1_792_000_000_000_000_000n)
    const created = await cluster.createEvent(event, signal)
    assert.deepEqual(created.involvedObject, object)
    const patch = { count: 2, lastTimestamp: '2026-11-21T10:00:00Z', message: 'again' }
    const { count, lastTimestamp, message } = await cluster.patchEvent(
      namespace,
      event.metadata.name ?? '',
      patch,
      signal,
    )
    assert.deepEqual({ count, lastTimestamp, message }, patch)
    await rejects('not-found', cluster.patchEvent(namespace, 'web.0', patch, signal))
    await rejects('conflict', cluster.createEvent(event, signal))
  })
}

function address(ip: string): { readonly type: string; readonly address: string } {
  return { type: 'InternalIP', address: ip }
}

function aNode(name: string): KubeNode {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name } } }
}

async function ensureNode({ cluster, nodeName }: ClusterHarness, signal: AbortSignal): Promise<void> {
  try {
    await cluster.createNode(aNode(nodeName), signal)
  } catch (error) {
    if (!KubeletError.is(error, 'conflict')) throw error
  }
}

function aLease(name: string, renewTime: string): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
  }
}
