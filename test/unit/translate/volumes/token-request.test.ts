import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tokenRequest } from '../../../../src/translate/volumes/token-request.ts'
import { aPod, aPodUid } from '../../../builders/pod.ts'

describe('what the API server is asked for a token', () => {
  const pod = aPod({ metadata: { namespace: 'shop', name: 'till' }, spec: { serviceAccountName: 'cashier' } })
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'till', uid: aPodUid }

  it('is one of the Pod’s ServiceAccount, for the API server itself, bound to this very Pod', () => {
    assert.deepEqual(tokenRequest(pod, { kind: 'token', audience: '', expirationSeconds: 3607, path: 'token' }), {
      namespace: 'shop',
      serviceAccount: 'cashier',
      spec: { expirationSeconds: 3607, boundObjectRef },
    })
  })

  it('is one for whom the source names', () => {
    const { spec } = tokenRequest(pod, { kind: 'token', audience: 'vault', expirationSeconds: 600, path: 'vault' })
    assert.deepEqual(spec, { audiences: ['vault'], expirationSeconds: 600, boundObjectRef })
  })

  it('names no account where the Pod has none, as a static one', () => {
    const source = { kind: 'token', audience: '', expirationSeconds: 3600, path: 'token' } as const
    assert.equal(tokenRequest(aPod(), source).serviceAccount, '')
  })
})
