import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { describe, it, type TestContext } from 'node:test'
import { TLSSocket } from 'node:tls'
import { RotatedCredentials } from '../../../../src/certificates/client/rotated-credentials.ts'
import type { KeyPair } from '../../../../src/certificates/key-pair.ts'
import type { CredentialProvider } from '../../../../src/cluster/credentials.ts'
import { KubeClient } from '../../../../src/cluster/kube-client.ts'
import type { ApiCredentials } from '../../../../src/cluster/kubeconfig/api-credentials.ts'
import { FakeAuthority } from '../../../fakes/fake-authority.ts'
import { issuedPair } from '../../../support/issued-pair.ts'
import { selfSigned } from '../../../support/self-signed.ts'

const hour = 3_600_000
const authority = new FakeAuthority()
const pair = (validForMs = hour): Promise<KeyPair> => issuedPair(authority, Date.now() - hour, Date.now() + validForMs)

const inKubeconfig: ApiCredentials = {
  server: 'https://10.0.0.1:6443',
  ca: undefined,
  certificate: 'of the kubeconfig',
  key: 'of the kubeconfig',
  headers: {},
  tlsServerName: undefined,
  insecureSkipTlsVerify: true,
  proxyUrl: undefined,
  expiresAtMs: undefined,
  files: { authority: undefined, certificate: undefined, key: undefined, token: undefined },
}

function always(credentials: ApiCredentials): CredentialProvider {
  return { current: async () => credentials, renewed: async () => credentials, close: () => {} }
}

/** An API server that answers with the serial number of the certificate that it was shown. */
async function serial(t: TestContext): Promise<string> {
  const server = createServer(
    { ...selfSigned, requestCert: true, rejectUnauthorized: false },
    ({ socket }, response) => {
      response.end(JSON.stringify(socket instanceof TLSSocket ? socket.getPeerCertificate().serialNumber : ''))
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  return `https://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
}

describe('Credentials with a certificate that is renewed', () => {
  it('are those of the kubeconfig without one, and where it has ended', async ({ signal }) => {
    const credentials = new RotatedCredentials(always(inKubeconfig))
    assert.equal(await credentials.current(signal), inKubeconfig)
    credentials.use(await pair(-1000))
    assert.equal(await credentials.current(signal), inKubeconfig)
  })

  it('are one object as long as nothing changes, also when they are refused', async ({ signal }) => {
    const credentials = new RotatedCredentials(always(inKubeconfig))
    const first = await pair()
    credentials.use(first)
    const used = await credentials.current(signal)
    assert.deepEqual(used, { ...inKubeconfig, certificate: first.certificatePem, key: first.keyPem })
    assert.equal(await credentials.current(signal), used)
    assert.equal(await credentials.renewed(signal), used)
    credentials.use(await pair())
    assert.notEqual(await credentials.current(signal), used)
  })

  it('are shown to the API server with the next request, without a restart', async (t) => {
    const server = await serial(t)
    const [first, second] = await Promise.all([pair(), pair()])
    const credentials = new RotatedCredentials(always({ ...inKubeconfig, server }))
    const client = new KubeClient({ credentials, userAgent: 'test', onAnswer: () => {} })
    t.after(() => client.close())
    const shown = () => client.request({ what: 'ask', method: 'GET', path: '/' }, t.signal)
    credentials.use(first)
    assert.deepEqual([await shown(), await shown()], [first.leaf.serialNumber, first.leaf.serialNumber])
    credentials.use(second)
    assert.equal(await shown(), second.leaf.serialNumber)
  })
})
