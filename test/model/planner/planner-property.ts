/**
 * Whatever Docker holds and whatever goes wrong, doing what the plan says, again and again, brings a Pod to where it
 * should be: any Pods on a tiny model of Docker that refuses what must never happen.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { computePodActions } from '../../../src/plan/compute-pod-actions.ts'
import { computeTerminationActions } from '../../../src/plan/terminate-pod.ts'
import { aPod } from '../../builders/pod.ts'
import { podPlan, specOf, type PodPlan } from '../pod-plan.ts'
import type { Property } from '../runs.ts'
import { anyChoices, Choices } from './choices.ts'
import { addHistory, disturb } from './disturb.ts'
import { DockerModel } from './docker-model.ts'
import { checkPlan, checkRest, tellStatus } from './plan-rules.ts'

/** A Pod, what Docker holds of it at first, how often something may go wrong, and all that is left to chance. */
export interface Course {
  readonly plan: PodPlan
  readonly hasHistory: boolean
  readonly mishaps: number
  readonly tape: readonly number[]
}

const anyCourse: fc.Arbitrary<Course> = fc.record({
  plan: podPlan,
  hasHistory: fc.boolean(),
  mishaps: fc.constantFrom(0, 1, 3, 12),
  tape: anyChoices,
})

const bounds = { usualRuns: 600, shrinkTries: 5000 }

export const settles: Property<Course> = {
  ...bounds,
  values: anyCourse,
  holds: (course) => {
    const { model, choices } = begin(course)
    withDiary(model, () => {
      settle(model, choices)
      checkRest(model)
    })
  },
}

export const ends: Property<Course & { readonly remove: boolean }> = {
  ...bounds,
  values: fc.tuple(anyCourse, fc.boolean()).map(([course, remove]) => ({ ...course, remove })),
  holds: ({ remove, ...course }) => {
    const { model, choices } = begin({ ...course, hasHistory: true, mishaps: 0 })
    model.pod = { ...model.pod, metadata: { ...model.pod.metadata, deletionTimestamp: '2026-11-21T10:00:00Z' } }
    withDiary(model, () => end(model, choices, remove))
    const left = [...model.containers, ...model.sandboxes]
    if (remove) assert.deepEqual([left, model.hasVolumes], [[], false])
    else {
      const running = left.filter(({ state }) => state.phase === 'running')
      assert.deepEqual([running, model.hasVolumes, model.volumesTornDown], [[], true, true])
    }
  },
}

function withDiary({ diary }: DockerModel, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new Error(`${String(error)}\n${diary.join('\n')}`, { cause: error })
  }
}

function begin({ plan, hasHistory, mishaps, tape }: Course): {
  readonly model: DockerModel
  readonly choices: Choices
} {
  const choices = new Choices(tape)
  const model = new DockerModel(aPod({ spec: specOf(plan) }), choices, mishaps)
  if (hasHistory) addHistory(model, choices)
  return { model, choices }
}

/** Looks, plans and acts until nothing is left to do, even in an hour. */
function settle(model: DockerModel, choices: Choices): void {
  let acting = 0
  for (let pass = 0; pass < 2000; pass++) {
    const look = { observed: model.observe(), facts: model.facts() }
    const before = structuredClone({ pod: model.pod, observed: look.observed })
    const actions = computePodActions(model.pod, look.observed, look.facts)
    assert.deepEqual({ pod: model.pod, observed: look.observed }, before, 'planning changes nothing')
    checkPlan(model, { ...look, actions })
    const { phase } = tellStatus(model, { ...look, actions })
    for (const action of choices.shuffled(actions)) model.apply(action)
    const isIdle = actions.every(({ kind }) => kind === 'wait')
    acting = isIdle ? 0 : acting + 1
    assert.ok(acting <= 40, `does not come to rest: ${actions.map(({ kind }) => kind).join(', ')}`)
    model.nowMs += choices.below(50)
    if (model.mishaps > 0 && (isIdle || choices.chance(0.2))) {
      disturb(model, choices)
      acting = 0
    } else if (isIdle && !model.isBusy) {
      const ends = actions.flatMap((action) => (action.kind === 'wait' ? (action.untilMs ?? []) : []))
      if (ends.length > 0) model.nowMs = Math.max(model.nowMs, Math.min(...ends))
      else if (!model.finishInitContainers()) {
        assert.equal(phase === 'Succeeded' || phase === 'Failed', model.isOver, `is ${phase} at rest`)
        return
      }
    }
    if (isIdle || choices.chance(0.5)) model.finishWorks()
  }
  assert.fail('does not settle')
}

/** More than the ends of a sidecar behind each other and of everything else take. */
const maxEndingPasses = 20

function end(model: DockerModel, choices: Choices, remove: boolean): void {
  for (let pass = 0; pass < maxEndingPasses; pass++) {
    const facts = {
      ...model.facts(),
      pod: model.pod,
      graceSeconds: 30,
      remove,
      comesAgain: false,
      hasVolumes: model.hasVolumes,
    }
    const actions = computeTerminationActions(model.observe(), facts)
    if (actions.length === 0) return
    for (const action of choices.shuffled(actions)) model.apply(action)
    model.finishWorks()
  }
  assert.fail('does not end')
}
