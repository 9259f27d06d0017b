import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId } from '../../../src/model/ids.ts'
import { computeTerminationActions, type TerminationFacts } from '../../../src/plan/terminate-pod.ts'
import {
  anObservedContainer,
  anObservedPod,
  anObservedSandbox,
  created,
  exited,
  nothing,
  nowMs,
} from '../../builders/observed.ts'

const end: TerminationFacts = {
  nowMs,
  kills: new Map(),
  pod: undefined,
  graceSeconds: 7,
  remove: false,
  comesAgain: false,
  volumesTornDown: true,
  hasVolumes: true,
}
const remove: TerminationFacts = { ...end, remove: true }
const ended = anObservedPod({ containers: [anObservedContainer({ state: exited() })] })
const over = anObservedPod({ ...ended, sandboxes: [anObservedSandbox({ state: exited() })] })

const kill = (name: string, attempt = 0): object => ({
  kind: 'kill-container',
  id: containerId(`${name}-${attempt}`),
  containerName: name,
  step: { kind: 'stop', graceSeconds: 7 },
  graceSeconds: 7,
  message: `Stopping container ${name}`,
  thenRestart: false,
  reason: 'the Pod is terminating',
})

describe('ending a Pod', () => {
  it('first stops everything that runs, side by side, and nothing else', () => {
    const containers = [
      anObservedContainer({ name: 'a' }),
      anObservedContainer({ name: 'b', state: exited() }),
      anObservedContainer({ name: 'c' }),
      anObservedContainer({ name: 'c', attempt: 1, state: created }),
    ]
    for (const facts of [end, remove]) {
      assert.deepEqual(computeTerminationActions(anObservedPod({ containers }), facts), [kill('a'), kill('c')])
    }
  })

  it('then stops every sandbox that runs', () => {
    const sandboxes = [
      anObservedSandbox({ attempt: 1 }),
      anObservedSandbox(),
      anObservedSandbox({ attempt: 2, state: created }),
    ]
    assert.deepEqual(computeTerminationActions({ ...ended, sandboxes }, end), [
      { kind: 'stop-sandbox', id: 'sandbox-1', reason: 'the Pod is over' },
      { kind: 'stop-sandbox', id: 'sandbox-0', reason: 'the Pod is over' },
    ])
  })

  it('keeps records and volumes, and is over then', () => {
    assert.deepEqual(computeTerminationActions(over, end), [])
    assert.deepEqual(computeTerminationActions(nothing, end), [])
  })
})

describe('removing a Pod', () => {
  const reason = 'the Pod is deleted'

  it('removes every container, sandbox and volume as soon as nothing runs', () => {
    const containers = [anObservedContainer({ attempt: 1, state: created }), anObservedContainer({ state: exited() })]
    const sandboxes = [anObservedSandbox({ attempt: 1 }), anObservedSandbox({ state: exited() })]
    assert.deepEqual(computeTerminationActions(anObservedPod({ containers, sandboxes }), remove), [
      { kind: 'remove-container', id: 'main-1', containerName: 'main', reason },
      { kind: 'remove-container', id: 'main-0', containerName: 'main', reason },
      { kind: 'remove-sandbox', id: 'sandbox-1', reason },
      { kind: 'remove-sandbox', id: 'sandbox-0', reason },
      { kind: 'remove-volumes', reason },
    ])
  })

  it('removes the volumes of a Pod of which Docker has nothing', () => {
    assert.deepEqual(computeTerminationActions(nothing, remove), [{ kind: 'remove-volumes', reason }])
  })

  it('keeps the records of what ended for a Pod that comes again', () => {
    const containers = [anObservedContainer({ attempt: 1, state: created }), anObservedContainer({ state: exited() })]
    const facts = { ...remove, comesAgain: true }
    assert.deepEqual(computeTerminationActions(anObservedPod({ containers }), facts), [
      { kind: 'remove-container', id: 'main-1', containerName: 'main', reason },
      { kind: 'remove-sandbox', id: 'sandbox-0', reason },
      { kind: 'remove-volumes', reason },
    ])
    assert.deepEqual(computeTerminationActions({ ...ended, sandboxes: [] }, { ...facts, hasVolumes: false }), [])
  })

  it('is over when nothing is left', () => {
    assert.deepEqual(computeTerminationActions(nothing, { ...remove, hasVolumes: false }), [])
  })
})
