import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerHash } from '../../../src/model/container-hash.ts'
import { aContainer } from '../../builders/pod.ts'

describe('containerHash', () => {
  // Computed independently. Running containers carry them: a change would restart every container of every node.
  const pinned: readonly (readonly [name: string, image: string | undefined, hash: string])[] = [
    ['main', 'busybox:1.36', 'a10f5af4'],
    ['web', 'nginx:1.17.8', '9b252d82'],
    ['web', '', '96d51d25'],
    ['é', 'x', 'b71f3965'],
    ['c16', 'x', '51b69d1'],
  ]
  for (const [name, image, hash] of pinned) {
    it(`of "${name}" with image "${image}" is ${hash}, today and in every later version`, () => {
      assert.equal(containerHash(image === undefined ? { name } : { name, image }), hash)
    })
  }

  it('takes no image for an empty one', () => {
    assert.equal(containerHash({ name: 'web' }), containerHash({ name: 'web', image: '' }))
  })

  it('changes with name and image, and with nothing else', () => {
    const hash = containerHash(aContainer())
    assert.notEqual(containerHash(aContainer({ name: 'other' })), hash)
    assert.notEqual(containerHash(aContainer({ image: 'busybox:1.37' })), hash)
    assert.equal(containerHash(aContainer({ args: ['x'], env: [{ name: 'A', value: '1' }], tty: true })), hash)
  })
})
