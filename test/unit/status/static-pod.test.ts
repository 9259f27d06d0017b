import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ObservedPod } from '../../../src/model/observed.ts'
import type { Pod, PodStatus } from '../../../src/model/kube.ts'
import { podStatus } from '../../../src/status/pod-status.ts'
import { statusFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, exited, nothing } from '../../builders/observed.ts'
import { aPod } from '../../builders/pod.ts'

const pod: Pod = aPod({ metadata: { annotations: { 'kubernetes.io/config.source': 'file' } } })

function statusWhenOver(observed: ObservedPod): PodStatus {
  return podStatus(pod, observed, statusFacts({ podIsOver: true }))
}

describe('the status of a static Pod', () => {
  it('keeps no phase: the same manifest runs again', () => {
    const { phase } = podStatus(pod, anObservedPod(), statusFacts({ previous: { phase: 'Failed' } }))
    assert.equal(phase, 'Running')
  })

  it('stays Pending where the Pod was over before a container ran, as that container cannot be found', () => {
    const { phase, containerStatuses } = statusWhenOver(nothing)
    assert.deepEqual([phase, containerStatuses?.[0]?.state?.terminated?.reason], ['Pending', 'ContainerStatusUnknown'])
  })

  it('stays Running where the Pod was over after its containers ran', () => {
    const containers = [anObservedContainer({ state: exited({ exitCode: 137 }) })]
    assert.equal(statusWhenOver(anObservedPod({ containers })).phase, 'Running')
  })
})
