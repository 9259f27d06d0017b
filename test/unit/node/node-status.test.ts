import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keepNodeStatus, type NodeStatusTiming } from '../../../src/node/node-status.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import type { KubeNode, NodeStatus } from '../../../src/model/kube.ts'
import { Bell } from '../../../src/util/bell.ts'
import { FakeApiServer } from '../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

const timing: NodeStatusTiming = { periodMs: 1, reportMs: 3_600_000, startPeriodMs: 1, startLimitMs: 3_600_000 }
const unavailable = new KubeletError('unavailable', 'No connection')

function status(ready: string, cpu = '2'): NodeStatus {
  return {
    capacity: { cpu },
    conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: '2026-11-21T10:00:00Z' }],
  }
}

interface Kept {
  readonly server: FakeApiServer
  readonly cluster: FakeCluster
  readonly flips: readonly string[]
  readonly faults: readonly KubeletError[]
  /** The CPUs of the Node, as often as it was told of. */
  readonly told: readonly (string | undefined)[]
  /** Keeps the status: what is computed is this, one after the other; ends when the last of them was looked at. */
  readonly keep: (
    steps: readonly (NodeStatus | (() => NodeStatus))[],
    change?: Partial<NodeStatusTiming>,
    changed?: Bell,
  ) => Promise<readonly string[]>
}

function aNode(known?: NodeStatus, server = new FakeApiServer()): Kept {
  const node = server.createNode({ metadata: { name: 'node-1' }, ...(known && { status: known }) })
  const cluster = new FakeCluster({ server })
  const flips: string[] = []
  const faults: KubeletError[] = []
  const told: (string | undefined)[] = []
  return {
    server,
    cluster,
    flips,
    faults,
    told,
    keep: async (steps, change = {}, changed = new Bell()) => {
      const stop = new AbortController()
      const left = [...steps]
      const compute = async (): Promise<NodeStatus> => {
        const step = left.shift()
        if (step !== undefined) return typeof step === 'function' ? step() : step
        stop.abort()
        throw new KubeletError('aborted', 'That was all')
      }
      const onFlip = ({ type, status: value }: { readonly type: string; readonly status: string }): void =>
        void flips.push(`${type}=${value}`)
      const onFault = (fault: KubeletError): void => void faults.push(fault)
      const onNode = (known: KubeNode): void => void told.push(known.status?.capacity?.['cpu'])
      await keepNodeStatus(
        { cluster, node, compute, changed, onFlip, onNode, onFault, timing: { ...timing, ...change } },
        stop.signal,
      )
      return cluster.calls.map(({ method }) => method)
    },
  }
}

describe('the status of a node', { timeout: 120_000 }, () => {
  it('is reported at the start, and not again while nothing changes', async () => {
    const { server, keep } = aNode()
    const calls = await keep([status('True'), status('True'), status('True')])
    assert.deepEqual(calls, ['patchNodeStatus', 'getNode', 'getNode', 'getNode'])
    assert.deepEqual(server.requireNode('node-1').status, status('True'))
  })

  it('is reported when it has changed', async () => {
    const { server, keep } = aNode()
    const calls = await keep([status('True'), status('True', '4')])
    assert.deepEqual(calls.slice(0, 3), ['patchNodeStatus', 'getNode', 'patchNodeStatus'])
    assert.deepEqual(server.requireNode('node-1').status, status('True', '4'))
  })

  it('is computed at once when something new is to be told', async () => {
    const { cluster, keep } = aNode(status('True'))
    const changed = new Bell()
    const ring = (): NodeStatus => {
      changed.ring()
      return status('True', '4')
    }
    // Without the bell the second look would be in an hour.
    await keep([ring, ring], { periodMs: 3_600_000, startLimitMs: 0 }, changed)
    assert.equal(cluster.count('patchNodeStatus'), 1)
  })

  it('is reported unchanged when the last report is old', async () => {
    const { cluster, keep } = aNode()
    await keep([status('True'), status('True'), status('True')], { reportMs: 0 })
    assert.equal(cluster.count('patchNodeStatus'), 3)
  })

  it('is looked at more often at the start, without asking for the node, until it is ready', async () => {
    const { server, keep } = aNode()
    const calls = await keep([status('False'), status('False'), status('True')], { periodMs: 1, startPeriodMs: 0 })
    assert.deepEqual(calls, ['patchNodeStatus', 'patchNodeStatus', 'getNode'])
    assert.deepEqual(server.requireNode('node-1').status, status('True'))
  })

  it('is looked at no more often than usual when the start has taken too long', async () => {
    const { keep } = aNode()
    const calls = await keep([status('False'), status('False')], { startLimitMs: 0 })
    assert.deepEqual(calls, ['patchNodeStatus', 'getNode', 'getNode'])
  })

  it('is put right when somebody else has changed it', async () => {
    const { server, flips, keep } = aNode()
    const tampered = (): NodeStatus => {
      server.patchNode('node-1', { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } })
      return status('True')
    }
    await keep([status('True'), tampered, status('True')])
    assert.deepEqual(server.requireNode('node-1').status?.conditions, status('True').conditions)
    assert.deepEqual(flips, ['Ready=True', 'Ready=True'])
  })

  it('tells of every condition at the start and of those that flip after that', async () => {
    const { flips, keep } = aNode(status('True'))
    await keep([status('True'), status('True'), status('False'), status('False', '4'), status('True')])
    assert.deepEqual(flips, ['Ready=True', 'Ready=False', 'Ready=True'])
  })

  it('is tried again when it could not be reported, and tells of a flip once it is', async () => {
    const { cluster, flips, faults, keep } = aNode()
    cluster.failNext('patchNodeStatus', unavailable)
    cluster.failNext('patchNodeStatus', unavailable)
    const told: number[] = []
    const step = (): NodeStatus => {
      told.push(flips.length)
      return status('True')
    }
    await keep([step, step, step, step])
    assert.deepEqual(
      [told, faults],
      [
        [0, 0, 0, 1],
        [unavailable, unavailable],
      ],
    )
  })

  it('is told of with the Node when the server has it, or could not be given it', async () => {
    const { cluster, told, keep } = aNode(status('True', '8'))
    cluster.failNext('patchNodeStatus', unavailable)
    await keep([status('True', '2'), status('True', '2'), status('True', '2')])
    assert.deepEqual(told, ['8', '2', '2'])
  })

  it('does not send again and again what the server does not keep', async () => {
    const { cluster, keep } = aNode(undefined, new FakeApiServer({ unknownStatusFields: ['features'] }))
    const modern = { ...status('True'), features: { supplementalGroupsPolicy: true } }
    await keep([modern, modern, modern])
    assert.equal(cluster.count('patchNodeStatus'), 1)
  })
})
