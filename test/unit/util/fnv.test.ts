import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fnv128a } from '../../../src/util/fnv.ts'

describe('fnv128a', () => {
  it('is FNV-1a with 128 bits', () => {
    assert.equal(fnv128a(''), '6c62272e07bb014262b821756295c58d')
    assert.equal(fnv128a('a'), 'd228cb696f1a8caf78912b704e4a8964')
    assert.equal(fnv128a('foobar'), '343e1662793c64bf6f0d3597ba446f18')
  })
})
