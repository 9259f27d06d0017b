import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pullSecretEntries } from '../../../src/credentials/pull-secret.ts'
import { KubeletError } from '../../../src/model/errors.ts'

const registries = { 'a.test': { username: 'u', password: 'p' } }
const entries = [{ registry: 'a.test', username: 'u', password: 'p' }]

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe('a pull secret', () => {
  it('of type dockerconfigjson holds entries under auths', () => {
    const data = { '.dockerconfigjson': base64(JSON.stringify({ auths: registries })) }
    assert.deepEqual(pullSecretEntries({ type: 'kubernetes.io/dockerconfigjson', data }), entries)
  })

  it('of type dockercfg holds them directly', () => {
    const data = { '.dockercfg': base64(JSON.stringify(registries)) }
    assert.deepEqual(pullSecretEntries({ type: 'kubernetes.io/dockercfg', data }), entries)
  })

  it('is one by its type, not by its keys', () => {
    const data = { '.dockercfg': base64(JSON.stringify(registries)) }
    assert.equal(pullSecretEntries({ type: 'Opaque', data }), undefined)
    assert.equal(pullSecretEntries({ type: 'kubernetes.io/dockerconfigjson', data }), undefined)
    assert.equal(pullSecretEntries({ type: 'kubernetes.io/dockercfg', data: { '.dockercfg': '' } }), undefined)
    assert.equal(pullSecretEntries({ type: 'kubernetes.io/dockercfg' }), undefined)
  })

  it('of garbage is refused', () => {
    const data = { '.dockerconfigjson': base64('garbage') }
    assert.throws(
      () => pullSecretEntries({ type: 'kubernetes.io/dockerconfigjson', data }),
      (error) => KubeletError.is(error, 'invalid'),
    )
  })
})
