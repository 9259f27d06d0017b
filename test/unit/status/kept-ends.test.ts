import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerStatus, PodSpec } from '../../../src/model/kube.ts'
import { withKeptEnds } from '../../../src/status/kept-ends.ts'
import { aContainer, aContainerStatus, aPod, terminatedState } from '../../builders/pod.ts'

const running = aContainerStatus({ restartCount: 1, containerID: 'docker://main-1' })
const waiting = aContainerStatus({ state: { waiting: { reason: 'PodInitializing' } } })
const ended = (exitCode: number): ContainerStatus => aContainerStatus({ state: terminatedState(exitCode) })

/** What is said of container `main` after it was said to be `before`. */
function saidAfter(
  before: ContainerStatus | undefined,
  spec: Partial<PodSpec>,
  now: ContainerStatus,
): ContainerStatus[] {
  return [...withKeptEnds(aPod({ spec }), [now], before === undefined ? undefined : [before])]
}

describe('the end of a container that its policy does not start again', () => {
  const cases: readonly (readonly [title: string, spec: Partial<PodSpec>, exitCode: number])[] = [
    ['under Never', { restartPolicy: 'Never' }, 1],
    ['under OnFailure, after a success', { restartPolicy: 'OnFailure' }, 0],
    ['under a policy of its own', { containers: [aContainer({ restartPolicy: 'Never' })] }, 1],
    [
      'of an init container under OnFailure, after a success',
      { restartPolicy: 'OnFailure', initContainers: [aContainer()], containers: [aContainer({ name: 'other' })] },
      0,
    ],
  ]
  for (const [title, spec, exitCode] of cases) {
    it(`is still told while it runs or waits all the same, ${title}`, () => {
      const before = ended(exitCode)
      for (const now of [running, waiting]) assert.deepEqual(saidAfter(before, spec, now), [before])
    })
  }

  it('gives way to another end', () => {
    assert.deepEqual(saidAfter(ended(0), { restartPolicy: 'Never' }, ended(1)), [ended(1)])
  })
})

describe('what is said of any other container', () => {
  const cases: readonly (readonly [title: string, before: ContainerStatus | undefined, spec: Partial<PodSpec>])[] = [
    ['that nothing was said of before', undefined, { restartPolicy: 'Never' }],
    ['that waited', waiting, { restartPolicy: 'Never' }],
    ['that ended, under Always', ended(0), {}],
    ['that failed, under OnFailure', ended(1), { restartPolicy: 'OnFailure' }],
    [
      'that is a sidecar',
      ended(0),
      {
        restartPolicy: 'Never',
        initContainers: [aContainer({ restartPolicy: 'Always' })],
        containers: [aContainer({ name: 'other' })],
      },
    ],
    ['that another had the name of', { ...ended(0), name: 'other' }, { restartPolicy: 'Never' }],
  ]
  for (const [title, before, spec] of cases) {
    it(`is what is so now: one ${title}`, () => assert.deepEqual(saidAfter(before, spec, running), [running]))
  }
})
