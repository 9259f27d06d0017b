import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { pullFailure } from '../../../../src/sync/actions/image-failure.ts'

const image = 'registry.test/app:1'

describe('a failed pull', () => {
  const cases: readonly (readonly [error: KubeletError, reason: string, message: string, told: string])[] = [
    [
      new KubeletError('not-found', 'manifest unknown', { status: 404 }),
      'ErrImagePull',
      'manifest unknown',
      'manifest unknown',
    ],
    [new KubeletError('throttled', 'pull QPS exceeded'), 'ErrImagePull', 'pull QPS exceeded', 'pull QPS exceeded'],
    [
      new KubeletError('unavailable', 'Docker cannot be reached'),
      'ErrImagePull',
      'Docker cannot be reached',
      'Docker cannot be reached',
    ],
    [
      new KubeletError('unavailable', 'bad gateway', { status: 502 }),
      'RegistryUnavailable',
      `image pull failed for ${image} because the registry is unavailable: bad gateway`,
      'RegistryUnavailable: bad gateway',
    ],
    [
      new KubeletError('internal', 'SignatureValidationFailed: no key', { status: 500 }),
      'SignatureValidationFailed',
      `image pull failed for ${image} because the signature validation failed: no key`,
      'SignatureValidationFailed: no key',
    ],
  ]
  for (const [error, reason, message, told] of cases) {
    it(`shows "${error.message}" as ${reason}`, () => {
      assert.deepEqual(pullFailure(image, error), { told, reason, message })
    })
  }
})
