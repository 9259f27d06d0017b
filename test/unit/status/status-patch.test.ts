import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerStatus, PodCondition, PodStatus } from '../../../src/model/kube.ts'
import { sameStatus, statusPatch, type StatusPatch } from '../../../src/status/status-patch.ts'
import { aContainerStatus, terminatedState } from '../../builders/pod.ts'

const conditions = [
  {
    type: 'PodReadyToStartContainers',
    status: 'True',
    lastTransitionTime: '2026-11-21T09:59:00Z',
    observedGeneration: 1,
  },
  { type: 'Ready', status: 'True', lastTransitionTime: '2026-11-21T09:59:00Z', observedGeneration: 1 },
]

const ours: PodStatus = {
  observedGeneration: 1,
  phase: 'Running',
  conditions,
  hostIP: '192.0.2.10',
  hostIPs: [{ ip: '192.0.2.10' }],
  podIP: '10.1.0.5',
  podIPs: [{ ip: '10.1.0.5' }],
  startTime: '2026-11-21T09:58:00Z',
  qosClass: 'BestEffort',
  containerStatuses: [aContainerStatus({ volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
}

/** What a 1.20 server makes of a status that it was sent: checked against a real one. */
function keptByOldServer(status: PodStatus): PodStatus {
  const { observedGeneration: _, hostIPs: __, ...kept } = status
  return {
    ...kept,
    conditions: (status.conditions ?? []).map(({ observedGeneration: ___, ...condition }) => ({
      lastProbeTime: null,
      ...condition,
    })),
    containerStatuses: (status.containerStatuses ?? []).map(
      ({ volumeMounts: ___, state, lastState, ...container }) => ({
        ...container,
        state: withNullTimes(state),
        lastState: withNullTimes(lastState),
      }),
    ),
  } as PodStatus
}

function withNullTimes(state: ContainerStatus['state']): object {
  if (state?.terminated === undefined) return state ?? {}
  return { terminated: { startedAt: null, finishedAt: null, ...state.terminated } }
}

/**
 * What a server makes of a strategic merge patch: conditions merge by type, IPs by value,
 * container statuses are replaced.
 */
function applied(theirs: PodStatus, patch: StatusPatch): PodStatus {
  const result = new Map<string, unknown>(Object.entries(theirs))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key)
    else if (key === 'conditions') result.set(key, mergedByType(theirs.conditions ?? [], value))
    else if (Array.isArray(value))
      result.set(
        key,
        value.filter((item: object) => !('$patch' in item)),
      )
    else result.set(key, value)
  }
  return Object.fromEntries(result)
}

function mergedByType(theirs: readonly PodCondition[], patch: unknown): readonly object[] {
  assert.ok(Array.isArray(patch))
  const conditions = new Map<unknown, object>(theirs.map((condition) => [condition.type, condition]))
  for (const change of patch) {
    const merged = Object.entries({ ...conditions.get(change.type), ...change }).filter(([, value]) => value !== null)
    conditions.set(change.type, Object.fromEntries(merged))
  }
  return [...conditions.values()]
}

describe('statusPatch', () => {
  it('sets everything in a Pod without a status', () => {
    assert.deepEqual(statusPatch(undefined, ours), {
      ...ours,
      podIPs: [{ $patch: 'replace' }, { ip: '10.1.0.5' }],
      hostIPs: [{ $patch: 'replace' }, { ip: '192.0.2.10' }],
    })
  })

  it('is none when the server has it already', () => {
    assert.equal(statusPatch(structuredClone(ours), ours), undefined)
  })

  it('clears what is ours to clear, and nothing else', () => {
    const theirs: PodStatus = { ...ours, reason: 'Evicted', message: 'Too much', nominatedNodeName: 'node-2' }
    assert.deepEqual(statusPatch(theirs, ours), {
      ...statusPatch(undefined, ours),
      reason: null,
      message: null,
    })
  })

  it('clears IPs that are gone', () => {
    const { podIP: _, podIPs: __, hostIP: ___, hostIPs: ____, ...without } = ours
    const { podIPs: _____, hostIPs: ______, ...patch } = statusPatch(undefined, without) ?? {}
    assert.deepEqual(statusPatch(ours, without), { ...patch, podIP: null, podIPs: null, hostIP: null, hostIPs: null })
  })

  it('empties the lists of a status that has none, but for the conditions of others', () => {
    const foreign = { type: 'example.com/gate', status: 'True' }
    const theirs = { ...ours, conditions: [foreign, ...conditions], initContainerStatuses: [aContainerStatus()] }
    const bare = { phase: 'Failed', startTime: '2026-11-21T09:58:00Z' }
    const patch = statusPatch(theirs, bare)
    assert.deepEqual(patch?.['conditions'], [
      { $patch: 'delete', type: 'PodReadyToStartContainers' },
      { $patch: 'delete', type: 'Ready' },
    ])
    assert.deepEqual(patch['containerStatuses'], [])
    assert.deepEqual(patch['initContainerStatuses'], [])
    assert.equal(statusPatch({ ...bare, conditions: [foreign] }, bare), undefined)
    assert.equal(sameStatus({ ...bare, conditions }, bare), false)
  })

  it('takes reason and message from a condition that has none any more', () => {
    const theirs = { ...ours, conditions: conditions.map((each) => ({ ...each, reason: 'X', message: 'x' })) }
    assert.deepEqual(
      statusPatch(theirs, ours)?.['conditions'],
      conditions.map((each) => ({ ...each, reason: null, message: null })),
    )
    const reasoned = { ...ours, conditions: conditions.map((each) => ({ ...each, reason: 'Y', message: 'y' })) }
    assert.deepEqual(statusPatch(theirs, reasoned)?.['conditions'], reasoned.conditions)
  })
})

describe('a patch that a server has applied', () => {
  const lost = { exitCode: 137, reason: 'ContainerStatusUnknown' }
  const unready = { status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [main]' }
  const withState = (state: NonNullable<ContainerStatus['state']>): PodStatus => ({
    ...ours,
    containerStatuses: [aContainerStatus({ state, lastState: { terminated: lost } })],
  })
  const { podIP: _, podIPs: __, ...withoutIps } = ours
  const statuses: Readonly<Record<string, PodStatus>> = {
    running: ours,
    'running with another IP': { ...ours, podIP: '10.1.0.6', podIPs: [{ ip: '10.1.0.6' }, { ip: 'fd00::6' }] },
    'without IPs': withoutIps,
    unready: { ...ours, conditions: conditions.map((condition) => ({ ...condition, ...unready })) },
    lost: withState({ terminated: lost }),
    failed: { ...withState(terminatedState(1)), phase: 'Failed', reason: 'Evicted', message: 'Too much' },
    waiting: withState({ waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } }),
  }
  for (const [before, theirs] of Object.entries(statuses)) {
    for (const [after, wanted] of Object.entries(statuses)) {
      it(`needs no second one: ${before}, then ${after}`, () => {
        const foreign = { type: 'example.com/gate', status: 'True' }
        const held = { ...theirs, conditions: [foreign, ...(theirs.conditions ?? [])] }
        const patch = statusPatch(held, wanted)
        assert.equal(patch === undefined, before === after)
        const result = applied(held, patch ?? {})
        assert.equal(statusPatch(result, wanted), undefined)
        assert.equal(statusPatch(keptByOldServer(result), wanted), undefined)
        assert.deepEqual(result, { ...wanted, conditions: [foreign, ...(wanted.conditions ?? [])] })
      })
    }
  }
})

describe('sameStatus', () => {
  const same: readonly (readonly [title: string, theirs: PodStatus])[] = [
    ['an equal status', structuredClone(ours)],
    ['the status as an old server keeps it', keptByOldServer(ours)],
    [
      'a status with conditions of others',
      { ...ours, conditions: [{ type: 'example.com/gate', status: 'True' }, ...conditions] },
    ],
    ['conditions in another order', { ...ours, conditions: conditions.toReversed() }],
    [
      'conditions that differ in time and generation only',
      {
        ...ours,
        conditions: conditions.map((condition) => ({
          ...condition,
          observedGeneration: 7,
          lastTransitionTime: '2026-11-21T08:00:00Z',
        })),
      },
    ],
    ['empty texts for absent ones', { ...ours, reason: '', message: '' }],
    ['fields that are not ours', { ...ours, nominatedNodeName: 'node-2', resize: 'Deferred' }],
  ]
  for (const [title, theirs] of same) {
    it(`takes ${title} for ours`, () => assert.equal(sameStatus(theirs, ours), true))
  }

  const container = aContainerStatus()
  const different: readonly (readonly [title: string, theirs: PodStatus])[] = [
    ['phase', { ...ours, phase: 'Pending' }],
    ['reason', { ...ours, reason: 'Evicted' }],
    ['message', { ...ours, message: 'Evicted' }],
    ['host IP', { ...ours, hostIP: '192.0.2.11' }],
    ['host IPs', { ...ours, hostIPs: [{ ip: '192.0.2.10' }, { ip: 'fd00::1' }] }],
    ['Pod IP', { ...ours, podIP: '10.1.0.6' }],
    ['Pod IPs', { ...ours, podIPs: [{ ip: '10.1.0.5' }, { ip: 'fd00::5' }] }],
    ['start time', { ...ours, startTime: '2026-11-21T09:58:01Z' }],
    ['QoS class', { ...ours, qosClass: 'Guaranteed' }],
    ['observed generation', { ...ours, observedGeneration: 2 }],
    ['condition, missing', { ...ours, conditions: [{ type: 'Ready', status: 'True' }] }],
    [
      "condition's status",
      {
        ...ours,
        conditions: [
          { ...conditions[0], type: 'PodReadyToStartContainers', status: 'False' },
          { type: 'Ready', status: 'True' },
        ],
      },
    ],
    ["condition's reason", { ...ours, conditions: conditions.map((condition) => ({ ...condition, reason: 'X' })) }],
    ["condition's message", { ...ours, conditions: conditions.map((condition) => ({ ...condition, message: 'x' })) }],
    ['containers, missing', { ...ours, containerStatuses: [] }],
    ["container's name", { ...ours, containerStatuses: [{ ...container, name: 'other' }] }],
    ["container's state", { ...ours, containerStatuses: [{ ...container, state: terminatedState(0) }] }],
    [
      "container's start",
      { ...ours, containerStatuses: [{ ...container, state: { running: { startedAt: '2026-11-21T09:59:01Z' } } }] },
    ],
    ["container's last state", { ...ours, containerStatuses: [{ ...container, lastState: terminatedState(1) }] }],
    ["container's readiness", { ...ours, containerStatuses: [{ ...container, ready: false }] }],
    ["container's start-up", { ...ours, containerStatuses: [{ ...container, started: false }] }],
    ["container's restarts", { ...ours, containerStatuses: [{ ...container, restartCount: 1 }] }],
    ["container's image", { ...ours, containerStatuses: [{ ...container, image: 'nginx' }] }],
    ["container's image id", { ...ours, containerStatuses: [{ ...container, imageID: 'docker://sha256:1' }] }],
    ["container's id", { ...ours, containerStatuses: [{ ...container, containerID: 'docker://main-1' }] }],
  ]
  for (const [title, theirs] of different) {
    it(`sees a difference in the ${title}`, () => assert.equal(sameStatus(theirs, ours), false))
  }

  it('replaces what a Pod has as a whole, lists that the server would merge', () => {
    const had = {
      resources: { requests: { cpu: '1', memory: '1Gi' } },
      allocatedResources: { cpu: '1', memory: '1Gi' },
    }
    const has = { resources: { requests: { cpu: '2' } }, allocatedResources: { cpu: '2' } }
    assert.equal(sameStatus({ ...ours, ...had }, { ...ours, ...had }), true)
    assert.equal(sameStatus({ ...ours, ...had }, { ...ours, ...has }), false)
    // The server writes quantities in its own way.
    const written = { resources: { requests: { cpu: '2000m' } }, allocatedResources: { cpu: '2000m' } }
    assert.equal(sameStatus({ ...ours, ...has }, { ...ours, ...written }), true)
    // An old server keeps none.
    assert.equal(sameStatus(ours, { ...ours, ...has }), true)
    const patch = statusPatch({ ...ours, ...had }, { ...ours, ...has })
    assert.deepEqual(patch?.['resources'], { $patch: 'replace', requests: { cpu: '2' } })
    assert.deepEqual(patch['allocatedResources'], { $patch: 'replace', cpu: '2' })
    const first = statusPatch({ ...ours, phase: 'Pending' }, { ...ours, ...has })
    assert.deepEqual([first?.['resources'], first?.['allocatedResources']], [has.resources, has.allocatedResources])
    assert.equal(statusPatch({ ...ours, ...had }, { ...ours, resources: {} })?.['allocatedResources'], null)
  })

  it('compares each condition with that of its own type', () => {
    const [first, second] = conditions.map(({ type }) => type)
    const statuses = (one: string, other: string): PodStatus => ({
      conditions: [
        { type: first ?? '', status: one },
        { type: second ?? '', status: other },
      ],
    })
    assert.equal(sameStatus(statuses('True', 'False'), statuses('False', 'True')), false)
    assert.equal(sameStatus(statuses('True', 'False'), statuses('True', 'False')), true)
  })

  it('takes a start that is not told of for none', () => {
    const { started: _, ...silent } = aContainerStatus({ ready: false })
    assert.equal(
      sameStatus({ containerStatuses: [silent] }, { containerStatuses: [{ ...silent, started: false }] }),
      true,
    )
    assert.equal(
      sameStatus({ containerStatuses: [silent] }, { containerStatuses: [{ ...silent, started: true }] }),
      false,
    )
  })

  it('sees none in a generation that we no longer know: a server never lets go of it', () => {
    const { observedGeneration: _, ...without } = ours
    assert.equal(sameStatus(ours, without), true)
  })

  it('takes two empty statuses for the same', () => {
    assert.equal(sameStatus({}, {}), true)
  })
})
