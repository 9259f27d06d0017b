import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { burstableShares } from '../../../../src/translate/resources/burstable-shares.ts'
import { cgroupFiles } from '../../../../src/translate/resources/cgroup-files.ts'
import type { CgroupLimits } from '../../../../src/translate/resources/cgroup-limits.ts'

const limits: CgroupLimits = {
  cpuShares: 1024,
  cpuQuota: { quotaUs: 50_000, periodUs: 100_000 },
  memoryBytes: 2 ** 40,
  pids: 100,
  hugePages: new Map([
    ['2Mi', 2 ** 62],
    ['1Gi', 0],
    ['64Ki', 0],
  ]),
}

function written(given: CgroupLimits, version: '1' | '2'): readonly string[] {
  return cgroupFiles(given, version).map(({ controller, name, value, optional }) => {
    return `${controller} ${name}${optional === true ? '?' : ''} ${value}`
  })
}

describe('The files of a cgroup', () => {
  it('of version 1 are in one hierarchy for each controller', () => {
    assert.deepEqual(written(limits, '1'), [
      'cpu cpu.shares 1024',
      'cpu cpu.cfs_period_us 100000',
      'cpu cpu.cfs_quota_us 50000',
      'memory memory.limit_in_bytes 1099511627776',
      'pids pids.max 100',
      'hugetlb hugetlb.2MB.limit_in_bytes? 4611686018427387904',
      'hugetlb hugetlb.2MB.rsvd.limit_in_bytes? 4611686018427387904',
      'hugetlb hugetlb.1GB.limit_in_bytes? 0',
      'hugetlb hugetlb.1GB.rsvd.limit_in_bytes? 0',
      'hugetlb hugetlb.64KB.limit_in_bytes? 0',
      'hugetlb hugetlb.64KB.rsvd.limit_in_bytes? 0',
    ])
  })

  it('of version 2 have a weight for shares, and quota and period in one', () => {
    assert.deepEqual(written({ ...limits, hugePages: new Map([['2Mi', 0]]) }, '2'), [
      'cpu cpu.weight 39',
      'cpu cpu.max 50000 100000',
      'memory memory.max 1099511627776',
      'pids pids.max 100',
      'hugetlb hugetlb.2MB.max? 0',
      'hugetlb hugetlb.2MB.rsvd.max? 0',
    ])
  })

  it('take limits away, and leave alone what nothing is said of', () => {
    const none = { cpuQuota: { quotaUs: -1, periodUs: 100_000 }, memoryBytes: -1 }
    assert.deepEqual(written(none, '1').slice(1), ['cpu cpu.cfs_quota_us -1', 'memory memory.limit_in_bytes -1'])
    assert.deepEqual(written(none, '2'), ['cpu cpu.max max 100000', 'memory memory.max max'])
    assert.deepEqual(written({ memoryBytes: 0 }, '1'), [])
  })
})

describe('burstableShares', () => {
  it("are those of all its Pods' requests together, and of other agents' Pods on top", () => {
    assert.equal(burstableShares(300n, []), 307)
    assert.equal(burstableShares(300n, [102, 512]), 921)
    assert.equal(burstableShares(0n, [102]), 102)
    assert.equal(burstableShares(0n, []), 2)
    assert.equal(burstableShares(300n, [262_144]), 262_144)
  })
})
