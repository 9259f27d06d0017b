import assert from 'node:assert/strict'
import { it } from 'node:test'
import { imageRepository } from '../../../src/credentials/image-repository.ts'

const digest = `sha256:${'0'.repeat(64)}`
const places: readonly (readonly [image: string, host: string, path: string])[] = [
  ['busybox', 'docker.io', '/library/busybox'],
  ['busybox:1.36', 'docker.io', '/library/busybox'],
  [`busybox@${digest}`, 'docker.io', '/library/busybox'],
  ['team/app:1', 'docker.io', '/team/app'],
  ['docker.io/busybox', 'docker.io', '/library/busybox'],
  ['index.docker.io/team/app', 'docker.io', '/team/app'],
  ['registry.test/app', 'registry.test', '/app'],
  ['registry.test:5000/team/app:1', 'registry.test:5000', '/team/app'],
  [`registry.test:5000/app:1@${digest}`, 'registry.test:5000', '/app'],
  ['localhost/app', 'localhost', '/app'],
  ['127.0.0.1:5000/app', '127.0.0.1:5000', '/app'],
]
for (const [image, host, path] of places) {
  it(`${image} is ${path} at ${host}`, () => assert.deepEqual(imageRepository(image), { host, path }))
}
