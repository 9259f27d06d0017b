import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ObservedPod } from '../../../src/model/observed.ts'
import type { PodStatus } from '../../../src/model/kube.ts'
import { podConditions } from '../../../src/status/conditions.ts'
import {
  anObservedContainer,
  anObservedPod,
  anObservedSandbox,
  created,
  exited,
  nothing,
  nowMs,
  startedAtMs,
} from '../../builders/observed.ts'
import { aContainerStatus, aPod, containersNamed } from '../../builders/pod.ts'
import { ended, runningStatus, statusOf } from '../../builders/pod-status.ts'

describe('the status of a Pod', () => {
  it('tells all of a Pod that runs', () => {
    assert.deepEqual(statusOf(), runningStatus)
  })

  it('tells of a Pod of which nothing is made yet that it is pending', () => {
    const { podIP: _, podIPs: __, ...others } = runningStatus
    const waiting = new Map([['main', { reason: 'ErrImagePull', message: 'no' }]])
    const { startedAt: ___, ...container } = { startedAt: '', ...aContainerStatus() }
    const { containerID: ____, resources: _____, ...unmade } = container
    assert.deepEqual(statusOf(aPod(), nothing, { waiting }), {
      ...others,
      phase: 'Pending',
      startTime: '2026-11-21T10:00:00Z',
      conditions: podConditions(aPod(), {
        phase: 'Pending',
        init: [],
        statuses: [],
        sandboxReady: false,
        previous: undefined,
        nowMs,
      }),
      containerStatuses: [
        {
          ...unmade,
          state: { waiting: { reason: 'ErrImagePull', message: 'no' } },
          imageID: '',
          ready: false,
          started: false,
        },
      ],
    })
  })

  it('carries the generation of the spec', () => {
    assert.equal(statusOf(aPod({ metadata: { generation: 4 } })).observedGeneration, 4)
    assert.equal(Object.hasOwn(statusOf(aPod({ metadata: { generation: 0 } })), 'observedGeneration'), false)
  })

  it('lists containers by name and unready ones in the order of the spec', () => {
    const names = ['web', 'b', 'z', 'a']
    const pod = aPod({ spec: { containers: containersNamed(...names) } })
    const status = statusOf(pod, anObservedPod({ containers: [anObservedContainer({ name: 'z' })] }))
    assert.deepEqual(
      status.containerStatuses?.map(({ name, ready }) => [name, ready]),
      [
        ['a', false],
        ['b', false],
        ['web', false],
        ['z', true],
      ],
    )
    const unready = status.conditions?.find(({ type }) => type === 'Ready')?.message
    assert.equal(unready, 'containers with unready status: [web b a]')
  })

  it('tells each of eight containers of one image apart', () => {
    const names = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']
    const pod = aPod({ spec: { containers: containersNamed(...names) } })
    const containers = names.map((name, attempt) => anObservedContainer({ name, attempt }))
    assert.deepEqual(
      statusOf(pod, anObservedPod({ containers })).containerStatuses,
      names.map((name, attempt) =>
        aContainerStatus({ name, restartCount: attempt, containerID: `docker://${name}-${attempt}` }),
      ),
    )
  })

  it('shares 12 KiB of termination messages among all containers of the spec', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const spec = {
      containers: containersNamed(...names),
      initContainers: containersNamed('i'),
      ephemeralContainers: [{ name: 'x' }],
    }
    const containers = names.map((name) => anObservedContainer({ name, state: exited() }))
    const messages = new Map(containers.map(({ id }) => [id, 'm'.repeat(4096)]))
    const status = statusOf(aPod({ spec }), anObservedPod({ containers }), { messages })
    assert.deepEqual(
      status.containerStatuses?.map(({ state }) => state?.terminated?.message?.length),
      names.map(() => 1536),
    )
  })

  it('looks only at the instances of containers in the spec', () => {
    const stranger = anObservedContainer({ name: 'stranger' })
    assert.deepEqual(statusOf(aPod(), anObservedPod({ containers: [anObservedContainer(), stranger] })), runningStatus)
  })
})

describe('the addresses of a Pod', () => {
  const ipsOf = ({ hostIP, hostIPs, podIP, podIPs }: PodStatus): object => ({ hostIP, hostIPs, podIP, podIPs })

  it("are all of its sandbox's and of its node's", () => {
    const sandboxes = [anObservedSandbox({ ips: ['10.1.0.5', 'fd00::5'] })]
    assert.deepEqual(ipsOf(statusOf(aPod(), anObservedPod({ sandboxes }), { nodeIps: ['192.0.2.10', 'fd00::1'] })), {
      hostIP: '192.0.2.10',
      hostIPs: [{ ip: '192.0.2.10' }, { ip: 'fd00::1' }],
      podIP: '10.1.0.5',
      podIPs: [{ ip: '10.1.0.5' }, { ip: 'fd00::5' }],
    })
  })

  it("are the node's on the host's network", () => {
    const pod = aPod({ spec: { hostNetwork: true } })
    const sandboxes = [anObservedSandbox({ hostNetwork: true, ips: [] })]
    const status = statusOf(pod, anObservedPod({ sandboxes }), { nodeIps: ['192.0.2.10', 'fd00::1'] })
    assert.deepEqual([status.podIP, status.podIPs], ['192.0.2.10', [{ ip: '192.0.2.10' }, { ip: 'fd00::1' }]])
    assert.equal(status.conditions?.[0]?.status, 'True')
  })

  it('are not there while nobody knows them', () => {
    const { hostIP: _, hostIPs: __, podIP: ___, podIPs: ____, ...others } = runningStatus
    const status = statusOf(aPod(), anObservedPod({ sandboxes: [anObservedSandbox({ ips: [] })] }), { nodeIps: [] })
    const { conditions: _____, ...without } = status
    const { conditions: ______, ...expected } = others
    assert.deepEqual(without, expected)
  })

  it('stay in the status after the sandbox has gone', () => {
    const previous: PodStatus = { ...runningStatus, podIP: '10.1.0.9', podIPs: [{ ip: '10.1.0.9' }] }
    for (const sandboxes of [[], [anObservedSandbox({ state: exited(), ips: [] })], [anObservedSandbox({ ips: [] })]]) {
      assert.equal(statusOf(aPod(), anObservedPod({ sandboxes }), { previous }).podIP, '10.1.0.9')
    }
  })

  it("are those of the sandbox that took the old one's place", () => {
    const sandboxes = [
      anObservedSandbox({ attempt: 1, ips: ['10.1.0.7'] }),
      anObservedSandbox({ state: exited(), ips: [] }),
    ]
    const status = statusOf(aPod(), anObservedPod({ sandboxes }), { previous: runningStatus })
    assert.deepEqual([status.podIP, status.podIPs], ['10.1.0.7', [{ ip: '10.1.0.7' }]])
  })
})

describe('PodReadyToStartContainers', () => {
  const sandboxes: readonly (readonly [title: string, observed: ObservedPod, status: string])[] = [
    ['True with a sandbox that runs and has an IP', anObservedPod(), 'True'],
    ['False without a sandbox', nothing, 'False'],
    [
      'False with one that is not started',
      anObservedPod({ sandboxes: [anObservedSandbox({ state: created })] }),
      'False',
    ],
    ['False with one that has ended', anObservedPod({ sandboxes: [anObservedSandbox({ state: exited() })] }), 'False'],
    ['False with one that has no IP', anObservedPod({ sandboxes: [anObservedSandbox({ ips: [] })] }), 'False'],
  ]
  for (const [title, observed, status] of sandboxes) {
    it(`is ${title}`, () => assert.equal(statusOf(aPod(), observed).conditions?.[0]?.status, status))
  }
})

describe('what stays of the last status', () => {
  it('is the start of the Pod and its QoS class', () => {
    const previous: PodStatus = { startTime: '2026-11-20T00:00:00Z', qosClass: 'Guaranteed' }
    const { startTime, qosClass } = statusOf(aPod(), anObservedPod(), { previous })
    assert.deepEqual([startTime, qosClass], ['2026-11-20T00:00:00Z', 'Guaranteed'])
  })

  it('is found again in Docker where there was none: the start of the first sandbox that is left', () => {
    const sandboxes = [
      anObservedSandbox({ attempt: 1 }),
      anObservedSandbox({ state: exited(), createdAtMs: startedAtMs - 3_600_000 }),
    ]
    assert.equal(statusOf(aPod(), anObservedPod({ sandboxes })).startTime, '2026-11-21T08:59:00Z')
    assert.equal(statusOf(aPod(), nothing).startTime, '2026-11-21T10:00:00Z')
  })

  it('is the reason and the message of the phase, while the phase stays', () => {
    const previous: PodStatus = { ...runningStatus, reason: 'Because', message: 'of that' }
    assert.deepEqual(statusOf(aPod(), anObservedPod(), { previous }), {
      ...runningStatus,
      reason: 'Because',
      message: 'of that',
    })
    const pending = statusOf(aPod(), anObservedPod(), { previous: { ...previous, phase: 'Pending' } })
    assert.deepEqual([pending.phase, pending.reason, pending.message], ['Running', undefined, undefined])
  })

  for (const phase of ['Succeeded', 'Failed']) {
    it(`is the phase ${phase}, whatever becomes of the containers`, () => {
      const previous: PodStatus = { ...runningStatus, phase, reason: 'Evicted' }
      for (const observed of [anObservedPod(), nothing, ended(0), ended(1)]) {
        const status = statusOf(aPod(), observed, { previous })
        assert.deepEqual([status.phase, status.reason, status.containerStatuses?.[0]?.ready], [phase, 'Evicted', false])
      }
    })
  }
})
