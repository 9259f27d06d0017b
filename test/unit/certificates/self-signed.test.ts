import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { makeSelfSigned } from '../../../src/certificates/self-signed.ts'
import { pemBlocks } from '../../../src/certificates/x509/pem.ts'
import { opensslWith } from '../../support/openssl.ts'

const nowMs = Date.parse('2026-05-01T12:00:00Z')
const options = {
  commonName: 'node-1@1777636800',
  dnsNames: ['node-1'],
  ipAddresses: ['10.0.0.7', 'fd00::7'],
  nowMs,
  days: 365,
}

describe('A self-signed serving certificate', () => {
  it('has its names, and an issuer of its own', async () => {
    const { certificatePem } = await makeSelfSigned(options)
    const [serving = '', issuer = ''] = pemBlocks(certificatePem, /^CERTIFICATE$/u)
    const certificate = new X509Certificate(serving)
    assert.equal(certificate.subject, 'CN=node-1@1777636800')
    assert.equal(certificate.issuer, 'CN=node-1-ca@1777636800')
    assert.equal(certificate.subjectAltName, 'DNS:node-1, IP Address:10.0.0.7, IP Address:FD00:0:0:0:0:0:0:7')
    assert.ok(certificate.checkIssued(new X509Certificate(issuer)))
    assert.ok(certificate.verify(new X509Certificate(issuer).publicKey))
    assert.equal(new X509Certificate(issuer).ca, true)
    assert.equal(certificate.ca, false)
  })

  it('is valid for so many days, from an hour before', async () => {
    const certificate = new X509Certificate((await makeSelfSigned(options)).certificatePem)
    assert.equal(certificate.validFromDate.toISOString(), '2026-05-01T11:00:00.000Z')
    assert.equal(certificate.validToDate.toISOString(), '2027-05-01T11:00:00.000Z')
  })

  it('may end after the year 2049', async () => {
    const certificate = new X509Certificate((await makeSelfSigned({ ...options, days: 36_500 })).certificatePem)
    assert.equal(certificate.validToDate.toISOString(), '2126-04-07T11:00:00.000Z')
  })

  it('belongs to its key', async () => {
    const { certificatePem, keyPem } = await makeSelfSigned(options)
    assert.ok(new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem)))
  })

  it('is one that openssl verifies strictly, as a server of each of its names', async () => {
    const { certificatePem } = await makeSelfSigned(options)
    const [serving = '', issuer = ''] = pemBlocks(certificatePem, /^CERTIFICATE$/u)
    for (const name of [
      ['-verify_hostname', 'node-1'],
      ['-verify_ip', 'fd00::7'],
    ]) {
      const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-attime', String(nowMs / 1000), ...name]
      const said = await opensslWith({ issuer, serving }, [...args, '-CAfile', '{issuer}', '{serving}'])
      assert.match(said, /: OK\n$/u)
    }
  })
})
