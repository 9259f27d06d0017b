import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pressureConditions, type PressureCondition } from '../../../src/model/eviction-threshold.ts'
import { nodeConditions } from '../../../src/node/node-conditions.ts'

const nowMs = Date.UTC(2026, 10, 21, 10)
const now = '2026-11-21T10:00:00Z'

function texts(pressures: readonly PressureCondition[]): readonly string[] {
  const conditions = nodeConditions({ errors: [], pressures, previous: [], nowMs })
  return conditions.map(({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`)
}

describe('the conditions of a node', () => {
  const ready = 'Ready True KubeletReady: kubelet is posting ready status'

  it('say that it has enough of everything', () => {
    assert.deepEqual(texts([]), [
      'MemoryPressure False KubeletHasSufficientMemory: kubelet has sufficient memory available',
      'DiskPressure False KubeletHasNoDiskPressure: kubelet has no disk pressure',
      'PIDPressure False KubeletHasSufficientPID: kubelet has sufficient PID available',
      ready,
    ])
  })

  it('say what it is short of, and that it is ready all the same', () => {
    assert.deepEqual(texts(pressureConditions), [
      'MemoryPressure True KubeletHasInsufficientMemory: kubelet has insufficient memory available',
      'DiskPressure True KubeletHasDiskPressure: kubelet has disk pressure',
      'PIDPressure True KubeletHasInsufficientPID: kubelet has insufficient PID available',
      ready,
    ])
  })

  it('tell since when that is so', () => {
    const previous = [
      { type: 'MemoryPressure', status: 'True', lastTransitionTime: '2026-11-21T09:00:00Z' },
      { type: 'DiskPressure', status: 'False', lastTransitionTime: '2026-11-21T08:00:00Z' },
    ]
    const conditions = nodeConditions({ errors: [], pressures: ['DiskPressure'], previous, nowMs })
    assert.deepEqual(
      conditions
        .slice(0, 2)
        .map(({ lastTransitionTime, lastHeartbeatTime }) => [lastTransitionTime, lastHeartbeatTime]),
      [
        [now, now],
        [now, now],
      ],
    )
    const same = nodeConditions({ errors: [], pressures: ['MemoryPressure'], previous, nowMs })
    assert.deepEqual(
      same.slice(0, 2).map(({ lastTransitionTime }) => lastTransitionTime),
      ['2026-11-21T09:00:00Z', '2026-11-21T08:00:00Z'],
    )
  })
})
