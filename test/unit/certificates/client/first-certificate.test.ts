import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CertificateStore } from '../../../../src/certificates/certificate-store.ts'
import { firstCertificate, hasCertificate } from '../../../../src/certificates/client/first-certificate.ts'
import type { KeyPair } from '../../../../src/certificates/key-pair.ts'
import type { CredentialProvider } from '../../../../src/cluster/credentials.ts'
import type { ApiCredentials } from '../../../../src/cluster/kubeconfig/api-credentials.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { FakeAuthority } from '../../../fakes/fake-authority.ts'
import { issuedPair } from '../../../support/issued-pair.ts'
import { keptLog } from '../../../support/kept-log.ts'

const hour = 3_600_000
const authority = new FakeAuthority()
const pair = (validForMs = hour): Promise<KeyPair> =>
  issuedPair(authority, Date.now() - 2 * hour, Date.now() + validForMs)

/** A kubeconfig with that certificate, in it or in a file. */
function kubeconfig(given: KeyPair | undefined, file?: string): CredentialProvider {
  const credentials: ApiCredentials = {
    server: 'https://10.0.0.1:6443',
    ca: undefined,
    certificate: given?.certificatePem,
    key: given?.keyPem,
    headers: {},
    tlsServerName: undefined,
    insecureSkipTlsVerify: false,
    proxyUrl: undefined,
    expiresAtMs: undefined,
    files: { authority: undefined, certificate: file, key: file, token: undefined },
  }
  return { current: async () => credentials, renewed: async () => credentials, close: () => {} }
}

function refusing(error: Error): CredentialProvider {
  const refuse = () => Promise.reject(error)
  return { current: refuse, renewed: refuse, close: () => {} }
}

async function storeOf(t: TestContext): Promise<CertificateStore> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'first-certificate-'))
  t.after(() => folder.remove())
  return new CertificateStore(folder.path, 'kubelet-client')
}

describe('A kubeconfig', () => {
  const has = (credentials: CredentialProvider, signal: AbortSignal): Promise<boolean> =>
    hasCertificate(credentials, { kubeconfig: '/kubeconfig', log: keptLog().log }, signal)

  it('makes a node of whoever has one with a certificate that has not ended', async ({ signal }) => {
    assert.equal(await has(kubeconfig(await pair()), signal), true)
    assert.equal(await has(kubeconfig(await pair(-hour)), signal), false)
  })

  it('makes none where it is missing, has no certificate, or one with the key of another', async ({ signal }) => {
    assert.equal(await has(refusing(new KubeletError('configuration', 'Cannot read it')), signal), false)
    assert.equal(await has(kubeconfig(undefined), signal), false)
    const [one, other] = await Promise.all([pair(), pair()])
    assert.equal(await has(kubeconfig({ ...one, keyPem: other.keyPem }), signal), false)
  })

  it('is not judged when the agent is to end', async ({ signal }) => {
    await assert.rejects(has(refusing(new KubeletError('aborted', 'Stopped')), signal), (error) =>
      KubeletError.is(error, 'aborted'),
    )
  })
})

describe('A node that renews its certificate', () => {
  it('begins with the one that it got last, whatever its kubeconfig says', async (t) => {
    const store = await storeOf(t)
    const stored = await pair()
    await store.update(stored, Date.now())
    const { first, isProvisional } = await firstCertificate(store, kubeconfig(await pair()), t.signal)
    assert.deepEqual([first?.certificatePem, isProvisional], [stored.certificatePem, false])
  })

  it("begins with the kubeconfig's where that one has ended", async (t) => {
    const store = await storeOf(t)
    await store.update(await pair(-hour), Date.now())
    const given = await pair()
    const { first, isProvisional } = await firstCertificate(store, kubeconfig(given, '/tls.pem'), t.signal)
    assert.deepEqual([first?.certificatePem, isProvisional], [given.certificatePem, false])
  })

  it('stores one that is in the kubeconfig itself, and replaces it at once', async (t) => {
    const store = await storeOf(t)
    const given = await pair()
    const { first, isProvisional } = await firstCertificate(store, kubeconfig(given), t.signal)
    assert.deepEqual([first?.certificatePem, isProvisional], [given.certificatePem, true])
    assert.equal((await store.current())?.certificatePem, given.certificatePem)
  })

  it('asks for its first one as whoever the kubeconfig says, where that has none', async (t) => {
    const { first, isProvisional } = await firstCertificate(await storeOf(t), kubeconfig(undefined), t.signal)
    assert.deepEqual([first, isProvisional], [undefined, true])
  })

  it('does not start with a certificate that cannot be used', async (t) => {
    const [one, other, store] = await Promise.all([pair(), pair(), storeOf(t)])
    await assert.rejects(firstCertificate(store, kubeconfig({ ...one, keyPem: other.keyPem }), t.signal), (error) => {
      assert.ok(KubeletError.is(error, 'configuration'))
      const text =
        'Cannot use the client certificate of the kubeconfig (--kubeconfig): private key does not match public key'
      assert.equal(error.message, text)
      return true
    })
  })
})
