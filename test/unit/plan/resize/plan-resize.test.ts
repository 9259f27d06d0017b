import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodAction } from '../../../../src/model/action.ts'
import type { Pod, PodSpec } from '../../../../src/model/kube.ts'
import { dueResizes } from '../../../../src/plan/resize/due-resizes.ts'
import { planResize } from '../../../../src/plan/resize/plan-resize.ts'
import { containerAmounts } from '../../../../src/translate/resources/allocation.ts'
import { podBounds } from '../../../../src/translate/resources/pod-bounds.ts'
import { aKill, podFacts } from '../../../builders/facts.ts'
import { anObservedContainer, anObservedPod, exited, nowMs } from '../../../builders/observed.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'
import type { PodFacts } from '../../../../src/plan/pod-facts.ts'

/** `a`, `b`, … with these limits (and requests), `cpu/MiB`. */
function podOf(...texts: readonly string[]): Pod {
  return podWith({ containers: texts.map((text, index) => withLimits('abc'[index] ?? '', text)) })
}

function podWith(spec: Partial<PodSpec>): Pod {
  return aPod({ spec })
}

function withLimits(name: string, text: string) {
  const [cpu = '', memory] = text.split('/')
  const list = { ...(cpu === '' ? {} : { cpu: `${cpu}m` }), ...(memory ? { memory: `${memory}Mi` } : {}) }
  return aContainer({ name, resources: { requests: list, limits: list } })
}

/** What is planned for a Pod that has what `before` asks for and was given what `after` asks for. */
function planned(before: Pod, after: Pod, change: Partial<PodFacts> = {}): readonly PodAction[] {
  const containers = [...(before.spec.initContainers ?? []), ...before.spec.containers].map((container) =>
    anObservedContainer({ name: container.name, made: containerAmounts(before, container) }),
  )
  const resize = { ...podFacts().resize, bounds: podBounds(before, 100_000) }
  const facts = podFacts({ resize, ...change })
  const due = dueResizes(after, anObservedPod({ containers }), facts)
  return planResize(after, due, facts)
}

/** The steps in short: `pod cpuQuota=20000`, `a cpu`. */
function steps(actions: readonly PodAction[]): readonly string[] {
  return actions.flatMap((action) =>
    action.kind !== 'resize'
      ? action.kind
      : action.steps.map((step) =>
          step.kind === 'bound-pod'
            ? `pod ${Object.entries(step.bounds).join(' ').replaceAll(',', '=')}`
            : `${step.containerName} ${step.resource}`,
        ),
  )
}

const mebibyte = 1024 ** 2

describe('the steps of a resize', () => {
  it('are none where nothing changes', () => {
    assert.deepEqual(planned(podOf('100/64'), podOf('100/64')), [])
  })

  it('begin with the Pod where it grows, memory before CPU, limits before requests', () => {
    assert.deepEqual(steps(planned(podOf('100/64', '100/64'), podOf('200/128', '100/64'))), [
      `pod memoryBytes=${192 * mebibyte}`,
      'a memory',
      'pod cpuQuota=30000',
      'pod cpuShares=307',
      'a cpu',
    ])
  })

  it('end with the Pod where it shrinks, requests before limits', () => {
    assert.deepEqual(steps(planned(podOf('200/128', '100/64'), podOf('100/64', '100/64'))), [
      'a memory',
      `pod memoryBytes=${128 * mebibyte}`,
      'a cpu',
      'pod cpuShares=204',
      'pod cpuQuota=20000',
    ])
  })

  it('take from containers before they give to others, each resource by itself', () => {
    assert.deepEqual(steps(planned(podOf('100/64', '200/32', '100/64'), podOf('200/64', '100/64', '100/32'))), [
      'c memory',
      'b memory',
      'b cpu',
      'a cpu',
    ])
  })

  it('bound a Pod that had no limit after its containers', () => {
    const before = podOf('100/64', '/32')
    const after = podOf('50/64', '50/32')
    assert.deepEqual(steps(planned(before, after)).slice(0, 3), ['a cpu', 'b cpu', 'pod cpuQuota=10000'])
  })

  it('leave the Pod as large as it is while a container that is to be started anew runs as it was', () => {
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    const pod = (cpu: string): Pod =>
      podWith({ containers: [{ ...withLimits('a', cpu), resizePolicy }, withLimits('b', cpu)] })
    assert.deepEqual(steps(planned(pod('200/64'), pod('100/64'))), ['b cpu'])
    assert.deepEqual(steps(planned(pod('100/64'), pod('200/64'))), ['pod cpuQuota=40000', 'pod cpuShares=409', 'b cpu'])
  })

  it('leave alone what is on its way to its end', () => {
    const kills = new Map([[anObservedContainer({ name: 'a' }).id, aKill()]])
    assert.deepEqual(steps(planned(podOf('200/64'), podOf('100/64'), { kills })), [])
  })

  it('are for the Pod alone where nobody has noted what its containers were made with', () => {
    const facts = podFacts({ resize: { ...podFacts().resize, bounds: podBounds(podOf('100/64'), 100_000) } })
    const observed = anObservedPod({ containers: [anObservedContainer({ name: 'a' })] })
    const after = podOf('200/64')
    assert.deepEqual(steps(planResize(after, dueResizes(after, observed, facts), facts)), [
      'pod cpuQuota=20000',
      'pod cpuShares=204',
    ])
  })

  it('are none for a Pod whose containers do not run, but for its cgroup', () => {
    const made = containerAmounts(podOf('100/64'), withLimits('a', '100/64'))
    const containers = [anObservedContainer({ name: 'a', made, state: exited() })]
    const after = podOf('200/64')
    assert.deepEqual(dueResizes(after, anObservedPod({ containers }), podFacts()), {
      containers: [],
      bounds: undefined,
    })
  })

  it('are none for a static Pod', () => {
    const annotations = { 'kubernetes.io/config.source': 'file' }
    assert.deepEqual(planned(podOf('100/64'), aPod({ ...podOf('200/64'), metadata: { annotations } })), [])
  })

  it('wait where the last try failed, until the next is due', () => {
    const resize = { ...podFacts().resize, retryAtMs: nowMs + 5000 }
    assert.partialDeepStrictEqual(planned(podOf('100/64'), podOf('200/64'), { resize }), [
      { kind: 'wait', untilMs: nowMs + 5000 },
    ])
  })
})

describe('an update of a container', () => {
  it('names memory with swap, or CPU with its period, and what the container has then', () => {
    const [action] = planned(podOf('100/64'), podOf('200/128'))
    assert.ok(action?.kind === 'resize')
    const updates = action.steps.filter((step) => step.kind === 'update-container')
    const before = { cpuRequest: 100, cpuLimit: 100 }
    const memory = { memoryRequest: 128 * mebibyte, memoryLimit: 128 * mebibyte }
    assert.deepEqual(
      updates.map(({ resources, amounts }) => ({ resources, amounts })),
      [
        {
          resources: { Memory: 128 * mebibyte, MemorySwap: 128 * mebibyte },
          amounts: { ...before, ...memory },
        },
        {
          resources: { CpuShares: 204, CpuPeriod: 100_000, CpuQuota: 20_000 },
          amounts: { cpuRequest: 200, cpuLimit: 200, ...memory },
        },
      ],
    )
  })

  it('takes care of what is in use where there will be less memory', () => {
    const [grows] = planned(podOf('100/64', '100/64'), podOf('100/128', '100/32'))
    assert.ok(grows?.kind === 'resize')
    assert.deepEqual(
      grows.shrinking.containers.map(({ containerName, limitBytes }) => [containerName, limitBytes]),
      [['b', 32 * mebibyte]],
    )
    assert.equal(grows.shrinking.podLimitBytes, undefined)
    const [shrinks] = planned(podOf('100/64', '100/64'), podOf('100/64', '100/32'))
    assert.equal(shrinks?.kind === 'resize' && shrinks.shrinking.podLimitBytes, 96 * mebibyte)
  })
})
