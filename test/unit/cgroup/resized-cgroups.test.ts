import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CgroupFolders } from '../../../src/cgroup/cgroup-folders.ts'
import { KernelCgroups } from '../../../src/cgroup/kernel-cgroups.ts'
import { asAsked } from '../../../src/cgroup/read-limits.ts'
import { cgroupLayout } from '../../../src/translate/resources/cgroup-names.ts'
import { boundsOf, podBounds } from '../../../src/translate/resources/pod-bounds.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'

interface Bed {
  /** A new agent each time, over what is there. */
  readonly agent: () => KernelCgroups
  readonly read: (name: string) => string
  /** Of the default Pod's cgroup. */
  readonly folder: string
}

function aBed(t: TestContext): Bed {
  const root = mkdtempSync(join(tmpdir(), 'cgroup-'))
  t.after(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory\n')
  writeFileSync(join(root, 'cgroup.subtree_control'), '')
  const folders = new Map((['cpu', 'memory'] as const).map((name) => [name, root]))
  const folder = join(root, 'kubepods', `pod${aPodUid}`)
  return {
    folder,
    agent: () =>
      new KernelCgroups({
        layout: cgroupLayout('cgroupfs', ''),
        facts: { cpuPeriodUs: 100_000, podPidsLimit: undefined, pageSizes: [] },
        folders: new CgroupFolders({ version: '2', folders, all: [root] }),
        slices: undefined,
        killsSingly: true,
      }),
    read: (name) => readFileSync(join(folder, name), 'utf8'),
  }
}

function podWith(cpu: string, memory: string) {
  const list = { cpu, memory }
  return aPod({ spec: { containers: [aContainer({ resources: { requests: list, limits: list } })] } })
}

describe('The cgroup of a Pod that is resized', () => {
  it('changes in the parts that are named, and in no other', async (t) => {
    const { agent, read } = aBed(t)
    const cgroups = agent()
    await cgroups.ensure(podWith('100m', '100M'))
    await cgroups.resize(podWith('200m', '200M'), { cpuQuota: 20_000 })
    assert.deepEqual([read('cpu.max'), read('memory.max'), read('cpu.weight')], ['20000 100000', '100000000', '4'])
    await cgroups.resize(podWith('200m', '200M'), { memoryBytes: 200_000_000, cpuShares: 204 })
    assert.deepEqual([read('cpu.max'), read('memory.max'), read('cpu.weight')], ['20000 100000', '200000000', '8'])
    const limits = cgroups.limitsOf(podWith('200m', '200M'))
    assert.deepEqual(limits && boundsOf(limits), podBounds(podWith('200m', '200M'), 100_000))
  })

  it('stays as it is when a container of it is made meanwhile', async (t) => {
    const { agent, read } = aBed(t)
    const cgroups = agent()
    await cgroups.ensure(podWith('200m', '200M'))
    await cgroups.ensure(podWith('100m', '100M'))
    assert.equal(read('cpu.max'), '20000 100000')
  })

  it('is to the next agent what it was set to, whatever the kernel makes of that', async (t) => {
    const { agent } = aBed(t)
    const pod = podWith('105m', '100M')
    await agent().ensure(pod)
    const limits = agent().limitsOf(pod)
    assert.deepEqual(limits && boundsOf(limits), podBounds(pod, 100_000))
    const other = podWith('300m', '300M')
    const known = agent().limitsOf(other)
    assert.notDeepEqual(known && boundsOf(known), podBounds(other, 100_000))
  })
})

describe('The cgroup of a Pod whose agent was killed while it made it', () => {
  it('is set anew by the next agent, which knows it by that nothing is in it', async (t) => {
    const { agent, read, folder } = aBed(t)
    const pod = podWith('100m', '100M')
    await agent().ensure(pod)
    writeFileSync(join(folder, 'cpu.max'), 'max 100000')
    const next = agent()
    assert.equal(next.limitsOf(pod)?.cpuQuota, undefined)
    await next.ensure(pod)
    assert.equal(read('cpu.max'), '10000 100000')
    assert.equal(next.limitsOf(pod)?.cpuQuota?.quotaUs, 10_000)
    mkdirSync(join(folder, 'container'))
    writeFileSync(join(folder, 'cpu.max'), '20000 100000')
    await agent().ensure(pod)
    assert.equal(read('cpu.max'), '20000 100000')
  })
})

describe('What is read of a cgroup', () => {
  const asked = { cpuShares: 107, cpuQuota: { quotaUs: 10_500, periodUs: 100_000 }, memoryBytes: 100_000_000 }

  it('is what was asked for, in pages of memory and percents of a CPU', () => {
    const read = { cpuShares: 107, cpuQuota: { quotaUs: 11_000, periodUs: 100_000 }, memoryBytes: 99_999_744 }
    assert.deepEqual(asAsked(asked, read, '1'), asked)
  })

  it('is what it is where something else was asked for', () => {
    const read = { cpuShares: 100, cpuQuota: { quotaUs: 10_000, periodUs: 100_000 }, memoryBytes: 50_000_000 }
    assert.deepEqual(asAsked(asked, read, '1'), read)
    assert.deepEqual(asAsked({}, read, '1'), read)
    assert.deepEqual(asAsked(asked, {}, '1'), {})
  })
})
