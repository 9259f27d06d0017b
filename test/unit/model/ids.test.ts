import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isManifestHash, podUid } from '../../../src/model/ids.ts'

describe('isManifestHash', () => {
  const uids: readonly (readonly [uid: string, is: boolean])[] = [
    ['0123456789abcdef0123456789abcdef', true],
    ['0123456789ABCDEF0123456789ABCDEF', false],
    ['0123456789abcdef0123456789abcde', false],
    ['0123456789abcdef0123456789abcdef0', false],
    ['0f6c3f5e-6f3c-4b7e-9a53-3f1d2c4b5a69', false],
    ['', false],
  ]
  for (const [uid, is] of uids) {
    it(`says ${is} of "${uid}"`, () => assert.equal(isManifestHash(podUid(uid)), is))
  }
})
