import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isNamed, isOnlyOurs, listedName } from '../../../src/garbage/image-names.ts'
import {
  imageRoom,
  inRemovalOrder,
  isOff,
  isTooOld,
  isTooYoung,
  notEnoughFreed,
  oldRemovalsFailed,
  removalsFailed,
  type ImagePolicy,
  type UnusedImage,
} from '../../../src/garbage/image-rules.ts'
import { imageId } from '../../../src/model/ids.ts'

const minute = 60_000
const policy: ImagePolicy = { highPercent: 85, lowPercent: 80, minAgeMs: 2 * minute, maxAgeMs: 0 }

function anImage(id: string, lastUsedAtMs = 0, detectedAtMs = 0): UnusedImage {
  return { id: imageId(id), sizeBytes: 1, lastUsedAtMs, detectedAtMs }
}

describe('when images go', () => {
  it('is never where no disk is full and no image too old', () => {
    assert.equal(isOff({ ...policy, highPercent: 100 }), true)
    assert.equal(isOff({ ...policy, highPercent: 100, maxAgeMs: minute }), false)
    assert.equal(isOff(policy), false)
  })

  it('begins with those that were unused for longest, and of those with what came first', () => {
    const images = [anImage('c', 5, 1), anImage('b', 0, 3), anImage('d', 7, 0), anImage('a', 0, 2)]
    assert.deepEqual(
      inRemovalOrder(images).map(({ id }) => id),
      ['a', 'b', 'c', 'd'],
    )
  })

  it('is not before they were there for the least age', () => {
    const image = anImage('a', 0, 10 * minute)
    assert.equal(isTooYoung(image, policy, 12 * minute - 1), true)
    assert.equal(isTooYoung(image, policy, 12 * minute), false)
  })

  it('is after the greatest age without use, but not before the agent has run for as long', () => {
    const aged = { ...policy, maxAgeMs: 10 * minute }
    const at = (nowMs: number, startedAtMs = 0) => isTooOld(anImage('a', 20 * minute), aged, { nowMs, startedAtMs })
    assert.equal(at(30 * minute), false)
    assert.equal(at(30 * minute + 1), true)
    assert.equal(at(40 * minute, 30 * minute), false)
    assert.equal(isTooOld(anImage('a'), policy, { nowMs: 99 * minute, startedAtMs: 0 }), false)
  })

  it('is when the disk is used to the high threshold, until it is used to the low one', () => {
    assert.deepEqual(imageRoom({ capacity: 1000, available: 160 }, policy), { kind: 'enough' })
    assert.deepEqual(imageRoom({ capacity: 1000, available: 150 }, policy), {
      kind: 'short',
      usedPercent: 85,
      bytes: 50,
    })
    // Percents are whole, and a part of one counts as used.
    assert.deepEqual(imageRoom({ capacity: 999, available: 155 }, policy), {
      kind: 'short',
      usedPercent: 85,
      bytes: 44,
    })
    assert.deepEqual(imageRoom({ capacity: 100, available: 500 }, policy), { kind: 'enough' })
    assert.deepEqual(imageRoom({ capacity: 0, available: 0 }, policy), { kind: 'unmeasured' })
  })

  it('is told in the words of the kubelet where it does not help', () => {
    assert.equal(
      notEnoughFreed(91, 53_687_091_200, 1024),
      "Insufficient free disk space on the node's image filesystem (91% of 50.0 GiB used). Failed to free sufficient space by deleting unused images (freed 1024 bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data.",
    )
    assert.match(notEnoughFreed(91, 1023, 0), /91% of 1023 B used/u)
    assert.match(notEnoughFreed(91, 1024, 0), /of 1.0 KiB used/u)
    assert.match(notEnoughFreed(91, 1_572_864, 0), /of 1.5 MiB used/u)
    assert.match(notEnoughFreed(91, 2 ** 51, 0), /of 2048.0 TiB used/u)
    assert.equal(
      removalsFailed(100, 20, ['in use', 'in use']),
      'wanted to free 100 bytes, but freed 20 bytes space with errors in image deletion: in use',
    )
    assert.equal(
      removalsFailed(undefined, 0, ['one', 'two']),
      'wanted to free 9223372036854775807 bytes, but freed 0 bytes space with errors in image deletion: [one, two]',
    )
    assert.equal(
      oldRemovalsFailed({ ...policy, maxAgeMs: 90_000 }, ['one']),
      'wanted to free images older than 1m30s, encountered errors in image deletion: one',
    )
  })
})

describe('whose an image is', () => {
  const id = imageId(`sha256:${'a'.repeat(64)}`)
  const digest = `sha256:${'d'.repeat(64)}`
  const image = { id, tags: ['nginx:1.25', 'registry.example:5000/web:2'], digests: [`nginx@${digest}`] }

  it('is found by every way to name it', () => {
    const names = [id, 'a'.repeat(64), 'nginx:1.25', 'docker.io/library/nginx:1.25', 'index.docker.io/nginx:1.25']
    for (const name of [...names, 'registry.example:5000/web:2', `nginx@${digest}`, `nginx:9@${digest}`]) {
      assert.equal(isNamed(image, name), true, name)
    }
    for (const name of ['nginx:1.26', 'registry.example:5000/nginx:1.25', `web@${digest}`]) {
      assert.equal(isNamed(image, name), false, name)
    }
    assert.equal(listedName('docker.io/team/app:1'), 'team/app:1')
  })

  it('is ours alone where Pods have asked for each of its names', () => {
    const asked = new Set(['nginx:1.25', 'registry.example:5000/web:2'])
    assert.equal(isOnlyOurs(image, asked), true)
    assert.equal(isOnlyOurs({ ...image, tags: [...image.tags, 'mine:dev'] }, asked), false)
    assert.equal(isOnlyOurs(image, undefined), false)
  })

  it('is not ours alone where somebody else has it from another repository, by its digest', () => {
    const asked = new Set(['nginx:1.25', 'registry.example:5000/web:2'])
    const elsewhere = { ...image, digests: [...image.digests, `mirror.example:5000/nginx@${digest}`] }
    assert.equal(isOnlyOurs(elsewhere, asked), false)
    const byDigest = new Set([...asked, `mirror.example:5000/nginx@${digest}`])
    assert.equal(isOnlyOurs(elsewhere, byDigest), true)
    assert.equal(isOnlyOurs({ ...image, digests: [`docker.io/library/nginx@${digest}`] }, asked), true)
  })

  it('is ours still when a newer image has taken its name', () => {
    assert.equal(isOnlyOurs({ ...image, tags: [] }, new Set(['nginx:1.25'])), true)
    assert.equal(isOnlyOurs({ ...image, tags: [] }, undefined), false)
  })
})
