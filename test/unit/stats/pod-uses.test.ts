import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { diskUse, ephemeralUse } from '../../../src/eviction/usage/pod-usage.ts'
import { podUses } from '../../../src/stats/pod-uses.ts'
import { aPodUid } from '../../builders/pod.ts'
import { aContainerReading, aNodeReading, aPodReading } from '../../builders/usage.ts'

const fileSystem = { atMs: 0, capacity: 1, available: 1, used: 0, inodes: 1, inodesFree: 1 }
const volume = { claimName: undefined, fileSystem, content: { atMs: 0, bytes: 20_480, inodes: 2 } }

describe('what a Pod uses, for who has to choose one', () => {
  it('is what was read of it: its memory as a whole, its processes, and what of it lies where', () => {
    const pod = aPodReading({
      containers: [aContainerReading('main'), aContainerReading('side', { log: undefined })],
      volumes: [
        { ...volume, name: 'claim', isLocalEphemeral: false },
        { ...volume, name: 'cache', isLocalEphemeral: true },
      ],
      hostsFile: { atMs: 0, bytes: 4096, inodes: 1 },
    })
    const use = podUses(aNodeReading({ pods: [pod] })).get(aPodUid)
    assert.ok(use !== undefined)
    assert.deepEqual([use.memory, use.processes], [50_000, 2])
    assert.deepEqual(
      use.containers.map(({ name, memory, rootfs, logs }) => [name, memory, rootfs?.bytes, logs?.bytes]),
      [
        ['main', 50_000, 12_288, 4096],
        ['side', 50_000, 12_288, undefined],
      ],
    )
    assert.equal(diskUse(use, ['rootfs']).bytes, 2 * 12_288)
    assert.equal(diskUse(use, ['logs']).bytes, 4096)
    assert.equal(diskUse(use, ['volumes']).bytes, 20_480)
    assert.equal(ephemeralUse(use).bytes, 2 * 12_288 + 4096 + 20_480 + 4096)
  })
})
