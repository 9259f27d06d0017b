import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseApiVersion } from '../../../../src/engine/connection/api-version.ts'
import { KubeletError } from '../../../../src/model/errors.ts'

const docker20 = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' }

describe('chooseApiVersion', () => {
  it('takes what the daemon offers, as long as it is known here', () => {
    assert.equal(chooseApiVersion(docker20), '1.41')
    assert.equal(chooseApiVersion({ Version: '29.0.0', ApiVersion: '1.51', MinAPIVersion: '1.44' }), '1.51')
    assert.equal(chooseApiVersion({ Version: '31.0.0', ApiVersion: '1.60', MinAPIVersion: '1.44' }), '1.51')
  })

  it('refuses a daemon that is too old, comparing numbers and not texts', () => {
    const text = 'Docker 18.09.1 offers API 1.9, 1.41 is needed: update Docker to 20.10 or later'
    assert.throws(
      () => chooseApiVersion({ Version: '18.09.1', ApiVersion: '1.9' }),
      new KubeletError('unsupported', text),
    )
  })

  it('refuses a daemon that asks for more than is known here', () => {
    assert.throws(
      () => chooseApiVersion({ Version: '40.0.0', ApiVersion: '1.80', MinAPIVersion: '1.60' }),
      new KubeletError('unsupported', 'Docker 40.0.0 asks for API 1.60, 1.51 is known here: update minikubelet'),
    )
  })

  it('refuses an answer that is not of a Docker daemon', () => {
    assert.throws(
      () => chooseApiVersion('hello'),
      new KubeletError('internal', `Docker's answer has no object in "version" but "hello"`),
    )
  })
})
