import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  shutdownGraceSeconds,
  shutdownGroups,
  shutdownPeriods,
  shutdownSeconds,
} from '../../../src/shutdown/shutdown-schedule.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { aPod } from '../../builders/pod.ts'

const critical = 2_000_000_000

function withPriority(name: string, priority?: number): Pod {
  return aPod({ metadata: { name }, spec: priority === undefined ? {} : { priority } })
}

describe('who ends when the machine shuts down', () => {
  it('is nobody where no time was given', () => {
    assert.deepEqual(shutdownPeriods({ graceMs: 0, criticalGraceMs: 0, periods: [] }), [])
  })

  it('is first all Pods, then the critical ones, in whole seconds', () => {
    const periods = shutdownPeriods({ graceMs: 30_900, criticalGraceMs: 10_000, periods: [] })
    assert.deepEqual(periods, [
      { priority: 0, seconds: 20 },
      { priority: critical, seconds: 10 },
    ])
    assert.equal(shutdownSeconds(periods), 30)
  })

  it('is by priority, lowest first, where periods were given', () => {
    const periods = [
      { priority: critical, seconds: 3 },
      { priority: -5, seconds: 1 },
      { priority: 100, seconds: 2 },
    ]
    const sorted = shutdownPeriods({ graceMs: 0, criticalGraceMs: 0, periods })
    assert.deepEqual(
      sorted.map(({ priority }) => priority),
      [-5, 100, critical],
    )
    const pods = [
      withPriority('least', -10),
      withPriority('none'),
      withPriority('exact', 100),
      withPriority('some', 5000),
      withPriority('most', critical + 1000),
    ]
    assert.deepEqual(
      shutdownGroups(sorted, pods).map(({ seconds, pods: group }) => [
        seconds,
        ...group.map(({ metadata }) => metadata.name),
      ]),
      [
        [1, 'least', 'none'],
        [2, 'exact', 'some'],
        [3, 'most'],
      ],
    )
  })

  it('passes over priorities of which there is no Pod', () => {
    const periods = shutdownPeriods({ graceMs: 30_000, criticalGraceMs: 10_000, periods: [] })
    const groups = shutdownGroups(periods, [withPriority('most', critical)])
    assert.deepEqual(
      groups.map(({ priority }) => priority),
      [critical],
    )
  })

  it('has the time of the group, or its own grace if that is less', () => {
    const period = { priority: 0, seconds: 20 }
    const withGrace = (terminationGracePeriodSeconds: number) => aPod({ spec: { terminationGracePeriodSeconds } })
    assert.equal(shutdownGraceSeconds(withGrace(120), period), 20)
    assert.equal(shutdownGraceSeconds(withGrace(5), period), 5)
  })
})
