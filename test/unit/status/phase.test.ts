import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerStatus } from '../../../src/model/kube.ts'
import type { RestartPolicy } from '../../../src/model/pod.ts'
import { podPhase, type Phase } from '../../../src/status/phase.ts'
import { aContainer, aContainerStatus, aPod, terminatedState } from '../../builders/pod.ts'

/** One container each, in the words of the table. */
const states = {
  running: aContainerStatus(),
  'restarted and running': aContainerStatus({ lastState: terminatedState(1) }),
  succeeded: aContainerStatus({ state: terminatedState(0) }),
  failed: aContainerStatus({ state: terminatedState(1) }),
  waiting: aContainerStatus({ state: { waiting: { reason: 'ContainerCreating' } } }),
  'waiting after a success': aContainerStatus({
    state: { waiting: { reason: 'ErrImagePull' } },
    lastState: terminatedState(0),
  }),
  'waiting after a failure': aContainerStatus({
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: terminatedState(1),
  }),
  'without a state': { ...aContainerStatus(), state: {} },
} satisfies Readonly<Record<string, ContainerStatus>>

type State = keyof typeof states

const policies: readonly RestartPolicy[] = ['Always', 'OnFailure', 'Never']

/** The phase under Always, OnFailure and Never. */
type Phases = readonly [Phase, Phase, Phase]

const all = (phase: Phase): Phases => [phase, phase, phase]

describe('the phase of a Pod that is not over', () => {
  const cases: readonly (readonly [containers: readonly State[], phases: Phases])[] = [
    [['waiting'], all('Pending')],
    [['without a state'], all('Pending')],
    [['running'], all('Running')],
    [['restarted and running'], all('Running')],
    [['running', 'waiting'], all('Pending')],
    [['succeeded', 'waiting'], all('Pending')],
    [['failed', 'waiting'], all('Pending')],
    [['running', 'succeeded'], all('Running')],
    [['running', 'failed'], all('Running')],
    [['running', 'waiting after a failure'], all('Running')],
    [['waiting after a failure'], all('Running')],
    [['waiting after a success'], all('Running')],
    [['succeeded', 'waiting after a failure'], all('Running')],
    [['failed', 'waiting after a success'], all('Running')],
    [['succeeded'], ['Running', 'Succeeded', 'Succeeded']],
    [
      ['succeeded', 'succeeded'],
      ['Running', 'Succeeded', 'Succeeded'],
    ],
    [['failed'], ['Running', 'Running', 'Failed']],
    [
      ['succeeded', 'failed'],
      ['Running', 'Running', 'Failed'],
    ],
  ]
  for (const [containers, phases] of cases) {
    for (const [index, restartPolicy] of policies.entries()) {
      it(`is ${phases[index]} under ${restartPolicy} with ${containers.join(' and ')}`, () => {
        const statuses = containers.map((name) => states[name])
        assert.equal(
          podPhase(aPod({ spec: { restartPolicy } }), { init: [], regular: statuses, podIsOver: false }),
          phases[index],
        )
      })
    }
  }
})

describe('the phase of a Pod whose containers have restart policies of their own', () => {
  const cases: readonly (readonly [policies: readonly [RestartPolicy, RestartPolicy], phase: Phase])[] = [
    [['Never', 'Never'], 'Failed'],
    [['Never', 'OnFailure'], 'Running'],
    [['Always', 'Never'], 'Running'],
    [['OnFailure', 'Never'], 'Failed'],
  ]
  for (const [[good, bad], phase] of cases) {
    it(`is ${phase} after a success under ${good} and a failure under ${bad}`, () => {
      const pod = aPod({
        spec: { containers: [aContainer({ restartPolicy: good }), aContainer({ name: 'bad', restartPolicy: bad })] },
      })
      assert.equal(
        podPhase(pod, { init: [], regular: [states.succeeded, { ...states.failed, name: 'bad' }], podIsOver: false }),
        phase,
      )
    })
  }
})

describe('the phase of a Pod whose init container', () => {
  const pod = aPod({ spec: { initContainers: [aContainer({ name: 'init' })] } })
  const cases: readonly (readonly [init: State, regular: State, phase: Phase])[] = [
    ['running', 'waiting', 'Pending'],
    ['waiting', 'waiting', 'Pending'],
    ['waiting after a failure', 'waiting', 'Pending'],
    ['succeeded', 'waiting', 'Pending'],
    ['succeeded', 'running', 'Running'],
    // The sandbox was replaced, and all run once more.
    ['running', 'waiting after a failure', 'Pending'],
    ['waiting', 'waiting after a failure', 'Pending'],
    ['waiting after a success', 'waiting after a failure', 'Running'],
    ['waiting after a failure', 'waiting after a failure', 'Running'],
    ['succeeded', 'waiting after a failure', 'Running'],
  ]
  for (const [init, regular, phase] of cases) {
    it(`is ${init} is ${phase} while the other is ${regular}`, () => {
      const statuses = { init: [{ ...states[init], name: 'init' }], regular: [states[regular]], podIsOver: false }
      assert.equal(podPhase(pod, statuses), phase)
    })
  }
})

describe('the phase of a Pod that is over', () => {
  const cases: readonly (readonly [containers: readonly State[], phase: Phase])[] = [
    [['succeeded'], 'Succeeded'],
    [['succeeded', 'succeeded'], 'Succeeded'],
    [['failed'], 'Failed'],
    [['succeeded', 'failed'], 'Failed'],
    [['waiting'], 'Failed'],
    [['succeeded', 'waiting'], 'Failed'],
    [['waiting after a success'], 'Failed'],
    [['running'], 'Running'],
    [['running', 'succeeded'], 'Running'],
  ]
  for (const [containers, phase] of cases) {
    for (const restartPolicy of policies) {
      it(`is ${phase} under ${restartPolicy} with ${containers.join(' and ')}`, () => {
        const statuses = containers.map((name) => states[name])
        assert.equal(
          podPhase(aPod({ spec: { restartPolicy } }), { init: [], regular: statuses, podIsOver: true }),
          phase,
        )
      })
    }
  }

  it('is that of any other Pod for a static one', () => {
    const pod = aPod({ metadata: { annotations: { 'kubernetes.io/config.source': 'file' } } })
    assert.equal(podPhase(pod, { init: [], regular: [states.failed], podIsOver: true }), 'Running')
    assert.equal(podPhase(pod, { init: [], regular: [states.waiting], podIsOver: true }), 'Pending')
  })
})

describe('the phase of a Pod whose regular containers have ended for good', () => {
  const sidecar = aContainer({ name: 'helper', restartPolicy: 'Always' })
  const pod = aPod({ spec: { restartPolicy: 'Never', initContainers: [sidecar] } })

  for (const state of ['running', 'waiting', 'waiting after a failure', 'failed'] as const) {
    it(`is that of their ends with a sidecar ${state}`, () => {
      const init = [{ ...states[state], name: 'helper' }]
      const phases = (['succeeded', 'failed'] as const).map((end) =>
        podPhase(pod, { init, regular: [states[end]], podIsOver: false }),
      )
      assert.deepEqual(phases, ['Succeeded', 'Failed'])
    })
  }
})
