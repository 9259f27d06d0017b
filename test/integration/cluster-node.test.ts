import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { KubeletError } from '../../src/model/errors.ts'
import type { KubeNode, NodeStatus } from '../../src/model/kube.ts'
import { keepLease } from '../../src/node/lease.ts'
import { keepNodeStatus } from '../../src/node/node-status.ts'
import { registerNode } from '../../src/node/registration.ts'
import { clusterHarness, type RealClusterHarness } from './cluster-harness.ts'

let harness: RealClusterHarness
before(async () => {
  harness = await clusterHarness()
})
after(() => harness[Symbol.asyncDispose]())

function onFault(fault: KubeletError): never {
  throw fault
}

function aNode(labels: Readonly<Record<string, string>> = {}): KubeNode {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: harness.nodeName, labels } }
}

describe('a node on a real API server', { timeout: 120_000 }, () => {
  it('is registered, and put right when it is registered again', async ({ signal }) => {
    const { cluster } = harness
    const first = await registerNode({ cluster, node: aNode(), onFault }, signal)
    const label = { 'kubernetes.io/hostname': 'renamed' }
    const second = await registerNode({ cluster, node: aNode(label), onFault }, signal)
    assert.equal(second.metadata?.uid, first.metadata?.uid)
    assert.deepEqual({ ...second.metadata?.labels, ...label }, second.metadata?.labels)
  })

  it('has a lease that goes on, with the Node as its owner', async ({ signal }) => {
    const { cluster, nodeName } = harness
    const node = await registerNode({ cluster, node: aNode(), onFault }, signal)
    const stop = new AbortController()
    const renewals: (string | undefined)[] = []
    const observed = {
      getLease: cluster.getLease.bind(cluster),
      createLease: cluster.createLease.bind(cluster),
      getNode: cluster.getNode.bind(cluster),
      updateLease: async (...[lease, updateSignal]: Parameters<typeof cluster.updateLease>) => {
        const renewed = await cluster.updateLease(lease, updateSignal)
        renewals.push(renewed.spec?.renewTime)
        if (renewals.length === 3) stop.abort()
        return renewed
      },
    }
    const timing = { periodMs: 5, backOff: { initialMs: 5, maxMs: 5 } }
    await keepLease({ cluster: observed, nodeName, onFault, timing }, stop.signal)
    const [first = '', second = '', third = ''] = renewals
    assert.ok(first < second && second < third, renewals.join())
    const { metadata, spec } = await cluster.getLease(nodeName, signal)
    assert.deepEqual(metadata?.ownerReferences, [
      { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata?.uid },
    ])
    assert.deepEqual([spec?.holderIdentity, spec?.leaseDurationSeconds], [nodeName, 40])
  })

  it('has a status that is sent once, also what the server does not keep or writes in its own way', async ({
    signal,
  }) => {
    const { cluster } = harness
    const node = await registerNode({ cluster, node: aNode(), onFault }, signal)
    const conditions = [
      { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: '2026-11-21T10:00:00Z' },
    ]
    const status: NodeStatus = {
      addresses: [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'InternalIP', address: 'fd00::1' },
      ],
      // Canonical would be 16Gi.
      capacity: { cpu: '2', memory: '16384Mi' },
      conditions,
      declaredFeatures: ['Example'],
      features: { supplementalGroupsPolicy: true },
      images: [],
    }
    const stop = new AbortController()
    let looks = 0
    const compute = async (): Promise<NodeStatus> => {
      looks += 1
      if (looks === 4) stop.abort()
      return status
    }
    const patches: unknown[] = []
    const observed = {
      getNode: cluster.getNode.bind(cluster),
      patchNodeStatus: (...args: Parameters<typeof cluster.patchNodeStatus>) => {
        patches.push(args[1])
        return cluster.patchNodeStatus(...args)
      },
    }
    const timing = { periodMs: 5, reportMs: 3_600_000, startPeriodMs: 5, startLimitMs: 0 }
    await keepNodeStatus({ cluster: observed, node, compute, onFlip: () => {}, onFault, timing }, stop.signal)
    assert.equal(patches.length, 1)
    const reported = (await cluster.getNode(harness.nodeName, signal)).status
    assert.deepEqual(reported?.addresses, status.addresses)
    assert.partialDeepStrictEqual(reported?.conditions, conditions)
  })
})
