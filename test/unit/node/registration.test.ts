import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reconciliation, registerNode } from '../../../src/node/registration.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import type { KubeNode } from '../../../src/model/kube.ts'
import { FakeApiServer } from '../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

const attachDetach = 'volumes.kubernetes.io/controller-managed-attach-detach'
const { signal } = new AbortController()

function aNode(metadata: KubeNode['metadata'] = {}): KubeNode {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'node-1',
      labels: { 'kubernetes.io/hostname': 'node-1', 'kubernetes.io/os': 'linux' },
      annotations: { [attachDetach]: 'true' },
      ...metadata,
    },
    status: { capacity: { cpu: '2' } },
  }
}

function onFault(fault: KubeletError): never {
  throw fault
}

describe('the registration of a node', { timeout: 120_000 }, () => {
  it('creates it', async () => {
    const server = new FakeApiServer()
    const cluster = new FakeCluster({ server })
    const registered = await registerNode({ cluster, node: aNode(), onFault }, signal)
    assert.equal(registered, server.node('node-1'))
    assert.deepEqual(registered.status, { capacity: { cpu: '2' } })
    assert.deepEqual(
      cluster.calls.map(({ method }) => method),
      ['createNode'],
    )
  })

  it('leaves one that is there already as it is when nothing is wrong with it', async () => {
    const server = new FakeApiServer()
    const existing = server.createNode(aNode({ labels: { ...aNode().metadata?.labels, color: 'blue' } }))
    const cluster = new FakeCluster({ server })
    assert.equal(await registerNode({ cluster, node: aNode(), onFault }, signal), existing)
    assert.equal(cluster.count('patchNode'), 0)
  })

  it('puts right one that is there already, and keeps what others put on it', async () => {
    const server = new FakeApiServer()
    server.createNode(aNode({ labels: { 'kubernetes.io/hostname': 'old', color: 'blue' } }))
    const registered = await registerNode({ cluster: new FakeCluster({ server }), node: aNode(), onFault }, signal)
    assert.deepEqual(registered.metadata?.labels, {
      'kubernetes.io/hostname': 'node-1',
      'kubernetes.io/os': 'linux',
      color: 'blue',
    })
  })

  it('finds the node that it is not allowed to create', async () => {
    const server = new FakeApiServer()
    const existing = server.createNode(aNode())
    const cluster = new FakeCluster({ server })
    cluster.failNext('createNode', new KubeletError('forbidden', 'Nodes may not create nodes'))
    assert.equal(await registerNode({ cluster, node: aNode(), onFault }, signal), existing)
  })

  it('tries again until it has worked, and says what was wrong', async () => {
    const cluster = new FakeCluster({ server: new FakeApiServer() })
    const refusal = new KubeletError('forbidden', 'Nodes may not create nodes')
    const unavailable = new KubeletError('unavailable', 'No connection')
    for (const fault of [unavailable, refusal]) cluster.failNext('createNode', fault)
    const faults: KubeletError[] = []
    const backOff = { initialMs: 1, maxMs: 1 }
    await registerNode({ cluster, node: aNode(), onFault: (fault) => faults.push(fault), backOff }, signal)
    // For the one that is forbidden and not there, the reason is the refusal, not the absence.
    assert.deepEqual(faults, [unavailable, refusal])
  })

  it('stops when the signal fires', async () => {
    const stop = new AbortController()
    const cluster = new FakeCluster({ server: new FakeApiServer(), before: () => stop.abort() })
    await assert.rejects(registerNode({ cluster, node: aNode(), onFault }, stop.signal), (error) =>
      KubeletError.is(error, 'aborted'),
    )
  })
})

describe('what changes on a node that was registered before', () => {
  it('is nothing when it is as it should be', () => {
    assert.equal(reconciliation(aNode(), aNode()), undefined)
  })

  it("is each of the agent's own labels that differs", () => {
    const wanted = aNode({ labels: { ...aNode().metadata?.labels, 'topology.kubernetes.io/zone': 'a', color: 'red' } })
    assert.deepEqual(reconciliation(aNode(), wanted), { metadata: { labels: { 'topology.kubernetes.io/zone': 'a' } } })
  })

  it('is no label that the agent does not say any more', () => {
    const existing = aNode({ labels: { ...aNode().metadata?.labels, 'topology.kubernetes.io/zone': 'a' } })
    assert.equal(reconciliation(existing, aNode()), undefined)
  })

  it('is who attaches volumes, said or not said any more', () => {
    const silent = aNode({ annotations: { other: 'yes' } })
    assert.deepEqual(reconciliation(silent, aNode()), { metadata: { annotations: { [attachDetach]: 'true' } } })
    assert.deepEqual(reconciliation(aNode(), silent), { metadata: { annotations: { [attachDetach]: null } } })
  })
})
