import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasStorageLimit, mayBeEvicted, storageVerdict } from '../../../../src/eviction/storage/storage-limits.ts'
import type { PodUse } from '../../../../src/eviction/usage/pod-usage.ts'
import type { ContainerSpec, Pod } from '../../../../src/model/kube.ts'
import { aContainerUse, aPodUse, mebibyte } from '../../../builders/eviction.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

function limited(name: string, mebibytes: number | undefined): ContainerSpec {
  const limits = mebibytes === undefined ? {} : { 'ephemeral-storage': `${mebibytes}Mi` }
  return aContainer({ name, resources: { limits } })
}

function podOf(...containers: readonly ContainerSpec[]): Pod {
  return aPod({ spec: { containers } })
}

const containerMessage = (name: string, limit: string): string =>
  `Container ${name} exceeded its local ephemeral storage limit "${limit}". `
const podMessage = (limit: string): string =>
  `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `

/**
 * A Pod with containers `a` and `b` that have so many MiB in layers and logs, so many in a
 * volume, and half of one beside.
 */
function uses(a: readonly [number, number], b: readonly [number, number], volume: number): PodUse {
  const of = (name: string, [rootfs, logs]: readonly [number, number]) =>
    aContainerUse(name, { rootfs: rootfs * mebibyte, logs: logs * mebibyte })
  return aPodUse({
    containers: [of('a', a), of('b', b)],
    volumes: [
      { name: 'cache', isLocalEphemeral: true, bytes: volume * mebibyte, inodes: 1 },
      { name: 'tmpfs', isLocalEphemeral: false, bytes: 1000 * mebibyte, inodes: 1 },
    ],
    hostsFile: { bytes: mebibyte / 2, inodes: 1 },
  })
}

describe('a Pod that may have only so much of the disk', () => {
  const both = podOf(limited('a', 10), limited('b', 20))
  const cases: readonly (readonly [title: string, pod: Pod, use: PodUse, message: string | undefined])[] = [
    ['runs on while it has less', both, uses([4, 4], [9, 9], 3), undefined],
    [
      'is evicted when it has more than its containers may have together',
      both,
      uses([4, 5], [9, 9], 3),
      podMessage('30Mi'),
    ],
    ['is evicted for what is in its volumes, too', both, uses([0, 0], [0, 0], 30), podMessage('30Mi')],
    ['is evicted when a container has more than it may', both, uses([7, 4], [1, 1], 0), containerMessage('a', '10Mi')],
    ['is evicted for its logs alone', both, uses([0, 0], [0, 21], 0), containerMessage('b', '20Mi')],
    [
      'may have what a container without a limit has',
      podOf(limited('a', 10), limited('b', undefined)),
      uses([1, 1], [5, 1], 0),
      undefined,
    ],
    [
      'has no limit for a container where that is nought',
      podOf(limited('a', 0), limited('b', 10)),
      uses([1, 1], [0, 0], 0),
      undefined,
    ],
  ]
  for (const [title, pod, use, message] of cases) {
    it(title, () => {
      const verdict = storageVerdict(pod, use, 'one')
      assert.equal(verdict?.message, message)
      if (verdict !== undefined) assert.deepEqual([verdict.reason, verdict.condition], ['Evicted', undefined])
    })
  }

  it('does not have what is in the layers of a container counted to it where those lie on a disk of their own', () => {
    assert.equal(storageVerdict(both, uses([15, 4], [1, 1], 0), 'dedicated-images'), undefined)
    assert.equal(
      storageVerdict(both, uses([0, 11], [1, 1], 0), 'dedicated-images')?.signal,
      'ephemeralcontainerfs.limit',
    )
    assert.equal(storageVerdict(both, uses([29, 4], [1, 1], 0), 'dedicated-images')?.signal, 'ephemeralpodfs.limit')
  })

  it('is not counted for what is not known of it', () => {
    const use = aPodUse({ containers: [aContainerUse('a', { logs: mebibyte })] })
    assert.equal(storageVerdict(both, use, 'one'), undefined)
  })

  it('is one with a limit of its own or of a container, init containers included', () => {
    assert.ok(hasStorageLimit(both))
    assert.ok(hasStorageLimit(aPod({ spec: { initContainers: [limited('init', 1)] } })))
    assert.ok(!hasStorageLimit(podOf(limited('a', undefined))))
  })
})

describe('a Pod that is never evicted', () => {
  it('is one that is critical or from a manifest, is over, or ends', () => {
    assert.ok(mayBeEvicted(aPod({ spec: { priority: 1_000_000_000 } })))
    assert.ok(!mayBeEvicted(aPod({ spec: { priority: 2_000_000_000 } })))
    assert.ok(!mayBeEvicted(aPod({ metadata: { annotations: { 'kubernetes.io/config.source': 'file' } } })))
    assert.ok(!mayBeEvicted(aPod({ metadata: { deletionTimestamp: '2026-11-21T10:00:00Z' } })))
    assert.ok(!mayBeEvicted(aPod({ status: { phase: 'Failed' } })))
  })
})
