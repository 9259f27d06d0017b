import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bearerToken, protocolToken } from '../../../../src/server/auth/bearer-token.ts'

describe('a bearer token', () => {
  const headers: readonly (readonly [header: string | undefined, token: string | undefined])[] = [
    ['Bearer secret', 'secret'],
    ['bEARER secret', 'secret'],
    ['  Bearer secret  ', 'secret'],
    ['Bearer secret more', 'secret'],
    [undefined, undefined],
    ['', undefined],
    ['Bearer', undefined],
    ['Bearer  secret', undefined],
    ['Basic c2VjcmV0', undefined],
    ['secret', undefined],
  ]
  for (const [header, token] of headers) {
    it(`is ${token ?? 'none'} in "Authorization: ${header ?? ''}"`, () => assert.equal(bearerToken(header), token))
  }

  it('may stand among the protocols that a WebSocket client offers, which are without it then', () => {
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('sécret').toString('base64url')}`
    const found = { kind: 'token', token: 'sécret', others: 'v4.channel.k8s.io,v1' }
    assert.deepEqual(protocolToken(`v4.channel.k8s.io, ${protocol}, v1`), found)
    assert.deepEqual(protocolToken(`${protocol},v4.channel.k8s.io,v1`), found)
  })

  const none = ['', 'v4.channel.k8s.io', 'base64url.bearer.authorization.k8s.io.', 'base64.bearer.k8s.io.c2VjcmV0']
  for (const header of [undefined, ...none]) {
    it(`is not in "Sec-WebSocket-Protocol: ${header ?? ''}"`, () =>
      assert.deepEqual(protocolToken(header), { kind: 'none' }))
  }

  const prefix = 'base64url.bearer.authorization.k8s.io.'
  const faults: Readonly<Record<string, string>> = {
    [`${prefix}YQ,${prefix}YQ,v4`]: 'multiple base64.bearer.authorization tokens specified',
    [`${prefix}YQ==,v4`]: 'invalid base64.bearer.authorization token encoding',
    [`${prefix}Y!Q,v4`]: 'invalid base64.bearer.authorization token encoding',
    [`${prefix}_w,v4`]: 'invalid base64.bearer.authorization token encoding',
    [`${prefix}YQ`]: 'missing additional subprotocol',
    [`${prefix}YQ, ,`]: 'missing additional subprotocol',
  }
  for (const [header, message] of Object.entries(faults)) {
    it(`that is wrong is not passed over: ${header}`, () =>
      assert.deepEqual(protocolToken(header), { kind: 'fault', message }))
  }
})
