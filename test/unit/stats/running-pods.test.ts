import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runningPod } from '../../../src/stats/running-pods.ts'
import { anObservedContainer, anObservedPod, anObservedSandbox, exited } from '../../builders/observed.ts'
import { aPodUid } from '../../builders/pod.ts'

describe('What of a Pod runs', () => {
  it('is its sandbox, and of each container the instance that runs, once', () => {
    const containers = [
      anObservedContainer({ name: 'web', attempt: 1 }),
      anObservedContainer({ name: 'web', attempt: 0, state: exited() }),
      anObservedContainer({ name: 'ended', state: exited() }),
      anObservedContainer({ name: 'app' }),
    ]
    const pod = runningPod(anObservedPod({ sandboxes: [anObservedSandbox()], containers }))
    assert.deepEqual([pod?.sandbox?.name, ...(pod?.containers ?? []).map(({ name }) => name)], ['POD', 'app', 'web'])
    assert.equal(pod?.containers[1]?.dockerName, `k8s_web_web_default_${aPodUid}_1`)
  })

  it('is nothing when all has ended', () => {
    const sandboxes = [anObservedSandbox({ state: exited() })]
    assert.equal(runningPod(anObservedPod({ sandboxes, containers: [] })), undefined)
    assert.equal(runningPod(anObservedPod({ sandboxes: [], containers: [] })), undefined)
  })
})
