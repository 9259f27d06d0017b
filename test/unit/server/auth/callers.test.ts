import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anonymous, authenticated, callerOfCertificate } from '../../../../src/server/auth/callers.ts'

const sha256 = 'AB:01:FF'
const extra = { 'authentication.kubernetes.io/credential-id': ['X509SHA256=ab01ff'] }

describe('the caller whom a certificate names', () => {
  it('is its common name, in the groups that are its organizations', () => {
    const subject = { CN: 'anna', O: ['staff', 'system:masters'], OU: 'kitchen' }
    const caller = { name: 'anna', uid: '', groups: ['staff', 'system:masters'], extra }
    assert.deepEqual(callerOfCertificate(subject, sha256), caller)
    assert.deepEqual(callerOfCertificate({ CN: 'anna', O: 'staff' }, sha256), { ...caller, groups: ['staff'] })
    assert.deepEqual(callerOfCertificate({ CN: 'anna' }, sha256), { ...caller, groups: [] })
  })

  it('is the last of several common names', () => {
    assert.partialDeepStrictEqual(callerOfCertificate({ CN: ['anna', 'bert'] }, sha256), { name: 'bert' })
  })

  it('is nobody without one', () => {
    for (const subject of [{}, { O: 'system:masters' }, { CN: '', O: 'system:masters' }]) {
      assert.equal(callerOfCertificate(subject, sha256), undefined)
    }
  })

  it('has the UID that the certificate says, if it says one', () => {
    const uid = '1.3.6.1.4.1.57683.2'
    assert.partialDeepStrictEqual(callerOfCertificate({ CN: 'anna', [uid]: '7' }, sha256), { uid: '7' })
    const several = callerOfCertificate({ CN: 'anna', [uid]: ['7', '8'] }, sha256)
    assert.equal(several, 'expected 1 UID, but found multiple: 7 8')
    assert.equal(callerOfCertificate({ CN: 'anna', [uid]: '' }, sha256), 'UID cannot be an empty string')
  })
})

describe('a caller who was recognized', () => {
  it('is in the group of all such, unless its groups say already which it is in', () => {
    const groupsOf = (name: string, groups: readonly string[]): readonly string[] =>
      authenticated({ name, uid: '', groups, extra: {} }).groups
    assert.deepEqual(groupsOf('anna', ['staff']), ['staff', 'system:authenticated'])
    assert.deepEqual(groupsOf('anna', ['system:authenticated']), ['system:authenticated'])
    assert.deepEqual(groupsOf('anna', ['system:unauthenticated']), ['system:unauthenticated'])
    assert.deepEqual(groupsOf('system:anonymous', []), [])
    assert.deepEqual(authenticated(anonymous).groups, ['system:unauthenticated'])
  })
})
