import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EndingAction } from '../../../src/model/action.ts'
import { planKill, preStopOf, type KillOrder } from '../../../src/plan/plan-kill.ts'
import type { KillProgress, KillProgressStep } from '../../../src/plan/pod-facts.ts'
import { aKill } from '../../builders/facts.ts'
import { anObservedContainer, nowMs } from '../../builders/observed.ts'
import { aContainer } from '../../builders/pod.ts'

const container = anObservedContainer()
const preStop = preStopOf(aContainer({ lifecycle: { preStop: { exec: { command: ['quit'] } } } }))
const order: KillOrder = {
  graceSeconds: 30,
  preStop: undefined,
  isItsTurn: true,
  message: 'Stopping container main',
  thenRestart: false,
  reason: 'it is to end',
}

/** The next step in a word or two: what is done with how many seconds, or until when after its begin it waits. */
function next(change: Partial<KillOrder>, progress?: KillProgress): string {
  const kills = new Map(progress === undefined ? [] : [[container.id, progress]])
  const action = planKill(container, { ...order, ...change }, { nowMs, kills })
  if (action.kind === 'wait') return `wait ${untilOf(action, progress)}`
  if (action.kind !== 'kill-container') return action.kind
  return action.step.kind === 'stop' ? `stop ${action.step.graceSeconds}` : action.step.kind
}

function untilOf({ untilMs }: Extract<EndingAction, { kind: 'wait' }>, progress: KillProgress | undefined): string {
  return untilMs === undefined ? 'for its end' : `until ${(untilMs - (progress?.sinceMs ?? nowMs)) / 1000}`
}

/** A kill that began so many seconds ago, with a grace of 30. */
function begun(step: KillProgressStep, secondsAgo: number): KillProgress {
  return aKill({ sinceMs: nowMs - secondsAgo * 1000, step })
}

describe('the first step of the end of a container', () => {
  const cases: readonly (readonly [title: string, change: Partial<KillOrder>, step: string])[] = [
    ['is the stop signal, with the whole grace', {}, 'stop 30'],
    ['is the stop signal with two seconds where there is less', { graceSeconds: 1 }, 'stop 2'],
    ['is the stop signal with two seconds where there is none', { graceSeconds: 0 }, 'stop 2'],
    ['is the stop signal with two seconds where the grace is negative', { graceSeconds: -5 }, 'stop 2'],
    ['is its preStop hook', { preStop }, 'pre-stop'],
    ['is its preStop hook, even when others have to stop first', { preStop, isItsTurn: false }, 'pre-stop'],
    ['is no hook where there is no time for one', { preStop, graceSeconds: 0 }, 'stop 2'],
    ['is to wait where others have to stop first', { isItsTurn: false }, 'await-turn'],
    ['waits for nobody without a grace', { isItsTurn: false, graceSeconds: 0 }, 'stop 2'],
  ]
  for (const [title, change, step] of cases) it(title, () => assert.equal(next(change), step))

  it('says whom it is about, and why', () => {
    assert.deepEqual(planKill(container, { ...order, thenRestart: true }, { nowMs, kills: new Map() }), {
      kind: 'kill-container',
      id: container.id,
      containerName: 'main',
      step: { kind: 'stop', graceSeconds: 30 },
      graceSeconds: 30,
      message: 'Stopping container main',
      thenRestart: true,
      reason: 'it is to end',
    })
  })
})

describe('the end of a container', () => {
  const hook: KillProgressStep = { kind: 'pre-stop' }
  const turn: KillProgressStep = { kind: 'awaiting-turn' }
  const stopping = (killsIn: number): KillProgressStep => ({ kind: 'stopping', killAtMs: nowMs + killsIn * 1000 })
  const retry = (inSeconds: number): KillProgressStep => ({
    kind: 'retry',
    failures: 1,
    atMs: nowMs + inSeconds * 1000,
  })
  type Case = readonly [title: string, progress: KillProgress, change: Partial<KillOrder>, step: string]
  const cases: readonly Case[] = [
    ['waits for its hook until the grace is used up', begun(hook, 10), { preStop }, 'wait until 30'],
    ['leaves the hook behind then', begun(hook, 30), { preStop }, 'stop 2'],
    ['leaves the hook behind when a shorter grace is used up', begun(hook, 10), { preStop, graceSeconds: 7 }, 'stop 2'],
    ['waits for its hook until a shorter grace is used up', begun(hook, 3), { graceSeconds: 7 }, 'wait until 7'],
    ['never gets a longer grace', begun(hook, 3), { graceSeconds: 60 }, 'wait until 30'],
    ['comes after the hook with what is left', begun(turn, 10), { preStop }, 'stop 20'],
    ['is deducted whole seconds only', begun(turn, 10.9), { preStop }, 'stop 20'],
    ['comes after the hook with two seconds at least', begun(turn, 29), { preStop }, 'stop 2'],
    ['waits for its turn until the grace is used up', begun(turn, 10), { isItsTurn: false }, 'wait until 30'],
    ['comes out of turn when the grace is used up', begun(turn, 30), { isItsTurn: false }, 'stop 2'],
    ['needs nothing more once it has its signal', begun(stopping(20), 10), {}, 'wait for its end'],
    ['is hurried up by a shorter grace', begun(stopping(20), 10), { graceSeconds: 15 }, 'stop 5'],
    ['is hurried up at once by one that is used up', begun(stopping(20), 10), { graceSeconds: 5 }, 'stop 2'],
    ['is not hurried up for less than it takes', begun(stopping(1), 29), { graceSeconds: 5 }, 'wait for its end'],
    ['waits a while after Docker could not do it', begun(retry(4), 10), {}, 'wait until 14'],
    ['is tried again with what is left', begun(retry(0), 10), {}, 'stop 20'],
  ]
  for (const [title, progress, change, step] of cases) it(title, () => assert.equal(next(change, progress), step))
})
