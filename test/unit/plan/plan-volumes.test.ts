import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nextVolumeRefresh, planVolumes } from '../../../src/plan/plan-volumes.ts'
import type { PodFacts, VolumesFact } from '../../../src/plan/pod-facts.ts'
import { podFacts } from '../../builders/facts.ts'
import { nowMs } from '../../builders/observed.ts'

const prepare = (reason: string) => [{ kind: 'prepare-volumes', reason }]
const refresh = { atMs: nowMs + 60_000, objectChanges: 3, specChanges: 1 }
const same: Partial<PodFacts> = { objectChanges: 3, specChanges: 1 }
const failed: VolumesFact = { kind: 'failed', message: 'no such thing', retryAtMs: nowMs + 500, objectChanges: 3 }

describe('the plan of volumes', () => {
  it('leaves alone what is ready and cannot change', () => {
    const facts = podFacts({ objectChanges: 9, specChanges: 9 })
    assert.deepEqual(planVolumes(facts), [])
    assert.equal(nextVolumeRefresh(facts), undefined)
  })

  it('leaves alone what can change and has not', () => {
    const facts = podFacts({ ...same, volumes: { kind: 'ready', refresh } })
    assert.deepEqual(planVolumes(facts), [])
    assert.equal(nextVolumeRefresh(facts), refresh.atMs)
  })

  const changes: readonly (readonly [change: Partial<PodFacts>, reason: string])[] = [
    [{ objectChanges: 4 }, 'what they are made of has changed'],
    [{ specChanges: 2 }, 'the Pod has changed'],
    [{ nowMs: refresh.atMs }, 'their time has come'],
  ]
  for (const [change, reason] of changes) {
    it(`brings them up to date when ${reason}`, () => {
      const facts = podFacts({ ...same, volumes: { kind: 'ready', refresh }, ...change })
      assert.deepEqual(planVolumes(facts), prepare(reason))
    })
  }

  it('tries again when the wait is over, and at once when what they are made of has changed', () => {
    const message = { containerName: undefined, reason: 'FailedMount', message: 'no such thing' }
    assert.deepEqual(planVolumes(podFacts({ ...same, volumes: failed })), [
      { kind: 'wait', untilMs: nowMs + 500, waiting: message },
    ])
    assert.deepEqual(
      planVolumes(podFacts({ ...same, volumes: failed, nowMs: nowMs + 500 })),
      prepare('the last try failed'),
    )
    assert.deepEqual(
      planVolumes(podFacts({ ...same, volumes: failed, objectChanges: 4 })),
      prepare('the last try failed, and what they are made of has changed'),
    )
  })

  it('does nothing more while they are under way', () => {
    for (const volumes of [{ kind: 'unprepared' }, { kind: 'ready', refresh }, failed] as const) {
      const facts = podFacts({ volumes, volumesUnderWay: true, nowMs: nowMs + 120_000 })
      assert.deepEqual(planVolumes(facts), [])
      assert.equal(nextVolumeRefresh(facts), undefined)
    }
  })
})
