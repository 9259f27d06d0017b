import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../../src/model/kube.ts'
import {
  containerHugePages,
  listedLimits,
  podCgroupLimits,
  type CgroupLimits,
  type PodCgroupFacts,
} from '../../../../src/translate/resources/cgroup-limits.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

const facts: PodCgroupFacts = { cpuPeriodUs: 100_000, podPidsLimit: undefined, pageSizes: ['1Gi', '2Mi'] }
const noHugePages = new Map([
  ['1Gi', 0],
  ['2Mi', 0],
])

function having(
  resources: NonNullable<ContainerSpec['resources']>,
  change: Partial<ContainerSpec> = {},
): ContainerSpec {
  return aContainer({ resources, ...change })
}

function limitsOf(spec: Partial<PodSpec>, change: Partial<PodCgroupFacts> = {}): CgroupLimits {
  return podCgroupLimits(aPod({ spec }), { ...facts, ...change })
}

const both = { cpu: '500m', memory: '1Ki' }

describe('podCgroupLimits', () => {
  it('leave what is BestEffort the least shares and no bounds', () => {
    assert.deepEqual(limitsOf({}), { cpuShares: 2, hugePages: noHugePages })
  })

  it('bound what is Guaranteed to what it asks for, with its overhead', () => {
    const containers = [having({ requests: both, limits: both }), having({ requests: both, limits: both })]
    assert.deepEqual(limitsOf({ containers, overhead: { cpu: '250m', memory: '1Ki' } }), {
      cpuShares: 1280,
      cpuQuota: { quotaUs: 125_000, periodUs: 100_000 },
      memoryBytes: 3072,
      hugePages: noHugePages,
    })
  })

  it('bound what is Burstable only in what everything in it has a limit of', () => {
    const containers = [having({ requests: { cpu: '100m' }, limits: both }), having({ limits: { cpu: '1' } })]
    assert.deepEqual(limitsOf({ containers }), {
      cpuShares: 102,
      cpuQuota: { quotaUs: 150_000, periodUs: 100_000 },
      hugePages: noHugePages,
    })
  })

  it('are what is asked for the Pod as a whole, where that is', () => {
    const resources = { requests: { cpu: '1' }, limits: { cpu: '2', memory: '4Ki' } }
    assert.deepEqual(limitsOf({ containers: [having({ requests: { cpu: '100m' } })], resources }), {
      cpuShares: 1024,
      cpuQuota: { quotaUs: 200_000, periodUs: 100_000 },
      memoryBytes: 4096,
      hugePages: noHugePages,
    })
  })

  it('bound no CPU where the node enforces no limits of it', () => {
    const { cpuQuota } = limitsOf({ containers: [having({ limits: both })] }, { cpuPeriodUs: undefined })
    assert.deepEqual(cpuQuota, { quotaUs: -1, periodUs: 100_000 })
  })

  it('bound the number of processes of every Pod where the node does', () => {
    assert.equal(limitsOf({}, { podPidsLimit: 100 }).pids, 100)
  })

  it('give the huge pages that are asked for', () => {
    const containers = [having({ limits: both, requests: { ...both, 'hugepages-2Mi': '4Mi' } })]
    assert.deepEqual(
      limitsOf({ containers }).hugePages,
      new Map([
        ['1Gi', 0],
        ['2Mi', 4_194_304],
      ]),
    )
  })
})

describe('containerHugePages', () => {
  const pages = (spec: Partial<PodSpec>): object | undefined => {
    const pod = aPod({ spec })
    const limits = containerHugePages(pod, pod.spec.containers[0] ?? aContainer(), ['2Mi'])
    return limits === undefined ? undefined : Object.fromEntries(limits)
  }
  const two = { 'hugepages-2Mi': '2Mi' }

  it('are those that it asks for, or else those of the Pod as a whole', () => {
    assert.deepEqual(pages({ containers: [having({ requests: two, limits: two })] }), { '2Mi': 2_097_152 })
    const resources = { requests: { 'hugepages-2Mi': '6Mi' }, limits: { 'hugepages-2Mi': '6Mi' } }
    assert.deepEqual(pages({ containers: [having({})], resources }), { '2Mi': 6_291_456 })
  })

  it('are none for one beside it, and not set in a Pod that asks for none', () => {
    const containers = [having({}), having({ requests: two, limits: two })]
    assert.deepEqual(pages({ containers }), { '2Mi': 0 })
    assert.equal(pages({ containers: [having({ limits: both })] }), undefined)
  })
})

describe('listedLimits', () => {
  it('are those of the quantities that are listed', () => {
    const list = { cpu: '1500m', memory: '1Mi', pid: '1000', 'hugepages-2Mi': '4Mi', 'ephemeral-storage': '1Gi' }
    assert.deepEqual(listedLimits(list, ['2Mi']), {
      cpuShares: 1536,
      memoryBytes: 1_048_576,
      pids: 1000,
      hugePages: new Map([['2Mi', 4_194_304]]),
    })
    assert.deepEqual(listedLimits(list, ['2Mi'], 'cpu'), { cpuShares: 1536 })
    assert.deepEqual(listedLimits({}, []), { hugePages: new Map() })
  })
})
