import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec, PodStatus } from '../../../src/model/kube.ts'
import { podResources } from '../../../src/status/pod-resources.ts'
import { podCgroupLimits, type CgroupLimits } from '../../../src/translate/resources/cgroup-limits.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

type Given = Pick<PodStatus, 'resources' | 'allocatedResources'>

const both = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '0.2', memory: '128Mi' } }

function container(resources: NonNullable<ContainerSpec['resources']>, name = 'main'): ContainerSpec {
  return aContainer({ name, resources })
}

/** What a Pod that runs says of itself, in a cgroup that is set to what it asks for, with these changes. */
function running(spec: Partial<PodSpec>, change: CgroupLimits = {}): Given {
  const pod = aPod({ spec })
  const cgroup = podCgroupLimits(pod, { cpuPeriodUs: 100_000, podPidsLimit: undefined, pageSizes: [] })
  return podResources(pod, { phase: 'Running', cgroup: { ...cgroup, ...change } })
}

describe('The resources of a Pod', () => {
  it('are, before it runs and after, what its containers ask for together', () => {
    const pod = aPod({ spec: { containers: [container(both), container(both, 'other')], overhead: { memory: '1Gi' } } })
    for (const phase of ['Pending', 'Succeeded', 'Failed'] as const) {
      assert.deepEqual(podResources(pod, { phase, cgroup: undefined }), {
        allocatedResources: { cpu: '200m', memory: '1152Mi' },
        resources: { limits: { cpu: '400m', memory: '1280Mi' }, requests: { cpu: '200m', memory: '1152Mi' } },
      })
    }
  })

  it('are nothing for a Pod that asks for nothing', () => {
    assert.deepEqual(podResources(aPod(), { phase: 'Pending', cgroup: undefined }), { resources: {} })
    assert.deepEqual(running({}), { resources: {} })
  })

  it('are, while it runs, what its cgroup says, whose shares are a little off', () => {
    assert.deepEqual(running({ containers: [container(both)] }), {
      allocatedResources: { cpu: '100m', memory: '64Mi' },
      resources: { limits: { cpu: '200m', memory: '128Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
    })
    const changed = { cpuShares: 512, cpuQuota: { quotaUs: 30_000, periodUs: 100_000 }, memoryBytes: 2 ** 20 }
    assert.deepEqual(running({ containers: [container(both)] }, changed).resources, {
      limits: { cpu: '300m', memory: '1Mi' },
      requests: { cpu: '500m', memory: '64Mi' },
    })
  })

  it('are what is asked for the Pod as a whole, where that is', () => {
    const resources = { requests: { cpu: '1m', memory: '1Gi' }, limits: { cpu: '1', memory: '2Gi' } }
    assert.deepEqual(running({ containers: [container(both)], resources }), {
      allocatedResources: { cpu: '1m', memory: '1Gi' },
      // Less than the kernel's least share is shown as it was asked for.
      resources: { limits: { cpu: '1', memory: '2Gi' }, requests: { cpu: '1m', memory: '1Gi' } },
    })
  })

  it('are what was given where the agent makes no cgroups', () => {
    const pod = aPod({ spec: { containers: [container(both)] } })
    assert.deepEqual(podResources(pod, { phase: 'Running', cgroup: undefined }).resources, {
      limits: { cpu: '200m', memory: '128Mi' },
      requests: { cpu: '100m', memory: '64Mi' },
    })
  })

  it('are not rounded, and are nought where somebody asks for nought', () => {
    const requests = { cpu: '0', memory: '10m', 'example.com/dongle': '2' }
    const pod = aPod({ spec: { containers: [container({ requests }), container({ requests: { memory: '1Ki' } })] } })
    const { allocatedResources } = podResources(pod, { phase: 'Pending', cgroup: undefined })
    assert.deepEqual(allocatedResources, { cpu: '0', memory: '1024010m', 'example.com/dongle': '2' })
    const whole = running({ resources: { requests: { memory: '10m' } }, overhead: { memory: '1Mi' } })
    assert.deepEqual(whole.allocatedResources, { memory: '1048576010m' })
  })

  it('are written as what stands first', () => {
    const sum = (...memory: readonly string[]): string | undefined => {
      const containers = memory.map((each, index) => container({ requests: { memory: each } }, `c${index}`))
      return podResources(aPod({ spec: { containers } }), { phase: 'Pending', cgroup: undefined }).allocatedResources?.[
        'memory'
      ]
    }
    assert.deepEqual([sum('1Mi', '1048576'), sum('1048576', '1Mi'), sum('0', '1Mi')], ['2Mi', '2097152', '1Mi'])
  })

  it('have every kind of thing that is asked for', () => {
    const requests = { 'ephemeral-storage': '1Gi', 'hugepages-2Mi': '4Mi', 'example.com/dongle': '2' }
    const pod = aPod({ spec: { containers: [container({ requests })] } })
    assert.deepEqual(podResources(pod, { phase: 'Pending', cgroup: undefined }).allocatedResources, requests)
  })
})
