import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerStatus, PodStatus } from '../../../src/model/kube.ts'
import type { ObservedContainer } from '../../../src/model/observed.ts'
import { notReached } from '../../../src/status/not-reached.ts'
import { anObservedContainer, anObservedPod, created, exited, running } from '../../builders/observed.ts'
import { aContainer, aContainerStatus, aPod, containersNamed, terminatedState } from '../../builders/pod.ts'

const pod = aPod({ spec: { initContainers: containersNamed('first', 'second') } })
const sidecar = aContainer({ name: 'second', restartPolicy: 'Always' })
const withSidecar = aPod({ spec: { initContainers: [aContainer({ name: 'first' }), sidecar] } })

const is = (name: string, state: ObservedContainer['state']): ObservedContainer => anObservedContainer({ name, state })
const failed = exited({ exitCode: 1 })
const said = (...init: readonly ContainerStatus[]): PodStatus => ({ initContainerStatuses: init })
const saidOf = (name: string, change: Partial<ContainerStatus>): PodStatus =>
  said(aContainerStatus({ name, ...change }))

describe('the containers that a Pod never reached', () => {
  const cases: readonly (readonly [
    title: string,
    containers: readonly ObservedContainer[],
    previous: PodStatus | undefined,
    unreached: readonly string[],
  ])[] = [
    ['are all but the first when nothing ran', [], undefined, ['second', 'main']],
    ['are those after the init container that failed', [is('first', failed)], undefined, ['second', 'main']],
    ['are the regular ones when the last init container failed', [is('second', failed)], undefined, ['main']],
    ['are the regular ones while the last init container runs', [is('second', running)], undefined, ['main']],
    ['are none when all init containers succeeded', [is('second', exited())], undefined, []],
    ['are none when a regular one ran', [is('main', running), is('second', failed)], undefined, []],
    ['may have been created', [is('first', failed), is('second', created)], undefined, ['second', 'main']],
    ['are none of those that were said to run', [], saidOf('second', {}), ['main']],
    ['are none of those that were said to have ended', [], saidOf('second', { state: terminatedState(1) }), ['main']],
    ['are none when the last was said to have succeeded', [], saidOf('second', { state: terminatedState(0) }), []],
    [
      'are none when the last was said to have succeeded before it ran again',
      [is('second', failed)],
      saidOf('second', { lastState: terminatedState(0) }),
      [],
    ],
    [
      'are those that were said to wait',
      [],
      said(...['first', 'second'].map((name) => aContainerStatus({ name, state: { waiting: {} } }))),
      ['second', 'main'],
    ],
  ]
  for (const [title, containers, previous, unreached] of cases) {
    it(title, () => assert.deepEqual([...notReached(pod, anObservedPod({ containers }), previous)], unreached))
  }

  it('are none when the last init container is a sidecar that ran, however it ended', () => {
    assert.deepEqual([...notReached(withSidecar, anObservedPod({ containers: [is('second', failed)] }), undefined)], [])
  })

  it('are none without init containers', () => {
    assert.deepEqual([...notReached(aPod(), anObservedPod({ containers: [] }), undefined)], [])
  })
})
