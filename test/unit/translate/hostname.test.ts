import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podHostname } from '../../../src/translate/hostname.ts'
import { aPod } from '../../builders/pod.ts'

const domain = 'cluster.local'
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " +
  "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

describe('podHostname', () => {
  it("is the Pod's name, without a domain", () => {
    assert.deepEqual(podHostname(aPod(), domain), { hostname: 'web', domain: '' })
  })

  it("is the hostname of the spec, in the subdomain's domain", () => {
    const pod = aPod({ spec: { hostname: 'db-0', subdomain: 'db' } })
    assert.deepEqual(podHostname(pod, domain), { hostname: 'db-0', domain: 'db.default.svc.cluster.local' })
  })

  it('takes an empty hostname and an empty subdomain for none', () => {
    assert.deepEqual(podHostname(aPod({ spec: { hostname: '', subdomain: '' } }), domain), {
      hostname: 'web',
      domain: '',
    })
  })

  const names: readonly (readonly [title: string, name: string, hostname: string])[] = [
    ['keeps a name of 63 characters', 'a'.repeat(63), 'a'.repeat(63)],
    ['cuts a name after 63 characters', 'a'.repeat(253), 'a'.repeat(63)],
    ['takes off the dash that a cut left at the end', `${'a'.repeat(62)}-b`, 'a'.repeat(62)],
    ['takes off every dash and dot that a cut left at the end', `${'a'.repeat(59)}.-.-b`, 'a'.repeat(59)],
    ['keeps dots inside a name', 'web.v1', 'web.v1'],
  ]
  for (const [title, name, hostname] of names) {
    it(title, () => assert.deepEqual(podHostname(aPod({ metadata: { name } }), domain), { hostname, domain: '' }))
  }

  it('refuses a name of which nothing is left', () => {
    assert.throws(() => podHostname(aPod({ metadata: { name: '---' } }), domain), {
      code: 'invalid',
      message: 'hostname for pod "---" was invalid: "---"',
    })
  })

  for (const hostname of ['Web', 'web.v1', '-web', 'web-', 'wéb']) {
    it(`refuses the hostname "${hostname}"`, () => {
      assert.throws(() => podHostname(aPod({ spec: { hostname } }), domain), {
        code: 'invalid',
        message: `pod Hostname "${hostname}" is not a valid DNS label: ${labelRule}`,
      })
    })
  }

  it('refuses a hostname of 64 characters', () => {
    const hostname = 'a'.repeat(64)
    assert.throws(() => podHostname(aPod({ spec: { hostname } }), domain), {
      code: 'invalid',
      message: `pod Hostname "${hostname}" is not a valid DNS label: must be no more than 63 bytes`,
    })
  })

  it('refuses a subdomain that is no DNS label', () => {
    assert.throws(() => podHostname(aPod({ spec: { subdomain: 'a.b' } }), domain), {
      code: 'invalid',
      message: `pod Subdomain "a.b" is not a valid DNS label: ${labelRule}`,
    })
  })
})
