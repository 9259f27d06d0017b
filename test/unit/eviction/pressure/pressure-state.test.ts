import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noPressure, observePressure, type Pressure } from '../../../../src/eviction/pressure/pressure-state.ts'
import type { EvictionThreshold } from '../../../../src/model/eviction-threshold.ts'
import { aThreshold, gibibyte, seen, valueOf } from '../../../builders/eviction.ts'

type Look = readonly [atSeconds: number, left: Parameters<typeof seen>[0]]

/** What follows from one look after the other: `12 s: MemoryPressure, due memory.available`. */
function lives(thresholds: readonly EvictionThreshold[], looks: readonly Look[]): readonly string[] {
  let state = noPressure
  return looks.map(([atSeconds, left]) => {
    const rules = { thresholds, pressureTransitionMs: 300_000 }
    const pressure: Pressure = observePressure(state, seen(left, atSeconds * 1000), rules, atSeconds * 1000)
    ;({ state } = pressure)
    const due = pressure.due.map(({ signal }) => signal)
    return `${atSeconds} s: ${pressure.conditions.join(' ')}${due.length > 0 ? `, due ${due.join(' ')}` : ''}`
  })
}

const low = { 'memory.available': 0.5 * gibibyte }
const enough = { 'memory.available': 2 * gibibyte }

describe('what a node is short of', () => {
  it('is known at once, and stays for five minutes after it was seen last', () => {
    const looks: readonly Look[] = [
      [0, enough],
      [10, low],
      [20, enough],
      [309, enough],
      [310, enough],
      [320, low],
    ]
    assert.deepEqual(lives([aThreshold('memory.available', '1Gi')], looks), [
      '0 s: ',
      '10 s: MemoryPressure, due memory.available',
      '20 s: MemoryPressure',
      '309 s: MemoryPressure',
      '310 s: ',
      '320 s: MemoryPressure, due memory.available',
    ])
  })

  it('is shown before anything is done about it, where a soft threshold has its time', () => {
    const soft = aThreshold('memory.available', '1Gi', { graceMs: 30_000 })
    const looks: readonly Look[] = [
      [0, low],
      [20, low],
      [30, low],
      [40, enough],
      [50, low],
      [60, low],
      [80, low],
    ]
    assert.deepEqual(lives([soft], looks), [
      '0 s: MemoryPressure',
      '20 s: MemoryPressure',
      '30 s: MemoryPressure, due memory.available',
      '40 s: MemoryPressure',
      '50 s: MemoryPressure',
      '60 s: MemoryPressure',
      '80 s: MemoryPressure, due memory.available',
    ])
  })

  it('is so until what is to be reclaimed beyond it is free', () => {
    const threshold = aThreshold('memory.available', '1Gi', { minReclaim: valueOf('500Mi') })
    const between = { 'memory.available': 1.25 * gibibyte }
    const looks: readonly Look[] = [
      [0, between],
      [10, low],
      [20, between],
      [30, enough],
      [40, between],
    ]
    assert.deepEqual(lives([threshold], looks), [
      '0 s: ',
      '10 s: MemoryPressure, due memory.available',
      '20 s: MemoryPressure, due memory.available',
      '30 s: MemoryPressure',
      '40 s: MemoryPressure',
    ])
  })

  it('is told of in the order of the conditions', () => {
    const thresholds = [
      aThreshold('pid.available', '2k'),
      aThreshold('imagefs.inodesFree', '5%'),
      aThreshold('memory.available', '1Gi'),
    ]
    const [told] = lives(thresholds, [[0, { 'pid.available': 1000, 'imagefs.inodesFree': 1, 'memory.available': 1 }]])
    assert.equal(
      told,
      '0 s: MemoryPressure DiskPressure PIDPressure, due pid.available imagefs.inodesFree memory.available',
    )
  })

  it('is nothing to act on twice while the figures are the same', () => {
    const thresholds = [aThreshold('memory.available', '1Gi')]
    const rules = { thresholds, pressureTransitionMs: 300_000 }
    const first = observePressure(noPressure, seen(low, 1000), rules, 1000)
    const again = observePressure(first.state, seen(low, 1000), rules, 11_000)
    assert.deepEqual([first.due.length, again.due.length], [1, 0])
    assert.deepEqual(again.conditions, ['MemoryPressure'])
  })

  it('is acted on when the clock that figures go by has been set back', () => {
    const rules = { thresholds: [aThreshold('memory.available', '1Gi')], pressureTransitionMs: 300_000 }
    const first = observePressure(noPressure, seen(low, 3_600_000), rules, 1000)
    const again = observePressure(first.state, seen(low, 1000), rules, 11_000)
    assert.equal(again.due.length, 1)
  })
})
