import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { keepLease } from '../../../src/node/lease.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { FakeApiServer } from '../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

const nodeName = 'node-1'
const unavailable = new KubeletError('unavailable', 'No connection')
const conflict = new KubeletError('conflict', 'The object has been modified')

interface Keeping {
  readonly server: FakeApiServer
  readonly cluster: FakeCluster
  readonly faults: readonly KubeletError[]
  /** Starts to keep the lease, and waits until so many calls have been made. */
  readonly untilCalls: (count: number) => Promise<readonly string[]>
}

/** A node whose lease is renewed every millisecond until the test ends. */
function keeping(t: TestContext, server = withNode()): Keeping {
  const faults: KubeletError[] = []
  const stop = new AbortController()
  t.after(() => stop.abort())
  let wanted = { count: 0, reached: () => {} }
  const cluster: FakeCluster = new FakeCluster({
    server,
    before: () => {
      if (cluster.calls.length > wanted.count) stop.abort()
      if (cluster.calls.length >= wanted.count) wanted.reached()
    },
  })
  const untilCalls = async (count: number): Promise<readonly string[]> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    wanted = { count: count + 1, reached: resolve }
    const timing = { periodMs: 1, backOff: { initialMs: 1, maxMs: 1 } }
    void keepLease({ cluster, nodeName, onFault: (fault) => faults.push(fault), timing }, stop.signal)
    await promise
    return cluster.calls.slice(0, count).map(({ method }) => method)
  }
  return { server, cluster, faults, untilCalls }
}

function withNode(): FakeApiServer {
  const server = new FakeApiServer()
  server.createNode({ metadata: { name: nodeName } })
  return server
}

describe('the lease of a node', { timeout: 120_000 }, () => {
  it('is created for the node, and then renewed without being read', async (t) => {
    const { server, faults, untilCalls } = keeping(t)
    const calls = await untilCalls(5)
    assert.deepEqual(calls, ['getLease', 'getNode', 'createLease', 'updateLease', 'updateLease'])
    const lease = server.requireLease(nodeName)
    assert.deepEqual(lease.metadata?.ownerReferences, [
      { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: server.requireNode(nodeName).metadata?.uid },
    ])
    const { renewTime, ...spec } = lease.spec ?? {}
    assert.deepEqual(spec, { holderIdentity: nodeName, leaseDurationSeconds: 40 })
    assert.match(renewTime ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    assert.deepEqual(faults, [])
  })

  it('is taken over as it is found, and renewed at once', async (t) => {
    const server = withNode()
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: 'uid-1' }]
    const renewTime = '2020-01-01T00:00:00.000000Z'
    server.createLease({
      metadata: { name: nodeName, ownerReferences },
      spec: { holderIdentity: 'someone', renewTime },
    })
    const calls = await keeping(t, server).untilCalls(2)
    assert.deepEqual(calls, ['getLease', 'updateLease'])
    const { metadata, spec } = server.requireLease(nodeName)
    assert.deepEqual([metadata?.ownerReferences, spec?.holderIdentity], [ownerReferences, nodeName])
    assert.ok((spec?.renewTime ?? '') > renewTime)
  })

  it('gets the owner that it lacks', async (t) => {
    const server = withNode()
    server.createLease({ metadata: { name: nodeName }, spec: {} })
    assert.deepEqual(await keeping(t, server).untilCalls(3), ['getLease', 'getNode', 'updateLease'])
    assert.equal(server.requireLease(nodeName).metadata?.ownerReferences?.length, 1)
  })

  it('is read again after a conflict, and renewed in the same go', async (t) => {
    const { cluster, faults, untilCalls } = keeping(t)
    cluster.failNext('updateLease', conflict)
    const calls = await untilCalls(6)
    assert.deepEqual(calls.slice(3), ['updateLease', 'getLease', 'updateLease'])
    assert.deepEqual(faults, [])
  })

  it('is reported after five conflicts in a row', async (t) => {
    const { cluster, faults, untilCalls } = keeping(t)
    for (let index = 0; index < 5; index += 1) cluster.failNext('updateLease', conflict)
    await untilCalls(13)
    assert.deepEqual(faults, [conflict])
  })

  it('is created again when somebody has deleted it', async (t) => {
    const { cluster, untilCalls } = keeping(t)
    cluster.failNext('updateLease', new KubeletError('not-found', 'No such lease'))
    cluster.failNext('getLease', new KubeletError('not-found', 'No such lease'))
    cluster.failNext('getLease', new KubeletError('not-found', 'No such lease'))
    const calls = await untilCalls(7)
    assert.deepEqual(calls.slice(3), ['updateLease', 'getLease', 'getNode', 'createLease'])
  })

  it('is not created, and nothing said, while there is no node', async (t) => {
    const { faults, untilCalls } = keeping(t, new FakeApiServer())
    assert.deepEqual(await untilCalls(4), ['getLease', 'getNode', 'getLease', 'getNode'])
    assert.deepEqual(faults, [])
  })

  it('is tried again, on top of what is known, while the server is away', async (t) => {
    const { cluster, faults, untilCalls } = keeping(t)
    cluster.failNext('updateLease', unavailable)
    cluster.failNext('updateLease', unavailable)
    const calls = await untilCalls(6)
    assert.deepEqual(calls.slice(3), ['updateLease', 'updateLease', 'updateLease'])
    assert.deepEqual(faults, [unavailable, unavailable])
  })

  it('is not kept any more when the signal fires', async () => {
    const stop = new AbortController()
    const cluster = new FakeCluster({ server: withNode(), before: () => stop.abort() })
    await keepLease({ cluster, nodeName, onFault: () => assert.fail('that is no fault') }, stop.signal)
    assert.equal(cluster.calls.length, 1)
  })
})
