import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  allowlistFault,
  requiresVerification,
  type VerificationPolicy,
} from '../../../src/model/verification-policy.ts'

const allowlist = ['registry.test/team/*', 'registry.test:5000/app', 'busybox']

describe('an image that is on the machine', () => {
  const cases: readonly (readonly [VerificationPolicy['name'], isPulledByUs: boolean, isVerified: boolean])[] = [
    ['NeverVerify', true, false],
    ['NeverVerify', false, false],
    ['NeverVerifyPreloadedImages', true, true],
    ['NeverVerifyPreloadedImages', false, false],
    ['NeverVerifyAllowlistedImages', true, true],
    ['NeverVerifyAllowlistedImages', false, true],
    ['AlwaysVerify', true, true],
    ['AlwaysVerify', false, true],
  ]
  for (const [name, isPulledByUs, isVerified] of cases) {
    it(`is ${isVerified ? '' : 'not '}verified under ${name} when it was pulled by ${isPulledByUs ? 'us' : 'others'}`, () => {
      assert.equal(requiresVerification({ name, allowlist }, 'other.test/app:1', isPulledByUs), isVerified)
    })
  }

  const names: readonly (readonly [image: string, isListed: boolean])[] = [
    ['registry.test/team/app:1', true],
    ['registry.test/team/deep/app', true],
    ['registry.test/teams/app', false],
    ['registry.test/team', false],
    ['registry.test:5000/app:1', true],
    [`registry.test:5000/app@sha256:${'a'.repeat(64)}`, true],
    ['registry.test:5000/app2', false],
    ['busybox', true],
    ['busybox:1.36', true],
    ['docker.io/library/busybox', false],
  ]
  for (const [image, isListed] of names) {
    it(`is ${isListed ? '' : 'not '}on the list: ${image.slice(0, 40)}`, () => {
      const policy: VerificationPolicy = { name: 'NeverVerifyAllowlistedImages', allowlist }
      assert.equal(requiresVerification(policy, image, true), !isListed)
    })
  }
})

it('an item of the allow list is a name, or all below one', () => {
  for (const pattern of allowlist) assert.equal(allowlistFault(pattern), undefined)
  for (const [pattern, fault] of [
    ['', 'is empty'],
    [' a', 'has blanks around it'],
    ['/*', 'names no registry'],
    ['*', 'has a "*" elsewhere than in a "/*" at its end'],
    ['a/*/b', 'has a "*" elsewhere than in a "/*" at its end'],
    ['a/*/*', 'has a "*" elsewhere than in a "/*" at its end'],
    ['a:1', 'has a tag or a digest'],
    [`a@sha256:${'a'.repeat(64)}`, 'has a tag or a digest'],
    ['A b', 'is no name of an image: invalid reference format: repository name (library/A b) must be lowercase'],
  ] as const) {
    assert.equal(allowlistFault(pattern), fault)
  }
})
