import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { conditionFlips, heartbeatPatch, lostMembers, nodeStatusPatch } from '../../../src/node/node-status-patch.ts'
import type { NodeCondition, NodeStatus } from '../../../src/model/kube.ts'

function condition(type: string, status: string, change: Partial<NodeCondition> = {}): NodeCondition {
  return { type, status, reason: `Kubelet${type}`, lastHeartbeatTime: '2026-11-21T10:00:00Z', ...change }
}

const internal = { type: 'InternalIP', address: '10.0.0.1' }
const base: NodeStatus = {
  addresses: [internal],
  capacity: { cpu: '2', memory: '8Gi' },
  conditions: [condition('DiskPressure', 'False'), condition('Ready', 'True')],
  images: [{ names: ['busybox:1.36'], sizeBytes: 4 }],
  nodeInfo: {
    architecture: 'amd64',
    bootID: 'b',
    containerRuntimeVersion: 'docker://20.10.24',
    kernelVersion: '6.1',
    kubeletVersion: 'v1.36.0',
    kubeProxyVersion: '',
    machineID: 'm',
    operatingSystem: 'linux',
    osImage: 'Debian',
    systemUUID: 's',
  },
}
const later = { lastHeartbeatTime: '2026-11-21T10:00:10Z' }
const beating = [condition('DiskPressure', 'False', later), condition('Ready', 'True', later)]

function patch(after: NodeStatus, before: NodeStatus = base): unknown {
  return nodeStatusPatch(before, after, {})
}

describe('the patch of a node status', () => {
  it('is none when only heartbeats differ', () => {
    assert.equal(patch({ ...base, conditions: beating }), undefined)
  })

  it('is the conditions when one of them changed in anything else', () => {
    const [disk] = beating
    const ready = condition('Ready', 'False', { ...later, reason: 'KubeletNotReady' })
    const after = { ...base, conditions: [...(disk ? [disk] : []), ready] }
    assert.deepEqual(patch(after), { conditions: after.conditions })
    const reworded = { ...base, conditions: [condition('Ready', 'True', { message: 'other words' })] }
    assert.deepEqual(patch(reworded), { conditions: reworded.conditions })
  })

  it('is what changed, to the member of a map, with the heartbeats', () => {
    const after = { ...base, capacity: { cpu: '4', memory: '8Gi' }, conditions: beating }
    assert.deepEqual(patch(after), { capacity: { cpu: '4' }, conditions: beating })
  })

  it('takes away sizes of huge pages that there are none of, and what an operator has taken out of the capacity', () => {
    const old = { 'hugepages-3Mi': '9Mi', 'example.com/dongle': '4' }
    const before = { ...base, capacity: { ...base.capacity, ...old }, allocatable: { ...old, 'example.com/gone': '1' } }
    assert.deepEqual(patch({ ...base, capacity: { cpu: '4', memory: '8Gi' } }, before), {
      capacity: { cpu: '4', 'hugepages-3Mi': null },
      allocatable: { 'hugepages-3Mi': null, 'example.com/gone': null },
      conditions: base.conditions,
    })
  })

  it('is a list as a whole', () => {
    const images = [{ names: ['nginx:1.17.8'], sizeBytes: 9 }, ...(base.images ?? [])]
    assert.deepEqual(patch({ ...base, images }), { images, conditions: base.conditions })
    assert.deepEqual(patch({ ...base, images: [] }), { images: [], conditions: base.conditions })
  })

  it('replaces the addresses, which would be merged by their type', () => {
    const addresses = [internal, { type: 'InternalIP', address: 'fd00::1' }]
    assert.deepEqual(patch({ ...base, addresses }), {
      addresses: [...addresses, { $patch: 'replace' }],
      conditions: base.conditions,
    })
  })

  it('says the first addresses without a word about those before', () => {
    const { addresses, ...before } = base
    assert.deepEqual(patch(base, before), { addresses, conditions: base.conditions })
  })

  it('is none for a time that was not told and that the server therefore calls null', () => {
    const untold = JSON.parse('{"lastTransitionTime":null}')
    const before = { ...base, conditions: (base.conditions ?? []).map((known) => ({ ...known, ...untold })) }
    assert.equal(patch(base, before), undefined)
  })

  it('leaves alone what it says nothing of', () => {
    const before = {
      ...base,
      capacity: { ...base.capacity, 'example.org/gpu': '1' },
      conditions: [...(base.conditions ?? []), condition('KernelDeadlock', 'False')],
      volumesInUse: ['kubernetes.io/csi/x'],
    }
    assert.equal(patch(base, before), undefined)
  })

  it('is none for what is empty and what the server therefore leaves out', () => {
    const { kubeProxyVersion: _, ...nodeInfo } = base.nodeInfo ?? {}
    const before = { ...base, nodeInfo } as NodeStatus
    assert.equal(patch({ ...base, images: base.images ?? [], volumesInUse: [], allocatable: {} }, before), undefined)
  })

  it('does not say again what the server made nothing of, until it changes', () => {
    const after = {
      ...base,
      features: { supplementalGroupsPolicy: true },
      capacity: { ...base.capacity, memory: '8192Mi' },
    }
    const lost = lostMembers(base, after)
    assert.deepEqual(lost, { features: { supplementalGroupsPolicy: true }, capacity: { memory: '8192Mi' } })
    assert.equal(nodeStatusPatch(base, after, lost), undefined)
    const changed = { ...after, capacity: { ...base.capacity, memory: '4096Mi' } }
    assert.deepEqual(nodeStatusPatch(base, changed, lost), {
      capacity: { memory: '4096Mi' },
      conditions: base.conditions,
    })
  })

  it('is the heartbeats alone when it is time for those', () => {
    assert.deepEqual(heartbeatPatch({ ...base, conditions: beating }), { conditions: beating })
  })
})

describe('the conditions that flipped', () => {
  it('are those with another status, in order', () => {
    const after = { conditions: [condition('Ready', 'False'), condition('DiskPressure', 'True')] }
    assert.deepEqual(conditionFlips(base, after), after.conditions)
    assert.deepEqual(conditionFlips(base, { conditions: [condition('Ready', 'True', { reason: 'Other' })] }), [])
  })

  it('are all of them at the start', () => {
    assert.deepEqual(conditionFlips(undefined, base), base.conditions)
  })
})
