import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instancesOf, runningSandbox } from '../../../src/model/observed.ts'
import { anObservedContainer, anObservedPod, anObservedSandbox, created, exited } from '../../builders/observed.ts'

describe('instancesOf', () => {
  it('gives the instances of one container, newest first', () => {
    const containers = [
      anObservedContainer({ attempt: 2 }),
      anObservedContainer({ name: 'side' }),
      anObservedContainer({ attempt: 1, state: exited() }),
    ]
    assert.deepEqual(instancesOf(anObservedPod({ containers }), 'main'), [containers[0], containers[2]])
  })

  it('gives none of a container that Docker does not know', () => {
    assert.deepEqual(instancesOf(anObservedPod(), 'mai'), [])
  })
})

describe('runningSandbox', () => {
  it('is the newest that runs', () => {
    const old = anObservedSandbox({ attempt: 1 })
    const sandboxes = [anObservedSandbox({ attempt: 2, state: created }), old, anObservedSandbox()]
    assert.equal(runningSandbox(anObservedPod({ sandboxes })), old)
  })

  it('is none when none runs', () => {
    assert.equal(runningSandbox(anObservedPod({ sandboxes: [anObservedSandbox({ state: exited() })] })), undefined)
  })
})
