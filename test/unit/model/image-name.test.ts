import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageNameFault, imageNameOnly } from '../../../src/model/image-name.ts'

const hash = 'a'.repeat(64)

describe('the name of an image', () => {
  const good: readonly string[] = [
    'busybox',
    'busybox:1.36',
    'library/busybox',
    'docker.io/busybox',
    'index.docker.io/library/busybox:latest',
    'localhost/team/app',
    'registry.test:5000/team/app:v1.0_2',
    '[::1]:5000/app',
    'Team/app', // a host, for want of anything else that it could be
    'a/b/c--d/e__f/g.h_i-j',
    `busybox@sha256:${hash}`,
    `registry.test/app:1@sha256:${hash}`,
    `busybox@sha512:${'a'.repeat(128)}`,
    `sha256:${hash}`,
  ]
  for (const image of good) {
    it(`may be "${image}"`, () => assert.equal(imageNameFault(image), undefined))
  }

  const bad: readonly (readonly [image: string, fault: string])[] = [
    ['', 'invalid reference format'],
    ['a b', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
    ['../a', 'invalid reference format'],
    ['-a', 'invalid reference format'],
    ['a:', 'invalid reference format'],
    ['a:-tag', 'invalid reference format'],
    [`a:${'t'.repeat(129)}`, 'invalid reference format'],
    ['a___b', 'invalid reference format'],
    ['http://url', 'invalid reference format'],
    ['a@sha256:abc', 'invalid reference format'],
    ['a\n', 'invalid reference format'],
    ['FAILED_IMAGE', 'invalid reference format: repository name (library/FAILED_IMAGE) must be lowercase'],
    ['Nginx:1', 'invalid reference format: repository name (library/Nginx) must be lowercase'],
    ['registry.test/Team/app', 'invalid reference format: repository name (Team/app) must be lowercase'],
    [hash, `invalid repository name (${hash}), cannot specify 64-byte hexadecimal strings`],
    [`a@sha256:${'a'.repeat(63)}`, 'invalid checksum digest length'],
    [`a@sha256:${'A'.repeat(64)}`, 'invalid checksum digest format'],
    [`a@md5:${'a'.repeat(32)}`, 'unsupported digest algorithm'],
    [`registry.test/${'a'.repeat(256)}`, 'repository name must not be more than 255 characters'],
  ]
  for (const [image, fault] of bad) {
    it(`may not be "${image.slice(0, 70)}"`, () => assert.equal(imageNameFault(image), fault))
  }
})

it('the name of an image alone has neither tag nor digest', () => {
  for (const [image, name] of [
    ['busybox', 'busybox'],
    ['busybox:1.36', 'busybox'],
    ['registry.test:5000/app', 'registry.test:5000/app'],
    ['registry.test:5000/app:1', 'registry.test:5000/app'],
    [`registry.test:5000/app:1@sha256:${hash}`, 'registry.test:5000/app'],
    [`app@sha256:${hash}`, 'app'],
  ] as const) {
    assert.equal(imageNameOnly(image), name)
  }
})
