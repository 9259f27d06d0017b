import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  decodeCredentialAnswer,
  type ApiCredentials,
  type CredentialAnswer,
} from '../../../../src/cluster/kubeconfig/api-credentials.ts'
import { KubeletError, type ErrorCode } from '../../../../src/model/errors.ts'

const credentials: ApiCredentials = {
  server: 'https://10.0.0.1:6443',
  ca: 'the authority',
  certificate: undefined,
  key: undefined,
  headers: { authorization: 'Bearer secret' },
  tlsServerName: undefined,
  insecureSkipTlsVerify: false,
  proxyUrl: undefined,
  expiresAtMs: 1_792_000_000_000,
  files: { authority: undefined, certificate: undefined, key: undefined, token: undefined },
}

function decode(answer: CredentialAnswer): ApiCredentials {
  return decodeCredentialAnswer(JSON.stringify(answer))
}

function fault(code: ErrorCode, message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(KubeletError.is(error, code), String(error))
    assert.match(error.message, message)
    return true
  }
}

describe('the answer of the process that resolves credentials', () => {
  it('comes back as it was given', () => {
    assert.deepEqual(decode({ kind: 'resolved', credentials }), credentials)
  })

  it('is thrown when it is a fault, be it of the file or of who we are', () => {
    const message = 'Cannot read the kubeconfig'
    assert.throws(
      () => decode({ kind: 'fault', code: 'configuration', message }),
      fault('configuration', /^Cannot read the kubeconfig$/),
    )
    assert.throws(() => decode({ kind: 'fault', code: 'unauthorized', message }), fault('unauthorized', /^Cannot read/))
  })

  it('is an error that quotes nothing, for it may be secret, when it is something else', () => {
    for (const text of ['', 'token: secret', '"secret"', '{"kind":"resolved","credentials":{"headers":"secret"}}']) {
      assert.throws(() => decodeCredentialAnswer(text), fault('internal', /gave no readable answer$/))
    }
  })
})
