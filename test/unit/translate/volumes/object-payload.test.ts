import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DataObject } from '../../../../src/model/kube.ts'
import { objectPayload } from '../../../../src/translate/volumes/object-payload.ts'
import type { KeyToPath } from '../../../../src/translate/volumes/projection-source.ts'
import { filesOf } from '../../../support/payloads.ts'

const metadata = { namespace: 'default', name: 'settings', uid: 'u1' }
const configMap: DataObject = { metadata, data: { a: 'one', b: 'zwölf\n' }, binaryData: { raw: 'AP+A' } }
const secret: DataObject = { metadata, data: { user: 'YWRtaW4=', key: 'AP+A' } }

function payload(
  kind: 'ConfigMap' | 'Secret',
  object: DataObject | undefined,
  { items, optional = false }: { items?: readonly KeyToPath[]; optional?: boolean } = {},
) {
  const ref = { kind, namespace: 'default', name: 'settings' }
  return filesOf(objectPayload({ kind: 'object', ref, items, optional }, object, 0o640))
}

describe('the files of a ConfigMap', () => {
  it('are its keys, what is text and what is not, with the mode of the volume', () => {
    assert.deepEqual(payload('ConfigMap', configMap), {
      a: { data: 'one', mode: 0o640 },
      b: { data: 'zwölf\n', mode: 0o640 },
      raw: { data: Buffer.from([0, 255, 128]), mode: 0o640 },
    })
  })

  it('are the items alone, under their paths and with their own modes', () => {
    const items = [
      { key: 'a', path: 'path/to/a', mode: 0o400 },
      { key: 'raw', path: 'b' },
      { key: 'a', path: 'again' },
    ]
    assert.deepEqual(payload('ConfigMap', configMap, { items }), {
      'path/to/a': { data: 'one', mode: 0o400 },
      b: { data: Buffer.from([0, 255, 128]), mode: 0o640 },
      again: { data: 'one', mode: 0o640 },
    })
  })

  it('are not to be had where an item names a key that is not there', () => {
    const items = [{ key: 'none', path: 'x' }]
    assert.throws(() => payload('ConfigMap', configMap, { items }), {
      message: 'configmap references non-existent config key: none',
    })
    assert.deepEqual(payload('ConfigMap', configMap, { items: [...items, { key: 'a', path: 'a' }], optional: true }), {
      a: { data: 'one', mode: 0o640 },
    })
  })

  it('are none where there is no ConfigMap, and need not be', () => {
    assert.deepEqual(payload('ConfigMap', undefined, { optional: true }), {})
    assert.deepEqual(payload('ConfigMap', undefined, { optional: true, items: [{ key: 'a', path: 'a' }] }), {})
  })

  it('may have the names that every object of JavaScript has', () => {
    const odd: DataObject = { metadata, data: { constructor: 'a', toString: 'b' } }
    assert.deepEqual(payload('ConfigMap', odd), {
      constructor: { data: 'a', mode: 0o640 },
      toString: { data: 'b', mode: 0o640 },
    })
    const items = [{ key: 'constructor', path: 'x' }]
    assert.throws(() => payload('ConfigMap', configMap, { items }), {
      message: /non-existent config key: constructor$/u,
    })
  })
})

describe('the files of a Secret', () => {
  it('are its keys, decoded', () => {
    assert.deepEqual(payload('Secret', secret), {
      user: { data: 'admin', mode: 0o640 },
      key: { data: Buffer.from([0, 255, 128]), mode: 0o640 },
    })
  })

  it('are not to be had where an item names a key that is not there', () => {
    assert.throws(() => payload('Secret', secret, { items: [{ key: 'none', path: 'x' }] }), {
      message: 'references non-existent secret key: none',
    })
  })
})
