import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { makeRequest, publicKeyOf } from '../../../src/certificates/requests/make-request.ts'
import {
  clientSigner,
  clientTemplate,
  joiningRequestName,
  servingSigner,
  servingTemplate,
  signingUsages,
} from '../../../src/certificates/requests/node-request.ts'
import { generateKeys } from '../../../src/certificates/x509/signing.ts'
import { opensslWith } from '../../support/openssl.ts'

const addresses = [
  { type: 'InternalIP', address: '10.0.0.7' },
  { type: 'ExternalIP', address: '2001:db8::7' },
  { type: 'Hostname', address: 'node-1' },
  { type: 'InternalDNS', address: 'node-1.internal' },
  { type: 'ExternalDNS', address: 'node-1.internal' },
]

describe('What a node asks for', () => {
  it('as a server is a certificate for its names and addresses, in a steady order', () => {
    assert.deepEqual(servingTemplate('node-1', addresses.toReversed()), servingTemplate('node-1', addresses))
    assert.deepEqual(servingTemplate('node-1', addresses), {
      subject: { commonName: 'system:node:node-1', organizations: ['system:nodes'] },
      names: { dnsNames: ['node-1', 'node-1.internal'], ipAddresses: ['10.0.0.7', '2001:db8::7'] },
    })
  })

  it('as a server is nothing as long as it has no IP address', () => {
    assert.equal(servingTemplate('node-1', [{ type: 'Hostname', address: 'node-1' }]), undefined)
    assert.equal(servingTemplate('node-1', [{ type: 'InternalIP', address: '' }]), undefined)
    assert.equal(servingTemplate('node-1', [{ type: 'InternalDNS', address: '10.0.0.7' }]), undefined)
  })

  it('takes a host name that is an address for an address', () => {
    const template = servingTemplate('10.0.0.7', [{ type: 'Hostname', address: '10.0.0.7' }])
    assert.deepEqual(template?.names, { dnsNames: [], ipAddresses: ['10.0.0.7'] })
  })

  it('says that keys are enciphered to old servers, which want it, and where it is true', () => {
    const usages = (version: string, type = 'ec') => signingUsages(clientSigner, type, version)
    assert.deepEqual(usages('v1.20.2'), ['digital signature', 'client auth', 'key encipherment'])
    assert.deepEqual(usages('v1.26.15'), ['digital signature', 'client auth', 'key encipherment'])
    assert.deepEqual(usages('v1.27.0'), ['digital signature', 'client auth'])
    assert.deepEqual(usages('v1.36.1+k3s1'), ['digital signature', 'client auth'])
    assert.deepEqual(usages('unknown'), ['digital signature', 'client auth'])
    assert.deepEqual(usages('v1.36.1', 'rsa'), ['digital signature', 'client auth', 'key encipherment'])
    assert.deepEqual(signingUsages(servingSigner, 'ec', 'v1.36.1'), ['digital signature', 'server auth'])
  })

  it('is known by a name that follows from the key, from whom it is for and from what it is good for', async () => {
    const [one, other] = [generateKeys(), generateKeys()]
    const name = (keys: typeof one, node: string, usages = signingUsages(clientSigner, 'ec', 'v1.36.0')) =>
      joiningRequestName(publicKeyOf(keys.privateKey), clientTemplate(node), usages)
    assert.match(name(one, 'node-1'), /^node-csr-[\w-]{43}$/u)
    assert.equal(name(one, 'node-1'), name(one, 'node-1'))
    assert.notEqual(name(one, 'node-1'), name(other, 'node-1'))
    assert.notEqual(name(one, 'node-1'), name(one, 'node-2'))
    assert.notEqual(name(one, 'node-1'), name(one, 'node-1', ['digital signature']))
  })

  it("has the kubelet's name for the same", () => {
    // Worked out by hand: base64url of each part, a bar behind it, SHA-512/256 of that.
    const name = joiningRequestName(Buffer.from('key'), clientTemplate('n'), ['digital signature', 'client auth'])
    assert.equal(name, 'node-csr-litVUSUtPM4znXCAy-mNiVlLUDyk-MwyFQaIhfgqZnQ')
  })

  it('is a request that openssl verifies and reads as it was meant', async () => {
    const { privateKey } = generateKeys()
    const template = servingTemplate('node-1', addresses)
    assert.ok(template !== undefined)
    const request = makeRequest(template, privateKey)
    const text = await opensslWith({ request }, ['req', '-verify', '-noout', '-text', '-in', '{request}'])
    assert.match(text, /Subject: O = system:nodes, CN = system:node:node-1\n/u)
    const names = 'DNS:node-1, DNS:node-1.internal, IP Address:10.0.0.7, IP Address:2001:DB8:0:0:0:0:0:7'
    assert.ok(text.includes(`${names}\n`), text)
  })

  it('can be asked for with keys that others made', async () => {
    for (const algorithm of ['rsa:2048', 'ec:P-384']) {
      const [type = '', size = ''] = algorithm.split(':')
      const option = type === 'rsa' ? `rsa_keygen_bits:${size}` : `ec_paramgen_curve:${size}`
      const key = await opensslWith({}, ['genpkey', '-algorithm', type, '-pkeyopt', option])
      const request = makeRequest(clientTemplate('node-1'), createPrivateKey(key))
      await opensslWith({ request }, ['req', '-verify', '-noout', '-in', '{request}'])
    }
  })
})
