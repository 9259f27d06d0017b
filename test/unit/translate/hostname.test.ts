import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../../src/model/kube.ts'
import { kernelHostname, podHostname } from '../../../src/translate/hostname.ts'
import { aPod } from '../../builders/pod.ts'

const domain = 'cluster.local'
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
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
    const name = '-'.repeat(64)
    assert.throws(() => podHostname(aPod({ metadata: { name } }), domain), {
      code: 'invalid',
      message: `hostname for pod "${name}" was invalid: "${'-'.repeat(64)}"`,
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

describe('podHostname with a hostnameOverride', () => {
  const overridden = (hostnameOverride: string) =>
    podHostname(aPod({ spec: { hostnameOverride, hostname: 'db-0', subdomain: 'db' } }), domain)

  it('is that, with its dots, whatever hostname and subdomain say', () => {
    assert.deepEqual(overridden('db.example.com'), { hostname: 'db.example.com', domain: '' })
  })

  it('is cut after 63 characters, as the kubelet cuts it, although the API server lets 64 through', () => {
    assert.deepEqual(overridden('a'.repeat(64)), { hostname: 'a'.repeat(63), domain: '' })
    assert.deepEqual(overridden(`${'a'.repeat(62)}.b`), { hostname: 'a'.repeat(62), domain: '' })
  })

  for (const name of ['', 'Db.example.com', 'db..example']) {
    it(`refuses "${name}"`, () => {
      assert.throws(() => overridden(name), {
        code: 'invalid',
        message: `pod HostnameOverride "${name}" is not a valid DNS subdomain: ${subdomainRule}`,
      })
    })
  }
})

describe('kernelHostname', () => {
  const named = (spec: Partial<PodSpec>) => kernelHostname(aPod({ spec }), domain)

  it("is the hostname alone, as long as setHostnameAsFQDN doesn't ask for more", () => {
    assert.equal(named({ hostname: 'db-0', subdomain: 'db' }), 'db-0')
    assert.equal(named({ hostname: 'db-0', subdomain: 'db', setHostnameAsFQDN: false }), 'db-0')
  })

  it('has the domain behind it under setHostnameAsFQDN, where there is one', () => {
    const name = 'db-0.db.default.svc.cluster.local'
    assert.equal(named({ hostname: 'db-0', subdomain: 'db', setHostnameAsFQDN: true }), name)
    assert.equal(named({ hostname: 'db-0', setHostnameAsFQDN: true }), 'db-0')
  })

  it('takes 64 characters with the domain, and no more', () => {
    const behind = '.db.default.svc.cluster.local'
    const longest = 'a'.repeat(64 - behind.length)
    assert.equal(named({ hostname: longest, subdomain: 'db', setHostnameAsFQDN: true }), longest + behind)
    assert.throws(() => named({ hostname: `${longest}a`, subdomain: 'db', setHostnameAsFQDN: true }), {
      code: 'invalid',
      message: `failed to construct FQDN from pod hostname and cluster domain, FQDN ${longest}a${behind} is too long (64 characters is the max, 65 characters requested)`,
    })
  })
})
