import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sysctlPatterns } from '../../../../src/config/values/sysctl-patterns.ts'

const refusal = (expected: string) => ({ kind: 'fault', expected })

describe('sysctls that may be set', () => {
  it('are names and what names begin with', () => {
    const value = ['kernel.msgmax', 'net.core.*', 'kernel.shm*', 'net/ipv4/*']
    assert.deepEqual(sysctlPatterns.fromFlag(['kernel.msgmax,net.core.*', 'kernel.shm*,net/ipv4/*']), {
      kind: 'value',
      value,
    })
    assert.deepEqual(sysctlPatterns.fromFile(value), { kind: 'value', value })
  })

  for (const wrong of ['*.core', 'Net.core', 'net..core', 'net.core.', 'net.*.x']) {
    it(`are refused as "${wrong}"`, () => {
      const expected = `names of sysctls such as "kernel.msgmax" or "net.core.*", and "${wrong}" is none`
      assert.deepEqual(sysctlPatterns.fromFlag([wrong]), refusal(expected))
    })
  }

  it('are refused where Pods have none of their own', () => {
    const expected = 'sysctls that a Pod can have for itself, and "kernel.panic" is shared by all of the host'
    assert.deepEqual(sysctlPatterns.fromFlag(['net.core.*,kernel.panic']), refusal(expected))
    assert.equal(sysctlPatterns.fromFlag(['*']).kind, 'fault')
  })
})
