import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodReading } from '../../../../src/stats/reading.ts'
import { summaryOf } from '../../../../src/stats/summary/summary.ts'
import type { PodStats } from '../../../../src/stats/summary/stats-types.ts'
import { aPodUid } from '../../../builders/pod.ts'
import { aFileSystem, aNodeReading, aPodReading, aRow, aUsage, measuredAtMs } from '../../../builders/usage.ts'

const time = '2026-11-21T10:00:00Z'
const nothing = { total: 0, avg10: 0, avg60: 0, avg300: 0 }
const psi = { full: nothing, some: nothing }

function podOf(change: Partial<PodReading> = {}): PodStats | undefined {
  return summaryOf(aNodeReading({ pods: [aPodReading(change)] }), 'summary').pods[0]
}

describe('The summary of a Pod', () => {
  it('is of its cgroup, its containers, its network and its processes', () => {
    const pod = podOf()
    const cpu = { time, usageNanoCores: 12_000_000, usageCoreNanoSeconds: 2_500_000_000, psi }
    const memory = {
      time,
      usageBytes: 51_000,
      workingSetBytes: 50_000,
      rssBytes: 49_000,
      pageFaults: 0,
      majorPageFaults: 0,
      psi,
    }
    const swap = { time, swapUsageBytes: 7 }
    const eth0 = { name: 'eth0', rxBytes: 996, rxErrors: 1, txBytes: 280, txErrors: 3 }
    const space = { availableBytes: 600_000, inodes: 1000, inodesFree: 900 }
    const disk = { time, ...space, capacityBytes: 2_000_000 }
    assert.deepEqual(pod, {
      podRef: { name: 'web', namespace: 'default', uid: aPodUid },
      startTime: '2026-11-21T09:58:58Z',
      containers: [
        {
          name: 'main',
          startTime: '2026-11-21T09:59:00Z',
          cpu,
          memory,
          swap,
          io: { time, psi },
          rootfs: { ...disk, usedBytes: 12_288, inodesUsed: 3 },
          logs: { ...disk, usedBytes: 4096, inodesUsed: 1 },
        },
      ],
      cpu,
      memory,
      swap,
      io: { time, psi },
      network: { time, ...eth0, interfaces: [eth0] },
      'ephemeral-storage': {
        time: '2026-11-21T09:59:59Z',
        ...space,
        capacityBytes: 1_000_000,
        usedBytes: 20_480,
        inodesUsed: 5,
      },
      process_stats: { process_count: 2 },
    })
  })

  it('says how much memory is left where there is a limit, and no less than nothing', () => {
    const usage = aUsage(1, 50_000)
    const bounded = (limit: number): PodStats | undefined =>
      podOf({ row: aRow('/p', { usage: { ...usage, memory: { ...usage.memory, limit, swapLimit: 107 } } }) })
    assert.equal(bounded(80_000)?.memory?.availableBytes, 30_000)
    assert.equal(bounded(40_000)?.memory?.availableBytes, 0)
    assert.equal(bounded(40_000)?.swap?.swapAvailableBytes, 100)
  })

  it('has its volumes with the claims that they stand for, and counts as its own storage what lies on the disk of the node', () => {
    const content = { atMs: measuredAtMs - 30_000, bytes: 1000, inodes: 10 }
    const volume = { claimName: undefined, isLocalEphemeral: true, fileSystem: aFileSystem, content }
    const pod = podOf({
      volumes: [
        { ...volume, name: 'scratch' },
        { ...volume, name: 'data', claimName: 'data-0', isLocalEphemeral: false },
      ],
    })
    const space = { availableBytes: 600_000, capacityBytes: 1_000_000, inodes: 1000, inodesFree: 900 }
    const stats = { time: '2026-11-21T09:59:30Z', ...space, usedBytes: 1000, inodesUsed: 10 }
    assert.deepEqual(pod?.volume, [
      { ...stats, name: 'scratch' },
      { ...stats, name: 'data', pvcRef: { name: 'data-0', namespace: 'default' } },
    ])
    assert.equal(pod['ephemeral-storage']?.usedBytes, 21_480)
  })

  it('leaves out what has not been measured yet', () => {
    const pod = podOf({ containers: [], hostsFile: undefined })
    assert.deepEqual(Object.keys(pod?.['ephemeral-storage'] ?? {}).toSorted(), [
      'availableBytes',
      'capacityBytes',
      'inodes',
      'inodesFree',
      'time',
    ])
  })

  it('is none while nobody has said when it was started', () =>
    assert.equal(podOf({ startedAtMs: undefined }), undefined))

  it('has no name of a network where no interface is called eth0', () => {
    const [eth0] = aPodReading().interfaces ?? []
    assert.ok(eth0 !== undefined)
    const { network } = podOf({ interfaces: [{ ...eth0, name: 'net1' }] }) ?? {}
    assert.deepEqual([network?.name, network?.rxBytes, network?.interfaces?.[0]?.name], ['', undefined, 'net1'])
  })
})

describe('The summary of a node', () => {
  it('is of the machine, its daemons and its disks', () => {
    const { node } = summaryOf(aNodeReading(), 'summary')
    assert.partialDeepStrictEqual(node, {
      nodeName: 'node-1',
      startTime: '2026-11-20T00:00:00Z',
      cpu: { usageCoreNanoSeconds: 2_500_000_000 },
      memory: { workingSetBytes: 50_000 },
      systemContainers: [{ name: 'pods', memory: { workingSetBytes: 50_000 }, io: { psi } }],
      fs: { usedBytes: 350_000, inodesUsed: 100, capacityBytes: 1_000_000 },
      runtime: { imageFs: { usedBytes: 123_000, capacityBytes: 2_000_000 }, containerFs: { usedBytes: 123_000 } },
      rlimit: { time, maxpid: 32_768, curproc: 317 },
    })
  })

  it('lets images take up no more than their disk holds, whatever layers they share', () => {
    const disks = { node: aFileSystem, images: aFileSystem, imageBytes: 10_000_000 }
    assert.equal(summaryOf(aNodeReading({ disks }), 'summary').node.runtime?.imageFs?.usedBytes, 350_000)
  })

  it('of CPU and memory alone has nothing else', () => {
    const { node, pods } = summaryOf(aNodeReading(), 'resources')
    assert.deepEqual(Object.keys(node).toSorted(), [
      'cpu',
      'memory',
      'nodeName',
      'startTime',
      'swap',
      'systemContainers',
    ])
    assert.deepEqual(Object.keys(pods[0] ?? {}).toSorted(), [
      'containers',
      'cpu',
      'memory',
      'podRef',
      'startTime',
      'swap',
    ])
    assert.deepEqual(Object.keys(pods[0]?.containers[0] ?? {}).toSorted(), [
      'cpu',
      'memory',
      'name',
      'startTime',
      'swap',
    ])
  })
})
