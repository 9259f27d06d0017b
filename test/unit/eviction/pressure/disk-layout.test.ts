import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  isDiskSignal,
  nodeReclaims,
  rankedParts,
  type DiskLayout,
} from '../../../../src/eviction/pressure/disk-layout.ts'
import { evictionSignals } from '../../../../src/model/eviction-threshold.ts'

describe('a full disk', () => {
  const all = 'rootfs+logs+volumes / containers, images'
  const images = 'rootfs / containers, images'
  const expected: Readonly<Record<DiskLayout, Readonly<Record<string, string>>>> = {
    one: {
      'nodefs.available': all,
      'nodefs.inodesFree': all,
      'imagefs.available': all,
      'imagefs.inodesFree': all,
      'containerfs.available': all,
      'containerfs.inodesFree': all,
    },
    'dedicated-images': {
      'nodefs.available': 'logs+volumes / ',
      'nodefs.inodesFree': 'logs+volumes / ',
      'imagefs.available': images,
      'imagefs.inodesFree': images,
      'containerfs.available': images,
      'containerfs.inodesFree': images,
    },
  }
  for (const layout of ['one', 'dedicated-images'] as const) {
    it(`is what lies on it, and what can be taken away from it: ${layout}`, () => {
      const found = evictionSignals.filter(isDiskSignal).map((signal) => {
        return [
          signal,
          `${rankedParts(signal, layout).join('+')} / ${nodeReclaims(signal, layout).join(', ')}`,
        ] as const
      })
      assert.deepEqual(Object.fromEntries(found), expected[layout])
    })
  }

  it('is none when memory or processes run out: nothing of the node can be given up for them', () => {
    for (const signal of ['memory.available', 'allocatableMemory.available', 'pid.available'] as const) {
      assert.deepEqual(nodeReclaims(signal, 'one'), [])
    }
  })
})
