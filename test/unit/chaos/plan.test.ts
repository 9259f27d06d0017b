import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Fault } from '../../chaos/fault.ts'
import { mended } from '../../chaos/faults/mended.ts'
import { Random } from '../../chaos/random.ts'
import { chosenFaults, schedule } from '../../chaos/schedule.ts'
import { planRound, type PlanInput } from '../../chaos/workload/plan-round.ts'
import { nothingWanted, wantedAfter } from '../../chaos/workload/steps.ts'

const input: PlanInput = { prefix: 's1', hostFolder: '/host', provokes: ['crashes'], phase: undefined }
const seeds = fc.integer({ min: 0, max: 2 ** 31 })
const aFault = (name: string): Fault => ({ name, inject: () => Promise.resolve(mended) })

describe('the plan of a round', () => {
  it('follows from its seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        assert.deepEqual(planRound(new Random(seed), input), planRound(new Random(seed), input))
      }),
    )
  })

  it('has the Pods that the fault needs, and its steps in the order of their time', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { churn } = planRound(new Random(seed), input)
        const names = churn.flatMap(({ step }) => (step.kind === 'create-pod' ? step.pod.metadata.name : []))
        assert.ok(names.includes('s1-crashes-0'))
        assert.equal(new Set(names).size, names.length)
        assert.deepEqual(
          churn.map(({ atMs }) => atMs),
          churn.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
        )
      }),
    )
  })

  it('gives another image only to what lasts', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { churn } = planRound(new Random(seed), input)
        const lasting = churn.flatMap(({ step }) =>
          step.kind === 'create-pod' && step.expects === 'ready' ? step.pod.metadata.name : [],
        )
        const changed = churn.flatMap(({ step }) => (step.kind === 'set-image' ? step.name : []))
        assert.deepEqual(
          changed.filter((name) => !lasting.includes(name)),
          [],
        )
      }),
    )
  })

  it('leaves nothing wanted in the end', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { wanted, end } = planRound(new Random(seed), input)
        assert.deepEqual(end.reduce(wantedAfter, wanted), nothingWanted)
      }),
    )
  })

  it('has the fault in the phase in which it must come', () => {
    for (const phase of ['churn', 'end'] as const) {
      assert.equal(planRound(new Random(1), { ...input, phase }).fault.phase, phase)
      assert.deepEqual(planRound(new Random(1), { ...input, phase, atOnce: true }).fault, { phase, atMs: 0 })
    }
  })
})

describe('the schedule of a run', () => {
  const faults = ['a', 'b', 'c-1', 'c-2'].map(aFault)

  it('has every fault once before any comes again, and counts the seeds up', () => {
    const rounds = schedule(faults, 8, 40)
    assert.deepEqual(
      rounds.map(({ seed }) => seed),
      [40, 41, 42, 43, 44, 45, 46, 47],
    )
    for (const half of [rounds.slice(0, 4), rounds.slice(4)]) {
      assert.deepEqual(half.map(({ fault }) => fault.name).toSorted(), ['a', 'b', 'c-1', 'c-2'])
    }
  })

  it('chooses by name, or by how names begin', () => {
    const names = (...words: readonly string[]): readonly string[] =>
      chosenFaults(faults, words).map(({ name }) => name)
    assert.deepEqual(names('c', 'a'), ['c-1', 'c-2', 'a'])
    assert.deepEqual(names('c-2'), ['c-2'])
    assert.throws(() => names('nothing'), /--fault "nothing": no fault is called so, see --list/u)
  })
})
