import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LruMap } from '../../../src/util/lru-map.ts'

describe('a map of the most recently used', () => {
  it('forgets what was longest neither read nor written', () => {
    const map = new LruMap<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.get('a')
    map.set('c', 3)
    assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [1, undefined, 3])
  })

  it('has room for a key only once', () => {
    const map = new LruMap<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.set('b', 3)
    assert.deepEqual([map.get('a'), map.get('b')], [1, 3])
  })
})
