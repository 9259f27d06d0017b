import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endContainers } from '../../../src/plan/end-containers.ts'
import { anObservedContainer, anObservedPod, exited } from '../../builders/observed.ts'
import { containersNamed } from '../../builders/pod.ts'

const sidecars = containersNamed('proxy', 'logs')

/** Who is stopped now, with how many seconds, when these run. */
function ends(...names: readonly string[]): readonly string[] {
  const containers = ['proxy', 'logs', 'web', 'worker'].map((name) =>
    anObservedContainer(names.includes(name) ? { name } : { name, state: exited() }),
  )
  const facts = { graceSeconds: 30, sidecarGraceSeconds: 12, reason: 'the Pod is terminating' }
  return endContainers(anObservedPod({ containers }), sidecars, facts).map((action) =>
    action.kind === 'kill-container' ? `${action.containerName} ${action.graceSeconds}` : action.kind,
  )
}

describe('the end of containers', () => {
  it('comes to the regular ones first, side by side', () => {
    assert.deepEqual(ends('proxy', 'logs', 'web', 'worker'), ['web 30', 'worker 30'])
    assert.deepEqual(ends('proxy', 'logs', 'worker'), ['worker 30'])
  })

  it('comes to sidecars one by one, the last first, with what is left of the grace', () => {
    assert.deepEqual(ends('proxy', 'logs'), ['logs 12'])
    assert.deepEqual(ends('proxy'), ['proxy 12'])
  })

  it('is over when nothing runs', () => assert.deepEqual(ends(), []))
})
