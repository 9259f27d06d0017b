import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodCondition, PodStatus } from '../../../src/model/kube.ts'
import { podConditions, type ConditionFacts } from '../../../src/status/conditions.ts'
import { nowMs } from '../../builders/observed.ts'
import { aContainer, aContainerStatus, aPod, containersNamed } from '../../builders/pod.ts'

const now = '2026-11-21T10:00:00Z'
const before = '2026-11-21T09:00:00Z'
const facts: ConditionFacts = {
  phase: 'Running',
  init: [],
  statuses: [aContainerStatus()],
  sandboxReady: true,
  previous: undefined,
  nowMs,
}

/** The conditions in the kubelet's order, all of them true since now, with these changes. */
function conditions(changes: Readonly<Record<string, Partial<PodCondition>>> = {}): readonly PodCondition[] {
  return ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: now,
    ...changes[type],
  }))
}

function unready(reason: string, message?: string): Readonly<Record<string, Partial<PodCondition>>> {
  const change = { status: 'False', reason, ...(message === undefined ? {} : { message }) }
  return { Ready: change, ContainersReady: change }
}

describe('podConditions', () => {
  it('are all true for a Pod whose containers are ready', () => {
    assert.deepEqual(podConditions(aPod(), facts), conditions())
  })

  it('tell that there is no sandbox yet, without a reason', () => {
    assert.deepEqual(
      podConditions(aPod(), { ...facts, sandboxReady: false }),
      conditions({ PodReadyToStartContainers: { status: 'False' } }),
    )
  })

  it('name the containers that are not ready, in the order of the spec', () => {
    const pod = aPod({ spec: { containers: containersNamed('z', 'b', 'a') } })
    const statuses = ['a', 'b', 'z'].map((name) => aContainerStatus({ name, ready: name === 'b' }))
    assert.deepEqual(
      podConditions(pod, { ...facts, statuses }),
      conditions(unready('ContainersNotReady', 'containers with unready status: [z a]')),
    )
  })

  it('count a container without a status as not ready', () => {
    assert.deepEqual(
      podConditions(aPod(), { ...facts, phase: 'Pending', statuses: [] }),
      conditions(unready('ContainersNotReady', 'containers with unready status: [main]')),
    )
  })

  it('count a sidecar as complete when it is started, and a plain init container when it has succeeded', () => {
    const initContainers = [aContainer({ name: 'sidecar', restartPolicy: 'Always' }), aContainer({ name: 'plain' })]
    const waiting = aContainerStatus({ state: { waiting: {} }, ready: false, started: false })
    const messageWith = (started: boolean): string | undefined => {
      const init = [
        aContainerStatus({ name: 'sidecar', started, ready: false }),
        aContainerStatus({ name: 'plain', ready: false }),
      ]
      const all = podConditions(aPod({ spec: { initContainers } }), {
        ...facts,
        phase: 'Pending',
        init,
        statuses: [waiting],
      })
      return all.find(({ type }) => type === 'Initialized')?.message
    }
    assert.equal(messageWith(false), 'containers with incomplete status: [sidecar plain]')
    assert.equal(messageWith(true), 'containers with incomplete status: [plain]')
  })

  it('name every readiness gate that is closed, once the containers are ready', () => {
    const readinessGates = ['a', 'b', 'c', 'd'].map((conditionType) => ({ conditionType }))
    const gates = [
      { type: 'b', status: 'True' },
      { type: 'c', status: 'Unknown' },
    ]
    const pod = aPod({ spec: { readinessGates }, status: { conditions: gates } })
    const message =
      'corresponding condition of pod readiness gate "a" does not exist., ' +
      'the status of pod readiness gate "c" is not "True", but Unknown, ' +
      'corresponding condition of pod readiness gate "d" does not exist.'
    assert.deepEqual(
      podConditions(pod, facts),
      conditions({ Ready: { status: 'False', reason: 'ReadinessGatesNotReady', message } }),
    )
    const statuses = [aContainerStatus({ ready: false })]
    const notReady = 'containers with unready status: [main]'
    assert.deepEqual(podConditions(pod, { ...facts, statuses }), conditions(unready('ContainersNotReady', notReady)))
  })

  it('say of a Pod that succeeded that it is completed', () => {
    assert.deepEqual(
      podConditions(aPod(), { ...facts, phase: 'Succeeded', statuses: [aContainerStatus({ ready: false })] }),
      conditions({ ...unready('PodCompleted'), Initialized: { reason: 'PodCompleted' } }),
    )
  })

  it('say of a Pod that failed that it has, even if a container still seems ready', () => {
    assert.deepEqual(podConditions(aPod(), { ...facts, phase: 'Failed' }), conditions(unready('PodFailed')))
  })

  it('carry the generation of the spec that they were computed from', () => {
    assert.deepEqual(
      podConditions(aPod({ metadata: { generation: 3 } }), facts),
      conditions().map((condition) => ({ ...condition, observedGeneration: 3 })),
    )
    assert.deepEqual(podConditions(aPod({ metadata: { generation: 0 } }), facts), conditions())
  })
})

describe('the condition that all containers of a Pod are being restarted', () => {
  const exitCodes = { operator: 'In', values: [42] }
  const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes }]
  const pod = aPod({
    metadata: { generation: 3 },
    spec: { containers: [aContainer({ restartPolicy: 'Never', restartPolicyRules })] },
  })
  const last = (change: Partial<ConditionFacts>, of = pod): PodCondition | undefined =>
    podConditions(of, { ...facts, ...change }).at(-1)
  const type = 'AllContainersRestarting'

  it('is there for Pods to which it can happen only, without a generation', () => {
    assert.deepEqual(last({}), { type, status: 'False', lastTransitionTime: now })
    assert.equal(last({}, aPod())?.type, 'PodScheduled')
  })

  it('is true while they are removed', () => {
    assert.deepEqual(last({ restartsAll: true }), {
      type,
      status: 'True',
      reason: 'RestartAllContainersStarted',
      message: 'container exited with restart policy rule',
      lastTransitionTime: now,
    })
  })

  it('is false for a Pod that has ended, and says how', () => {
    for (const [phase, reason] of [
      ['Succeeded', 'PodCompleted'],
      ['Failed', 'PodFailed'],
    ] as const) {
      assert.deepEqual(last({ phase, restartsAll: true }), { type, status: 'False', reason, lastTransitionTime: now })
    }
  })

  it('leaves a Pod initialized while its init containers run again', () => {
    const previous: PodStatus = { conditions: [{ type: 'Initialized', status: 'True', lastTransitionTime: before }] }
    const waits = aContainerStatus({ state: { waiting: { reason: 'PodInitializing' } }, ready: false })
    const again = aPod({ spec: { initContainers: [aContainer({ name: 'init' })] } })
    const initialized = (change: Partial<ConditionFacts>): PodCondition | undefined =>
      podConditions(again, { ...facts, statuses: [waits], ...change }).find((one) => one.type === 'Initialized')
    assert.deepEqual(initialized({ previous }), { type: 'Initialized', status: 'True', lastTransitionTime: before })
    assert.equal(initialized({})?.status, 'False')
  })
})

describe('the time of a transition', () => {
  const previous = { conditions: conditions().map((condition) => ({ ...condition, lastTransitionTime: before })) }

  it('stays while the status of the condition stays', () => {
    assert.deepEqual(podConditions(aPod(), { ...facts, previous }), previous.conditions)
  })

  it('stays when only the reason or the message changes', () => {
    const old = {
      conditions: conditions({ Ready: { status: 'False', reason: 'ContainersNotReady', lastTransitionTime: before } }),
    }
    const ready = podConditions(aPod(), { ...facts, phase: 'Failed', previous: old }).find(
      ({ type }) => type === 'Ready',
    )
    assert.deepEqual(ready, { type: 'Ready', status: 'False', reason: 'PodFailed', lastTransitionTime: before })
  })

  it('moves for those conditions whose status changes', () => {
    assert.deepEqual(
      podConditions(aPod(), { ...facts, sandboxReady: false, previous }),
      previous.conditions.map((condition) =>
        condition.type === 'PodReadyToStartContainers'
          ? { ...condition, status: 'False', lastTransitionTime: now }
          : condition,
      ),
    )
  })

  it('is now where the condition before had none', () => {
    const { lastTransitionTime: _, ...timeless } = { type: 'Ready', status: 'True', lastTransitionTime: before }
    const found = podConditions(aPod(), { ...facts, previous: { conditions: [timeless] } })
    assert.deepEqual(found, conditions())
  })
})
