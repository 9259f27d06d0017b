import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DiskLayout } from '../../../../src/eviction/pressure/disk-layout.ts'
import {
  byUrgency,
  crossedBy,
  crossedThresholds,
  withContainerFs,
} from '../../../../src/eviction/pressure/thresholds.ts'
import type { EvictionThreshold } from '../../../../src/model/eviction-threshold.ts'
import { aThreshold, gibibyte, mebibyte, seen, valueOf } from '../../../builders/eviction.ts'

const names = (thresholds: readonly EvictionThreshold[]): readonly string[] =>
  thresholds.map(({ signal, graceMs }) => `${signal}${graceMs > 0 ? ' soft' : ''}`)

describe('a threshold', () => {
  const cases: readonly (readonly [left: number, amount: string, crossed: boolean])[] = [
    [gibibyte - 1, '1Gi', true],
    [gibibyte, '1Gi', false],
    [gibibyte - mebibyte, '10%', true],
    [gibibyte + mebibyte, '10%', false],
  ]
  for (const [left, amount, isCrossed] of cases) {
    it(`of ${amount} of 10 GiB is ${isCrossed ? '' : 'not '}crossed when ${left} bytes are left`, () => {
      const found = crossedThresholds(
        [aThreshold('memory.available', amount)],
        seen({ 'memory.available': left }),
        false,
      )
      assert.equal(found.length, isCrossed ? 1 : 0)
    })
  }

  it('is not crossed when nothing is known of its signal', () => {
    const thresholds = [aThreshold('imagefs.available', '15%')]
    assert.deepEqual(crossedThresholds(thresholds, seen({ 'memory.available': 0 }), false), [])
  })

  it('stays crossed until what is to be reclaimed beyond it is free, where that is asked', () => {
    for (const more of ['500Mi', '5%']) {
      const thresholds = [aThreshold('memory.available', '1Gi', { minReclaim: valueOf(more) })]
      const observations = seen({ 'memory.available': 1.25 * gibibyte })
      assert.equal(crossedThresholds(thresholds, observations, false).length, 0)
      assert.equal(crossedThresholds(thresholds, observations, true).length, 1)
      assert.equal(crossedThresholds(thresholds, seen({ 'memory.available': 1.6 * gibibyte }), true).length, 0)
    }
  })

  it('of memory comes first, the others as they are', () => {
    const thresholds = [
      aThreshold('nodefs.available', '10%'),
      aThreshold('allocatableMemory.available', '100Mi'),
      aThreshold('pid.available', '1k'),
      aThreshold('memory.available', '100Mi'),
    ]
    assert.deepEqual(names(byUrgency(thresholds)), [
      'allocatableMemory.available',
      'memory.available',
      'nodefs.available',
      'pid.available',
    ])
  })
})

describe('the thresholds of writable layers', () => {
  const given = [
    aThreshold('nodefs.available', '10%'),
    aThreshold('nodefs.available', '20%', { graceMs: 60_000 }),
    aThreshold('imagefs.inodesFree', '5%', { minReclaim: valueOf('1k') }),
    aThreshold('containerfs.available', '50%'),
  ]
  const cases: readonly (readonly [DiskLayout, readonly EvictionThreshold[]])[] = [
    [
      'one',
      [
        { ...aThreshold('containerfs.available', '10%') },
        aThreshold('containerfs.available', '20%', { graceMs: 60_000 }),
      ],
    ],
    ['dedicated-images', [aThreshold('containerfs.inodesFree', '5%', { minReclaim: valueOf('1k') })]],
  ]
  for (const [layout, expected] of cases) {
    it(`are those of where they lie, whatever was said of them: ${layout}`, () => {
      assert.deepEqual(withContainerFs(given, layout), [...given.slice(0, 3), ...expected])
    })
  }
})

describe('what a message says of a threshold', () => {
  const observations = seen({ 'memory.available': 50 * mebibyte, 'nodefs.inodesFree': 150_000, 'pid.available': 1234 })

  it('is its quantity and what is left, bytes and numbers each in their own way', () => {
    const said = (threshold: EvictionThreshold, resource: Parameters<typeof crossedBy>[0]) =>
      crossedBy(resource, [threshold], observations)
    assert.deepEqual(said(aThreshold('memory.available', '100Mi'), 'memory'), { quantity: '100Mi', available: '50Mi' })
    assert.deepEqual(said(aThreshold('memory.available', '10%'), 'memory'), {
      quantity: '1073741840',
      available: '50Mi',
    })
    assert.deepEqual(said(aThreshold('nodefs.inodesFree', '200k'), 'inodes'), { quantity: '200k', available: '150k' })
    assert.deepEqual(said(aThreshold('pid.available', '2k'), 'pids'), { quantity: '2k', available: '1234' })
  })

  it('is of the first that is about the same', () => {
    const thresholds = [aThreshold('imagefs.available', '15%'), aThreshold('memory.available', '1Gi')]
    assert.equal(crossedBy('memory', thresholds, observations)?.quantity, '1Gi')
    assert.equal(crossedBy('ephemeral-storage', thresholds, observations), undefined)
  })
})
