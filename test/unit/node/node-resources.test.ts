import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EvictionThreshold } from '../../../src/model/eviction-threshold.ts'
import { nodeAllocatable, nodeCapacity, type NodeResources } from '../../../src/node/node-resources.ts'
import { defaults } from '../config/loading.ts'
import { parseQuantity, wholeUnits } from '../../../src/util/quantity.ts'

const machine: NodeResources = {
  cpus: 4,
  memoryBytes: 8 * 1024 ** 3,
  rootFsBytes: 100 * 1024 ** 3,
  hugePages: {},
  gpus: 0,
  maxPids: 32_768,
  maxPods: 110,
  podsPerCore: 0,
  reserved: [],
  thresholds: defaults.eviction.reserved,
  hasEphemeralStorage: true,
}

function bytes(text: string | undefined): bigint {
  const quantity = parseQuantity(text ?? '')
  assert.ok(quantity !== undefined, text)
  return wholeUnits(quantity)
}

describe('what a node has to give', () => {
  it('is less by what is reserved for the rest of the machine and for its own programs', () => {
    const reserved = [
      { cpu: '500m', memory: '1Gi', 'ephemeral-storage': '10Gi', pid: '100' },
      { cpu: '250m', memory: '512Mi' },
    ]
    const { cpu, memory, 'ephemeral-storage': disk } = nodeAllocatable({ ...machine, reserved })
    assert.deepEqual([cpu, memory], ['3250m', '6556Mi'])
    assert.equal(bytes(nodeAllocatable(machine)['ephemeral-storage']) - bytes(disk), 10n * 1024n ** 3n)
    assert.deepEqual(nodeCapacity({ ...machine, reserved }), nodeCapacity(machine))
  })

  it('is nothing where more is reserved than there is', () => {
    const reserved = [{ cpu: '5', memory: '1Ti' }]
    const { cpu, memory } = nodeAllocatable({ ...machine, reserved })
    assert.deepEqual([cpu, memory], ['0', '0'])
  })

  it('is less by what hard thresholds keep back, each the one that was given last', () => {
    const quantity = (text: string) => ({ kind: 'quantity', quantity: text }) as const
    const thresholds: readonly EvictionThreshold[] = [
      { signal: 'nodefs.available', value: quantity('1Gi'), graceMs: 0 },
      { signal: 'memory.available', value: { kind: 'share', share: 0.25 }, graceMs: 0 },
      { signal: 'imagefs.available', value: quantity('50Gi'), graceMs: 0 },
      { signal: 'nodefs.available', value: quantity('2Gi'), graceMs: 0 },
    ]
    const { memory, 'ephemeral-storage': disk } = nodeAllocatable({ ...machine, thresholds })
    assert.deepEqual([memory, disk], ['6Gi', '98Gi'])
    const none = nodeAllocatable({ ...machine, thresholds: [] })
    assert.deepEqual([none['memory'], none['ephemeral-storage']], ['8Gi', '100Gi'])
  })

  it('does not have any disk to give where nobody is held to a share of it', () => {
    const resources = { ...machine, hasEphemeralStorage: false }
    assert.ok(!('ephemeral-storage' in nodeCapacity(resources)))
    assert.ok(!('ephemeral-storage' in nodeAllocatable(resources)))
  })

  it('is so many Pods for each CPU, but never more than the most', () => {
    const podsOf = (podsPerCore: number): string | undefined => nodeAllocatable({ ...machine, podsPerCore })['pods']
    assert.deepEqual([podsOf(0), podsOf(10), podsOf(100)], ['110', '40', '110'])
  })
})
