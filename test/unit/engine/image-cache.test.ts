import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ImageCache } from '../../../src/engine/image-cache.ts'
import { fakeImage } from '../../fakes/fake-image.ts'

const image = fakeImage(['web:1'])

describe('ImageCache', () => {
  it('keeps nothing while nobody watches', () => {
    const cache = new ImageCache(2)
    cache.put('web:1', image, cache.generation)
    assert.equal(cache.get('web:1'), undefined)
  })

  it('keeps an image while somebody watches, until the last one has ended', () => {
    const cache = new ImageCache(2)
    const first = cache.watch()
    const second = cache.watch()
    cache.put('web:1', image, cache.generation)
    first[Symbol.dispose]()
    assert.equal(cache.get('web:1'), image)
    second[Symbol.dispose]()
    assert.equal(cache.get('web:1'), undefined)
  })

  it('forgets everything that was there before somebody watched', () => {
    const cache = new ImageCache(2)
    using _ = cache.watch()
    cache.put('web:1', image, cache.generation)
    using __ = cache.watch()
    assert.equal(cache.get('web:1'), undefined)
  })

  it('does not keep an answer that was asked for before something changed', () => {
    const cache = new ImageCache(2)
    using _ = cache.watch()
    const { generation } = cache
    cache.forget()
    cache.put('web:1', image, generation)
    assert.equal(cache.get('web:1'), undefined)
  })

  it('drops the image that nobody has asked for the longest when there is no room', () => {
    const cache = new ImageCache(2)
    using _ = cache.watch()
    cache.put('old', image, cache.generation)
    cache.put('older', image, cache.generation)
    cache.get('old')
    cache.put('new', image, cache.generation)
    const kept = ['old', 'older', 'new'].filter((reference) => cache.get(reference) !== undefined)
    assert.deepEqual(kept, ['old', 'new'])
  })
})
