import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podStatus } from '../../../src/status/pod-status.ts'
import { statusFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, exited } from '../../builders/observed.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

describe('that a Pod has ended', () => {
  const pod = aPod({
    spec: { restartPolicy: 'Never', initContainers: [aContainer({ name: 'proxy', restartPolicy: 'Always' })] },
  })
  const succeeded = anObservedContainer({ state: exited() })
  const sidecar = anObservedContainer({ name: 'proxy' })

  for (const phase of ['Pending', 'Running'] as const) {
    it(`is not told while a sidecar of it runs: it stays ${phase}, and is not ready any more`, () => {
      const change = { previous: { phase } }
      const status = podStatus(pod, anObservedPod({ containers: [sidecar, succeeded] }), statusFacts(change))
      assert.equal(status.phase, phase)
      const ready = status.conditions?.find(({ type }) => type === 'Ready')
      assert.deepEqual([ready?.status, ready?.reason], ['False', 'PodCompleted'])
    })
  }

  it('is told when the sidecar has ended, however it did', () => {
    const containers = [{ ...sidecar, state: exited({ exitCode: 137 }) }, succeeded]
    const { phase } = podStatus(pod, anObservedPod({ containers }), statusFacts({ previous: { phase: 'Running' } }))
    assert.equal(phase, 'Succeeded')
  })

  it('stays told, whatever is started by hand afterwards', () => {
    const { phase } = podStatus(pod, anObservedPod(), statusFacts({ previous: { phase: 'Succeeded' } }))
    assert.equal(phase, 'Succeeded')
  })
})
