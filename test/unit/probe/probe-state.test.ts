import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { probeTypes, type ProbeType } from '../../../src/model/probe.ts'
import type { ProbeSpec } from '../../../src/probe/probe-spec.ts'
import { afterResult, firstState } from '../../../src/probe/probe-state.ts'

function specOf(type: ProbeType, thresholds: Partial<ProbeSpec> = {}): ProbeSpec {
  return {
    type,
    handler: {},
    initialDelayMs: 0,
    periodMs: 1000,
    timeoutMs: 1000,
    successThreshold: 1,
    failureThreshold: 1,
    ...thresholds,
  }
}

/** The verdicts after each result, `+` or `-`; `!` where nothing is asked any more. */
function verdicts(type: ProbeType, results: string, thresholds: Partial<ProbeSpec> = {}): string {
  let state = firstState(type, undefined)
  const letters = { unknown: '?', success: '+', failure: '-' }
  return [...results.matchAll(/./gu)]
    .map(([result]) => {
      state = afterResult(state, result === '+' ? 'success' : 'failure', specOf(type, thresholds))
      return letters[state.verdict] + (state.onHold ? '!' : '')
    })
    .join(' ')
}

describe('firstState', () => {
  for (const [type, fresh, started, ready] of [
    ['startup', 'unknown', 'success on hold', 'success on hold'],
    ['liveness', 'success', 'success', 'success'],
    ['readiness', 'failure', 'failure', 'success'],
  ] as const) {
    const text = (takenOver: Parameters<typeof firstState>[1]): string => {
      const { verdict, onHold } = firstState(type, takenOver)
      return verdict + (onHold ? ' on hold' : '')
    }
    it(`of ${type} is ${fresh}; ${started} for one that had started, ${ready} for one that was ready too`, () => {
      assert.equal(text(undefined), fresh)
      assert.equal(text({ started: false, ready: false }), fresh)
      assert.equal(text({ started: true, ready: false }), started)
      assert.equal(text({ started: true, ready: true }), ready)
    })
  }
})

describe('afterResult', () => {
  for (const [title, type, results, thresholds, expected] of [
    ['follows each result', 'readiness', '+-+-', {}, '+ - + -'],
    [
      'waits for as many failures in a row as it takes',
      'readiness',
      '+--+---',
      { failureThreshold: 3 },
      '+ + + + + + -',
    ],
    ['waits for as many successes in a row as it takes', 'readiness', '++-+++', { successThreshold: 3 }, '- - - - - +'],
    ['goes on after a success of liveness', 'liveness', '+++', {}, '+ + +'],
    ['asks no more when liveness has failed', 'liveness', '+--', { failureThreshold: 2 }, '+ + -!'],
    ['asks no more when it has started', 'startup', '--+', { failureThreshold: 3 }, '? ? +!'],
    ['asks no more when it has failed to start', 'startup', '--', { failureThreshold: 2 }, '? -!'],
  ] as const) {
    it(title, () => assert.equal(verdicts(type, results, thresholds), expected))
  }

  it('begins a new count after it has decided', () => {
    for (const type of probeTypes.filter((one) => one !== 'readiness')) {
      const state = afterResult(firstState(type, undefined), 'failure', specOf(type))
      assert.deepEqual(state, { verdict: 'failure', streak: undefined, onHold: true })
    }
  })
})
