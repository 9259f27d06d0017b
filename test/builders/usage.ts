import { containerId, podUid } from '../../src/model/ids.ts'
import type { ResourceUsage } from '../../src/model/usage.ts'
import type { ContainerReading, NodeReading, PodReading, UsageRow } from '../../src/stats/reading.ts'
import { noCpu, noDetails, noMemory } from '../../src/stats/sum-rows.ts'
import { aPodUid } from './pod.ts'

/** The moment at which everything was measured, 2026-11-21T10:00:00.250Z, and a minute before. */
export const measuredAtMs = Date.parse('2026-11-21T10:00:00.250Z')
export const beganAtMs = measuredAtMs - 60_250

export function aUsage(cpuNs: number, memoryBytes: number): ResourceUsage {
  return {
    atMs: measuredAtMs,
    cpu: { ...noCpu, totalNs: cpuNs },
    memory: { ...noMemory, usage: memoryBytes + 1000, workingSet: memoryBytes, rss: memoryBytes - 1000, swap: 7 },
  }
}

export function aRow(id: string, change: Partial<UsageRow> = {}): UsageRow {
  return {
    id,
    usage: aUsage(2_500_000_000, 50_000),
    nanoCores: 12_000_000,
    sinceMs: beganAtMs,
    details: noDetails,
    processes: 1,
    files: { descriptors: 3, sockets: 1, softLimit: 1024 },
    ...change,
  }
}

export function aContainerReading(name: string, change: Partial<ContainerReading> = {}): ContainerReading {
  return {
    name,
    dockerName: `k8s_${name}_web_default_${aPodUid}_0`,
    image: 'busybox:1.36',
    startedAtMs: beganAtMs + 500,
    row: aRow(`/kubepods/pod${aPodUid}/${name}`),
    rootfs: { atMs: measuredAtMs - 10_000, bytes: 12_288, inodes: 3 },
    log: { atMs: measuredAtMs - 10_000, bytes: 4096, inodes: 1 },
    ...change,
  }
}

export function aPodReading(change: Partial<PodReading> = {}): PodReading {
  return {
    owner: { podUid: podUid(aPodUid), podName: 'web', podNamespace: 'default' },
    startedAtMs: beganAtMs - 2000,
    sandboxStartedAtMs: beganAtMs,
    sandbox: aContainerReading('POD', { image: 'pause:1', rootfs: undefined, log: undefined }),
    containers: [aContainerReading('main')],
    row: aRow(`/kubepods/pod${aPodUid}`, { processes: 0, files: undefined }),
    hasCgroup: true,
    processes: 2,
    interfaces: [
      {
        name: 'eth0',
        rxBytes: 996,
        rxPackets: 8,
        rxErrors: 1,
        rxDropped: 2,
        txBytes: 280,
        txPackets: 4,
        txErrors: 3,
        txDropped: 5,
      },
    ],
    volumes: [],
    hostsFile: { atMs: measuredAtMs - 9000, bytes: 4096, inodes: 1 },
    ...change,
  }
}

export const aFileSystem = {
  atMs: measuredAtMs - 1000,
  capacity: 1_000_000,
  available: 600_000,
  used: 350_000,
  inodes: 1000,
  inodesFree: 900,
} as const

export function aNodeReading(change: Partial<NodeReading> = {}): NodeReading {
  return {
    atMs: measuredAtMs,
    nodeName: 'node-1',
    bootedAtMs: Date.parse('2026-11-20T00:00:00Z'),
    row: aRow('/'),
    system: [{ name: 'pods', row: aRow('/kubepods') }],
    pods: [aPodReading()],
    disks: { node: aFileSystem, images: { ...aFileSystem, capacity: 2_000_000 }, imageBytes: 123_000 },
    interfaces: [],
    threads: { atMs: measuredAtMs, max: 32_768, count: 317 },
    ...change,
  }
}

export const aContainerId = containerId('a'.repeat(64))
