import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId } from '../../../src/model/ids.ts'
import { collectGarbage } from '../../../src/plan/collect-garbage.ts'
import { anObservedContainer, anObservedPod, anObservedSandbox, created, exited } from '../../builders/observed.ts'

const removeContainer = (name: string, attempt: number): object => ({
  kind: 'remove-container',
  id: containerId(`${name}-${attempt}`),
  containerName: name,
  reason: 'newer instances took its place',
})
const removeSandbox = (attempt: number): object => ({
  kind: 'remove-sandbox',
  id: containerId(`sandbox-${attempt}`),
  reason: 'a newer one took its place',
})

describe('collectGarbage', () => {
  it('finds none in a Pod that runs', () => {
    assert.deepEqual(collectGarbage(anObservedPod(), 1), [])
  })

  it('keeps the last two instances of each container', () => {
    const containers = [
      anObservedContainer({ attempt: 3 }),
      anObservedContainer({ name: 'side', attempt: 2, state: exited() }),
      anObservedContainer({ attempt: 2, state: exited() }),
      anObservedContainer({ attempt: 1, state: exited() }),
      anObservedContainer({ attempt: 0, state: created }),
      anObservedContainer({ name: 'side', attempt: 1, state: exited() }),
      anObservedContainer({ name: 'side', attempt: 0, state: exited() }),
    ]
    assert.deepEqual(collectGarbage(anObservedPod({ containers }), 1), [
      removeContainer('main', 1),
      removeContainer('main', 0),
      removeContainer('side', 0),
    ])
  })

  it('keeps none that was replaced before it was ever started, but the ended one before it', () => {
    const containers = [
      anObservedContainer({ attempt: 3, state: exited() }),
      anObservedContainer({ attempt: 2, state: created }),
      anObservedContainer({ attempt: 1, state: exited() }),
      anObservedContainer({ attempt: 0, state: exited() }),
    ]
    assert.deepEqual(collectGarbage(anObservedPod({ containers }), 1), [
      removeContainer('main', 2),
      removeContainer('main', 0),
    ])
  })

  it('keeps the newest, even if it was not started', () => {
    const containers = [anObservedContainer({ attempt: 1, state: created }), anObservedContainer({ state: exited() })]
    assert.deepEqual(collectGarbage(anObservedPod({ containers }), 1), [])
  })

  it('keeps whatever runs', () => {
    const containers = [2, 1, 0].map((attempt) => anObservedContainer({ attempt }))
    const sandboxes = [1, 0].map((attempt) => anObservedSandbox({ attempt }))
    assert.deepEqual(collectGarbage(anObservedPod({ containers, sandboxes }), 1), [])
  })

  it('keeps the newest sandbox, even if it has ended, and removes those before it', () => {
    const sandboxes = [
      anObservedSandbox({ attempt: 2, state: exited() }),
      anObservedSandbox({ attempt: 1, state: exited() }),
      anObservedSandbox({ attempt: 0, state: created }),
    ]
    assert.deepEqual(collectGarbage(anObservedPod({ sandboxes, containers: [] }), 1), [
      removeSandbox(1),
      removeSandbox(0),
    ])
  })

  it('keeps a sandbox as long as it has a container that is kept', () => {
    const sandboxes = [
      anObservedSandbox({ attempt: 2 }),
      anObservedSandbox({ attempt: 1, state: exited() }),
      anObservedSandbox({ attempt: 0, state: exited() }),
    ]
    const containers = [2, 1, 0].map((attempt) =>
      anObservedContainer({
        attempt,
        sandboxId: containerId(`sandbox-${attempt}`),
        ...(attempt < 2 && { state: exited() }),
      }),
    )
    assert.deepEqual(collectGarbage(anObservedPod({ sandboxes, containers }), 1), [
      removeContainer('main', 0),
      removeSandbox(0),
    ])
  })

  it('keeps as many instances as it is told to', () => {
    const containers = [3, 2, 1, 0].map((attempt) => anObservedContainer({ attempt, state: exited() }))
    assert.deepEqual(collectGarbage(anObservedPod({ containers }), 2), [removeContainer('main', 0)])
  })
})
