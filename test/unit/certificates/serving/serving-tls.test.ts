import assert from 'node:assert/strict'
import { mkdtempDisposable, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { openServingTls } from '../../../../src/certificates/serving/open-serving-tls.ts'
import { ServingTls } from '../../../../src/certificates/serving/serving-tls.ts'
import type { CertificateConfig } from '../../../../src/config/config.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { Listeners } from '../../../../src/util/listeners.ts'
import { cipherSuites } from '../../../../src/util/tls-names.ts'
import { FakeAuthority } from '../../../fakes/fake-authority.ts'
import { Feed } from '../../../support/feed.ts'
import { issuedPair } from '../../../support/issued-pair.ts'
import { keptLog } from '../../../support/kept-log.ts'
import { TlsServer } from '../../../support/tls-server.ts'
import { defaults } from '../../config/loading.ts'

const nowMs = Date.now()
const authority = new FakeAuthority()

/** Served with a certificate of P-256, or of what else is given. */
async function served(config: Partial<CertificateConfig> = {}): Promise<TlsServer> {
  const pair = await issuedPair(authority, nowMs, nowMs + 3_600_000)
  const certificates = { ...defaults.certificates, ...config }
  return TlsServer.listen(
    new ServingTls({
      config: certificates,
      certificate: () => pair,
      clientAuthority: () => authority.certificatePem,
      changes: new Listeners(),
    }),
  )
}

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'serving-tls-'))
  t.after(() => folder.remove())
  return folder.path
}

describe('The TLS of the HTTPS port', { timeout: 60_000 }, () => {
  it('is 1.2 or 1.3 unless something else is said', async () => {
    await using server = await served()
    assert.equal((await server.greet()).version, 'TLSv1.3')
    assert.equal((await server.greet({ maxVersion: 'TLSv1.2' })).version, 'TLSv1.2')
    await assert.rejects(server.greet({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }))
  })

  it('is never older than 1.2, and not older than 1.3 where that is the least', async () => {
    await using old = await served({ minVersion: 'VersionTLS10' })
    await assert.rejects(old.greet({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }))
    assert.equal((await old.greet({ maxVersion: 'TLSv1.2' })).version, 'TLSv1.2')
    await using newest = await served({ minVersion: 'VersionTLS13' })
    await assert.rejects(newest.greet({ maxVersion: 'TLSv1.2' }))
    assert.equal((await newest.greet()).version, 'TLSv1.3')
  })

  it('has the cipher suites that were chosen for 1.2, and all of 1.3', async () => {
    await using server = await served({ cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'] })
    const { cipher } = await server.greet({ maxVersion: 'TLSv1.2' })
    assert.equal(cipher, 'ECDHE-ECDSA-AES256-GCM-SHA384')
    await assert.rejects(server.greet({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }))
    assert.equal((await server.greet()).version, 'TLSv1.3')
  })

  it('is 1.3 alone where only suites of 1.3 were chosen', async () => {
    await using server = await served({ cipherSuites: ['TLS_AES_128_GCM_SHA256'] })
    assert.equal((await server.greet()).version, 'TLSv1.3')
    await assert.rejects(server.greet({ maxVersion: 'TLSv1.2' }))
  })

  it('knows every cipher suite that can be chosen', async () => {
    for (const name of Object.keys(cipherSuites)) {
      await using server = await served({ cipherSuites: [name] })
      assert.equal((await server.greet()).version, 'TLSv1.3', name)
    }
  })

  it('has no connection for anybody as long as there is no certificate, and says why', async () => {
    const pair = await issuedPair(authority, nowMs, nowMs + 3_600_000)
    const [state, changes]: [{ pair?: typeof pair }, Listeners] = [{}, new Listeners()]
    const tls = new ServingTls({
      config: defaults.certificates,
      certificate: () => state.pair,
      clientAuthority: () => undefined,
      changes,
    })
    await using server = await TlsServer.listen(tls)
    await assert.rejects(server.greet())
    assert.equal(tls.missing(), 'no serving certificate available for the kubelet')
    state.pair = pair
    changes.tell()
    assert.equal((await server.greet()).certificate.serialNumber, pair.leaf.serialNumber)
    assert.equal(tls.missing(), undefined)
  })

  it('knows the clients for whom the file vouches, as it is now', async (t) => {
    const folder = await folderOf(t)
    const [path, other] = [join(folder, 'ca.crt'), new FakeAuthority()]
    await writeFile(path, authority.certificatePem)
    const config = { ...defaults, clientCaFile: path, certificates: { ...defaults.certificates, folder } }
    const { log, lines } = keptLog()
    using tls = await openServingTls({
      config,
      authority: () => undefined,
      requested: undefined,
      changes: new Listeners(),
      nowMs,
      log,
    })
    await using server = await TlsServer.listen(tls)
    const said = async (by: FakeAuthority): Promise<string> => {
      const { certificatePem: cert, keyPem: key } = await issuedPair(by, nowMs, nowMs + 3_600_000)
      return (await server.greet({ cert, key })).said
    }
    assert.deepEqual([await said(authority), await said(other)], ['known', 'unknown'])
    const changes = new Feed<'changed'>('Changes of the TLS')
    using _ = tls.onChange(() => changes.push('changed'))
    await writeFile(`${path}.new`, other.certificatePem)
    await rename(`${path}.new`, path)
    await changes.first('a change', () => true)
    assert.deepEqual([await said(authority), await said(other)], ['unknown', 'known'])
    await writeFile(path, 'nonsense')
    await lines.first('a fault', ({ message }) => message.endsWith('those before stay in use'))
    assert.deepEqual([await said(authority), await said(other)], ['unknown', 'known'])
  })

  it('needs a file that vouches for clients, where one is named', async (t) => {
    const folder = await folderOf(t)
    const config = {
      ...defaults,
      clientCaFile: join(folder, 'ca.crt'),
      certificates: { ...defaults.certificates, folder },
    }
    const { log } = keptLog()
    await assert.rejects(
      openServingTls({
        config,
        authority: () => undefined,
        requested: undefined,
        changes: new Listeners(),
        nowMs,
        log,
      }),
      (error) => {
        assert.ok(KubeletError.is(error, 'configuration'))
        assert.match(
          error.message,
          /^unable to load client CA file ".*ca\.crt" \(--client-ca-file\): open .*: no such file/u,
        )
        return true
      },
    )
  })

  it("knows the clients of the cluster's authority where no file is named, and is self-signed where nothing is", async (t) => {
    const folder = await folderOf(t)
    const config = { ...defaults, nodeName: 'node-1', certificates: { ...defaults.certificates, folder } }
    const { log } = keptLog()
    const options = { config, authority: () => authority.certificatePem, requested: undefined, nowMs, log }
    const changes = new Listeners()
    using tls = await openServingTls({ ...options, changes })
    await using server = await TlsServer.listen(tls)
    const { certificatePem: cert, keyPem: key } = await issuedPair(authority, nowMs, nowMs + 3_600_000)
    const { said, certificate } = await server.greet({ cert, key })
    assert.equal(said, 'known')
    assert.equal(certificate.subject.CN, `node-1@${Math.floor(nowMs / 1000)}`)
    assert.equal((await server.greet()).said, 'unknown')
  })
})
