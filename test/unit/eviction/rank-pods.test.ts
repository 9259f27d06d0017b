import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DiskLayout } from '../../../src/eviction/pressure/disk-layout.ts'
import { rankPods } from '../../../src/eviction/rank-pods.ts'
import type { PodUse } from '../../../src/eviction/usage/pod-usage.ts'
import type { EvictionSignal } from '../../../src/model/eviction-threshold.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { another, podAsking } from '../../builders/admission.ts'
import { aContainerUse, aPodUse, mebibyte } from '../../builders/eviction.ts'

interface Ranked {
  readonly priority?: number
  /** MiB of memory, or of what the disk holds. */
  readonly asks?: number
  /** `undefined`: nothing is known of it. */
  readonly use: PodUse | undefined
}

function order(
  signal: EvictionSignal,
  pods: Readonly<Record<string, Ranked>>,
  layout: DiskLayout = 'one',
): readonly string[] {
  const resource = signal.startsWith('memory') ? 'memory' : 'ephemeral-storage'
  const made = Object.entries(pods).map(([name, { priority, asks }]): Pod => {
    const requests = asks === undefined ? {} : { [resource]: `${asks}Mi` }
    return another(name, podAsking(requests, priority === undefined ? {} : { priority }))
  })
  const uses = Object.entries(pods).flatMap(([name, { use }]) => (use === undefined ? [] : [[name, use] as const]))
  return rankPods(made, new Map(uses), { signal, layout }).map(({ metadata }) => metadata.name)
}

const memory = (mebibytes: number): PodUse => aPodUse({ memory: mebibytes * mebibyte })
const disk = (rootfs: number, logs: number, volume: number): PodUse =>
  aPodUse({
    containers: [aContainerUse('main', { rootfs: rootfs * mebibyte, logs: logs * mebibyte })],
    volumes: [
      { name: 'cache', isLocalEphemeral: true, bytes: volume * mebibyte, inodes: volume },
      { name: 'tmpfs', isLocalEphemeral: false, bytes: 1000 * mebibyte, inodes: 1000 },
    ],
  })

describe('who has to go first', () => {
  it('for memory: who uses more than it asked for, then whose priority is lower, then who is further beyond', () => {
    const found = order('memory.available', {
      'within, though it uses much': { asks: 500, use: memory(400) },
      'within, and of low priority': { asks: 10, priority: -1, use: memory(1) },
      'beyond by 10': { asks: 100, use: memory(110) },
      'beyond by 20': { asks: 10, use: memory(30) },
      'beyond by 50, of high priority': { priority: 100, use: memory(50) },
      'just what it asked for': { asks: 5, use: memory(5) },
      'nothing is known of it': { asks: 1000, priority: 1000, use: undefined },
    })
    assert.deepEqual(found, [
      'nothing is known of it',
      'beyond by 20',
      'beyond by 10',
      'beyond by 50, of high priority',
      'within, and of low priority',
      'just what it asked for',
      'within, though it uses much',
    ])
  })

  const pods = {
    layers: { use: disk(30, 1, 1) },
    logs: { use: disk(1, 20, 1) },
    volumes: { use: disk(2, 2, 25) },
    modest: { asks: 100, use: disk(20, 20, 20) },
    important: { priority: 10, use: disk(50, 50, 50) },
  }
  it('for a disk on which all lies: who has most of it beyond what it asked for', () => {
    assert.deepEqual(order('nodefs.available', pods), ['layers', 'volumes', 'logs', 'important', 'modest'])
    assert.deepEqual(order('imagefs.available', pods), ['layers', 'volumes', 'logs', 'important', 'modest'])
  })

  it('for the disk of images: who has most in its layers; for the other: who has most in logs and volumes', () => {
    const layout = 'dedicated-images'
    assert.deepEqual(order('imagefs.available', pods, layout), ['layers', 'volumes', 'logs', 'important', 'modest'])
    assert.deepEqual(order('nodefs.available', pods, layout), ['volumes', 'logs', 'layers', 'important', 'modest'])
  })

  it('for inodes: who has most files, which nobody can ask for', () => {
    const files = (inodes: number): PodUse =>
      aPodUse({ volumes: [{ name: 'cache', isLocalEphemeral: true, bytes: 0, inodes }] })
    const found = order('nodefs.inodesFree', {
      few: { use: files(3) },
      none: { use: files(0) },
      many: { use: files(9) },
    })
    assert.deepEqual(found, ['many', 'few', 'none'])
  })

  it('for processes: whose priority is lower, then who has more of them', () => {
    const found = order('pid.available', {
      'many, of high priority': { priority: 5, use: aPodUse({ processes: 100 }) },
      few: { use: aPodUse({ processes: 1 }) },
      many: { use: aPodUse({ processes: 50 }) },
      'nothing is known of it': { use: undefined },
      'nothing is known of it, of high priority': { priority: 5, use: undefined },
    })
    assert.deepEqual(found, [
      'nothing is known of it',
      'many',
      'few',
      'nothing is known of it, of high priority',
      'many, of high priority',
    ])
  })

  it('is who comes first where all are alike', () => {
    assert.deepEqual(order('memory.available', { one: { use: memory(1) }, two: { use: memory(1) } }), ['one', 'two'])
  })
})
