import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageMeans, needsShortNames, overlayOptions } from '../../../../src/translate/volumes/image-mount.ts'

const layer = (number: number): string => `/var/lib/docker/overlay2/${String(number).padStart(64, 'a')}/diff`
const layers = (count: number): readonly string[] => Array.from({ length: count }, (_, number) => layer(number))
const empty = '/var/lib/minikubelet/pods/uid/volumes/kubernetes.io~image/data'

describe('how containers come to the content of an image', () => {
  for (const [storageDriver, apiVersion, means] of [
    ['overlay2', '1.41', 'layers'],
    ['overlay2', '1.51', 'layers'],
    ['fuse-overlayfs', '1.51', 'layers'],
    ['overlayfs', '1.48', 'docker'],
    ['overlayfs', '1.47', 'none'],
    ['vfs', '1.51', 'docker'],
    ['vfs', '1.41', 'none'],
    ['btrfs', '2.0', 'docker'],
  ] as const) {
    it(`with ${storageDriver} and API ${apiVersion}: ${means}`, () => {
      assert.equal(imageMeans({ storageDriver, apiVersion }), means)
    })
  }
})

describe('an overlay mount of layers', () => {
  it('has the uppermost first, and an empty folder beneath, as it takes two at least', () => {
    assert.deepEqual(overlayOptions([layer(1), layer(0)], empty), ['ro', `lowerdir=${layer(1)}:${layer(0)}:${empty}`])
  })

  it('is refused where the kernel would read something else than is meant', () => {
    for (const odd of ['/a,rw', '/a:/b', String.raw`/a\b`]) {
      assert.throws(() => overlayOptions([odd], empty), {
        code: 'unsupported',
        message: `${odd} can't be part of an overlay mount`,
      })
    }
  })

  it('is refused for more layers than fit into a page; with shorter names more do', () => {
    assert.equal(needsShortNames(layers(41), empty), false)
    assert.equal(needsShortNames(layers(42), empty), true)
    assert.doesNotThrow(() => overlayOptions(layers(41), empty))
    assert.throws(() => overlayOptions(layers(42), empty), {
      code: 'unsupported',
      message: 'The image has 42 layers, more than one mount takes',
    })
  })
})
