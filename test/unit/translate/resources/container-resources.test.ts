import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, Pod, PodSpec } from '../../../../src/model/kube.ts'
import {
  containerCpuAndMemory,
  containerResources,
  type ResourceFacts,
} from '../../../../src/translate/resources/container-resources.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

const facts: ResourceFacts = { nodeMemoryBytes: 8 * 1024 ** 3, cpuPeriodUs: 100_000, cgroupParent: undefined, gpus: [] }

function podOf(resources: ContainerSpec['resources'], spec: Partial<PodSpec> = {}): Pod {
  return aPod({ spec: { containers: [aContainer({ resources: resources ?? {} })], ...spec } })
}

function asked(resources: ContainerSpec['resources'], spec: Partial<PodSpec> = {}, change = facts): object {
  const pod = podOf(resources, spec)
  return containerCpuAndMemory(pod, pod.spec.containers[0] ?? aContainer(), change)
}

const period = { CpuPeriod: 100_000 }

describe('containerCpuAndMemory', () => {
  const cases: readonly (readonly [title: string, resources: ContainerSpec['resources'], options: object])[] = [
    ['nothing but the least shares for what asks for nothing', {}, { CpuShares: 2, ...period }],
    ['shares of its request', { requests: { cpu: '250m' } }, { CpuShares: 256, ...period }],
    [
      'shares of its limit, where it has no request',
      { limits: { cpu: '500m' } },
      { CpuShares: 512, ...period, CpuQuota: 50_000 },
    ],
    [
      'the least shares where it asks for none at all',
      { requests: { cpu: '0' }, limits: { cpu: '1' } },
      { CpuShares: 2, ...period, CpuQuota: 100_000 },
    ],
    ['no less than the least shares', { requests: { cpu: '1m' } }, { CpuShares: 2, ...period }],
    ['no more than the most shares', { requests: { cpu: '1000' } }, { CpuShares: 262_144, ...period }],
    [
      'a millisecond at least',
      { requests: { cpu: '1m' }, limits: { cpu: '5m' } },
      { CpuShares: 2, ...period, CpuQuota: 1000 },
    ],
    [
      'quota of more CPUs than one',
      { requests: { cpu: '1' }, limits: { cpu: '2500m' } },
      { CpuShares: 1024, ...period, CpuQuota: 250_000 },
    ],
    [
      'its memory, and no swap beside it',
      { limits: { memory: '64Mi' } },
      { CpuShares: 2, ...period, Memory: 67_108_864, MemorySwap: 67_108_864 },
    ],
    ['no bound of a memory that it only requests', { requests: { memory: '64Mi' } }, { CpuShares: 2, ...period }],
  ]
  for (const [title, resources, options] of cases) {
    it(`is ${title}`, () => assert.deepEqual(asked(resources), options))
  }

  it('has the limits of the Pod as a whole where a container has none', () => {
    const whole = { resources: { limits: { cpu: '2', memory: '128Mi' } } }
    const ofPod = { Memory: 134_217_728, MemorySwap: 134_217_728 }
    assert.deepEqual(asked({}, whole), { CpuShares: 2048, ...period, CpuQuota: 200_000, ...ofPod })
    assert.deepEqual(asked({ requests: { cpu: '100m' } }, whole), {
      CpuShares: 102,
      ...period,
      CpuQuota: 200_000,
      ...ofPod,
    })
    assert.deepEqual(asked({ limits: { cpu: '1', memory: '64Mi' } }, whole), {
      CpuShares: 1024,
      ...period,
      CpuQuota: 100_000,
      Memory: 67_108_864,
      MemorySwap: 67_108_864,
    })
  })

  it('takes no request of the Pod as a whole for a request of the container', () => {
    assert.deepEqual(asked({}, { resources: { requests: { cpu: '2' } } }), { CpuShares: 2, ...period })
  })

  it('counts in the period of the node', () => {
    assert.deepEqual(asked({ limits: { cpu: '500m' } }, {}, { ...facts, cpuPeriodUs: 10_000 }), {
      CpuShares: 512,
      CpuPeriod: 10_000,
      CpuQuota: 5000,
    })
  })

  it('leaves CPU unlimited where the node enforces no limits', () => {
    assert.deepEqual(asked({ limits: { cpu: '500m' } }, {}, { ...facts, cpuPeriodUs: undefined }), { CpuShares: 512 })
  })
})

describe('containerResources', () => {
  it('puts a container below the cgroup of its Pod, with a score for when memory runs out', () => {
    const pod = podOf({})
    const cgroupParent = '/kubepods/besteffort/pod1'
    assert.deepEqual(containerResources(pod, aContainer(), { ...facts, cgroupParent }), {
      CpuShares: 2,
      ...period,
      OomScoreAdj: 1000,
      CgroupParent: cgroupParent,
    })
  })
})
