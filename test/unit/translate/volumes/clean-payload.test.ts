import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cleanPayload } from '../../../../src/translate/volumes/clean-payload.ts'
import { payloadOf } from '../../../support/payloads.ts'

const long = 'n'.repeat(256)
const faults: readonly (readonly [path: string, message: string])[] = [
  ['', 'invalid path: must not be empty: ""'],
  ['/etc/passwd', 'invalid path: must be relative path: /etc/passwd'],
  ['..', "invalid path: must not contain '..': .."],
  ['a/../../b', "invalid path: must not contain '..': a/../../b"],
  ['..data', "invalid path: must not start with '..': ..data"],
  ['..data/x', "invalid path: must not start with '..': ..data/x"],
  [`a/${long}`, 'invalid path: filenames must be less than or equal to 255 characters'],
  // Of two bytes each.
  ['ü'.repeat(128), 'invalid path: filenames must be less than or equal to 255 characters'],
  ['a/'.repeat(2049), 'invalid path: must be less than or equal to 4096 characters'],
]

describe('the paths of a payload', () => {
  for (const [path, message] of faults) {
    it(`may not be ${JSON.stringify(path.slice(0, 20))}`, () => {
      assert.throws(() => cleanPayload(payloadOf({ [path]: '' })), { code: 'invalid', message })
    })
  }

  for (const path of ['a', 'a/b/c', 'a/..b', '.a', '-', 'a b', 'n'.repeat(255), 'a/'.repeat(2048)]) {
    it(`may be ${JSON.stringify(path.slice(0, 20))}`, () => {
      assert.equal(cleanPayload(payloadOf({ [path]: '' })).size, 1)
    })
  }

  it('are put straight, and of two that are one then the later counts', () => {
    const files = cleanPayload(payloadOf({ 'a//b': '1', './c': '2', 'd/': '3', 'a/b': '4' }))
    const texts = [...files].map(([path, { data }]) => [path, Buffer.from(data).toString()])
    assert.deepEqual(texts, [
      ['a/b', '4'],
      ['c', '2'],
      ['d', '3'],
    ])
  })
})
