import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VolumeFailure, VolumeStep } from '../../../src/model/volume-failure.ts'
import { firstRetryAtMs, notYetDue, retriesAfter, type VolumeRetries } from '../../../src/plan/volume-retries.ts'
import { nowMs } from '../../builders/observed.ts'

const none: VolumeRetries = new Map()

function failure(volumeName: string, step: VolumeStep = 'set-up'): VolumeFailure {
  return { volumeName, step, shownAs: volumeName, message: 'no such thing' }
}

/** The delays of so many failures in a row, each as soon as it is due. */
function delays(count: number, ...steps: readonly VolumeStep[]): readonly number[] {
  let retries = none
  let now = nowMs
  return Array.from({ length: count }, (_, index) => {
    const step = steps[index % steps.length] ?? 'set-up'
    retries = retriesAfter(retries, { failures: [failure('a', step)], notTried: new Set() }, now)
    const waitMs = (firstRetryAtMs(retries) ?? now) - now
    now += waitMs
    return waitMs
  })
}

describe('the retries of volumes', () => {
  it('come twice as late each time, from half a second to two minutes and two seconds', () => {
    assert.deepEqual(delays(10), [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 122_000, 122_000])
  })

  it('come every ten seconds in the end while it is not known what is to be mounted', () => {
    assert.deepEqual(delays(7, 'process'), [500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  })

  it('begin anew when it is known what is to be mounted, and when it is not any more', () => {
    assert.deepEqual(delays(3, 'process', 'set-up'), [500, 500, 500])
    assert.deepEqual(delays(3, 'new-mounter', 'set-up'), [500, 1000, 2000])
  })

  it('are each volume’s own, and forgotten when it is set up', () => {
    const first = retriesAfter(none, { failures: [failure('a'), failure('b')], notTried: new Set() }, nowMs)
    assert.deepEqual([...notYetDue(first, nowMs + 499)], ['a', 'b'])
    const again = retriesAfter(first, { failures: [failure('a')], notTried: new Set() }, nowMs + 500)
    assert.deepEqual([...again.keys()], ['a'])
    // Another one is tried meanwhile.
    const beside = retriesAfter(again, { failures: [failure('c')], notTried: new Set(['a']) }, nowMs + 1200)
    assert.deepEqual([firstRetryAtMs(beside), [...notYetDue(beside, nowMs + 1500)]], [nowMs + 1500, ['c']])
    const over = retriesAfter(beside, { failures: [], notTried: new Set() }, nowMs + 2000)
    assert.deepEqual([over.size, firstRetryAtMs(over), notYetDue(over, nowMs).size], [0, undefined, 0])
  })
})
