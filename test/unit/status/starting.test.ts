import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podStatus } from '../../../src/status/pod-status.ts'
import { statusFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, exited, nothing } from '../../builders/observed.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const container = anObservedContainer()
const postStarts = new Set([container.id])

describe('a container whose postStart hook has not returned', () => {
  const status = podStatus(aPod(), anObservedPod(), statusFacts({ postStarts }))

  it('is being created, neither started nor ready', () => {
    const { state, started, ready } = status.containerStatuses?.[0] ?? {}
    assert.deepEqual(
      { state, started, ready },
      { state: { waiting: { reason: 'ContainerCreating' } }, started: false, ready: false },
    )
  })

  it('keeps its Pod pending', () => assert.equal(status.phase, 'Pending'))

  it('does not keep a Pod pending that has run', () => {
    const again = anObservedContainer({ attempt: 1 })
    const containers = [again, { ...container, state: exited({ exitCode: 1 }) }]
    const restarted = podStatus(aPod(), anObservedPod({ containers }), statusFacts({ postStarts: new Set([again.id]) }))
    assert.equal(restarted.phase, 'Running')
    assert.equal(restarted.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 1)
  })

  it('shows why the hook failed', () => {
    const waiting = new Map([['main', { reason: 'PostStartHookError', message: 'no such file' }]])
    const failed = podStatus(aPod(), anObservedPod(), statusFacts({ postStarts, waiting }))
    assert.deepEqual(failed.containerStatuses?.[0]?.state, {
      waiting: { reason: 'PostStartHookError', message: 'no such file' },
    })
  })
})

describe('the stop signal of a container', () => {
  const pod = aPod({ spec: { containers: [aContainer({ lifecycle: { stopSignal: 'SIGUSR1' } })] } })

  it('is told where the spec gives one, as soon as there is a container', () => {
    assert.equal(podStatus(pod, anObservedPod(), statusFacts()).containerStatuses?.[0]?.stopSignal, 'SIGUSR1')
    assert.equal(podStatus(pod, nothing, statusFacts()).containerStatuses?.[0]?.stopSignal, undefined)
    assert.equal(podStatus(aPod(), anObservedPod(), statusFacts()).containerStatuses?.[0]?.stopSignal, undefined)
  })
})
