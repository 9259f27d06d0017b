import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mergeWork, podGraceSeconds, type PodWork } from '../../../src/model/pod-work.ts'
import type { PodVerdict } from '../../../src/model/pod-verdict.ts'
import { aPod } from '../../builders/pod.ts'

const pod = aPod()
const newer = aPod({ metadata: { resourceVersion: '2' } })
const sync: PodWork = { phase: 'sync', pod }
const terminating: PodWork = { phase: 'terminating', pod, graceSeconds: 30, remove: false, evict: false }

const first: PodVerdict = { kind: 'disrupted', reason: 'Preempting', message: 'gone', condition: 'gone' }
const second: PodVerdict = { kind: 'expired', reason: 'DeadlineExceeded', message: 'late' }

describe('mergeWork', () => {
  const cases: readonly (readonly [title: string, current: PodWork | undefined, next: PodWork, merged: PodWork])[] = [
    ['takes the first work as it is', undefined, sync, sync],
    ['takes the newer spec', sync, { phase: 'sync', pod: newer }, { phase: 'sync', pod: newer }],
    ['moves on to the end', sync, terminating, terminating],
    [
      'keeps a terminating Pod terminating, with the newer spec',
      terminating,
      { phase: 'sync', pod: newer },
      { ...terminating, pod: newer },
    ],
    ['shortens the grace', terminating, { ...terminating, graceSeconds: 5 }, { ...terminating, graceSeconds: 5 }],
    ['never lengthens the grace', terminating, { ...terminating, graceSeconds: 60 }, terminating],
    [
      'removes once that was asked for',
      { ...terminating, remove: true },
      terminating,
      { ...terminating, remove: true },
    ],
    [
      'removes as soon as that is asked for',
      terminating,
      { ...terminating, remove: true },
      { ...terminating, remove: true },
    ],
    ['evicts once that was asked for', { ...terminating, evict: true }, terminating, { ...terminating, evict: true }],
    ['takes a verdict late', terminating, { ...terminating, verdict: first }, { ...terminating, verdict: first }],
    [
      'keeps the first verdict',
      { ...terminating, verdict: first },
      { ...terminating, verdict: second },
      { ...terminating, verdict: first },
    ],
    [
      'keeps the verdict when the Pod is deleted',
      { ...terminating, verdict: first },
      { ...terminating, remove: true },
      { ...terminating, remove: true, verdict: first },
    ],
    ['keeps the spec of a Pod whose object is gone', terminating, { ...terminating, pod: undefined }, terminating],
    [
      'takes the newer spec of a terminating Pod',
      terminating,
      { ...terminating, pod: newer },
      { ...terminating, pod: newer },
    ],
  ]
  for (const [title, current, next, merged] of cases) {
    it(title, () => assert.deepEqual(mergeWork(current, next), merged))
  }
})

describe('the grace of the end of a Pod', () => {
  const graces: readonly (readonly [deletion: number | undefined, spec: number, seconds: number])[] = [
    [undefined, 30, 30],
    [5, 30, 5],
    [60, 30, 60],
    [0, 30, 1],
    [undefined, 0, 1],
    [undefined, -5, 1],
  ]
  for (const [deletion, spec, seconds] of graces) {
    it(`is ${seconds} for a deletion with ${deletion} and a spec with ${spec}`, () => {
      const metadata = deletion === undefined ? {} : { deletionGracePeriodSeconds: deletion }
      assert.equal(podGraceSeconds(aPod({ metadata, spec: { terminationGracePeriodSeconds: spec } })), seconds)
    })
  }
})
