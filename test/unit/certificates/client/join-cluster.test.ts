import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CertificateStore } from '../../../../src/certificates/certificate-store.ts'
import { joinCluster } from '../../../../src/certificates/client/join-cluster.ts'
import { nodeKubeconfig } from '../../../../src/certificates/client/node-kubeconfig.ts'
import type { ApiCredentials } from '../../../../src/cluster/kubeconfig/api-credentials.ts'
import { resolveCredentials } from '../../../../src/cluster/resolve-credentials.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { FakeApiServer } from '../../../fakes/fake-api-server.ts'
import { FakeCluster, type ClusterCall } from '../../../fakes/fake-cluster.ts'
import { issuedPair } from '../../../support/issued-pair.ts'
import { keptLog } from '../../../support/kept-log.ts'

const hour = 3_600_000

const bootstrap: ApiCredentials = {
  server: 'https://10.0.0.1:6443',
  ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  certificate: undefined,
  key: undefined,
  headers: { authorization: 'Bearer secret' },
  tlsServerName: 'kubernetes',
  insecureSkipTlsVerify: false,
  proxyUrl: undefined,
  expiresAtMs: undefined,
  files: { authority: undefined, certificate: undefined, key: undefined, token: undefined },
}

/** A machine that joins; requests are approved at once unless `approver` is set to something else. */
async function machine(t: TestContext) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'join-cluster-'))
  t.after(() => folder.remove())
  const [pki, kubeconfig] = [join(folder.path, 'pki'), join(folder.path, 'kubeconfig')]
  const server = new FakeApiServer()
  server.signing.approver = ({ metadata }) => server.signing.issue(metadata.name, Date.now() - hour, Date.now() + hour)
  const state: { onList?: () => void } = {}
  const before = ({ method }: ClusterCall): void => {
    if (method === 'signingRequests.list') state.onList?.()
  }
  const source = new FakeCluster({ server, before })
  const store = new CertificateStore(pki, 'kubelet-client')
  const { log, lines } = keptLog()
  const parts = { source, credentials: bootstrap, nodeName: 'node-1', folder: pki, store, kubeconfig, log }
  return {
    pki,
    kubeconfig,
    server,
    state,
    store,
    lines,
    names: () => server.signing.requests.map(({ metadata }) => metadata.name),
    keyFile: join(pki, 'kubelet-client.key.tmp'),
    join: (signal: AbortSignal = t.signal) => joinCluster(parts, signal),
  }
}

function failsWith(code: KubeletError['code'], text: RegExp) {
  return (error: unknown): true => {
    assert.ok(KubeletError.is(error, code), String(error))
    assert.match(error.message, text)
    return true
  }
}

describe('Joining a cluster', () => {
  it('leaves a certificate, and a kubeconfig that names it and the server', async (t) => {
    const node = await machine(t)
    await node.join()
    const pair = await node.store.current()
    const { server, ca, certificate, key, headers, tlsServerName } = await resolveCredentials(node.kubeconfig)
    assert.deepEqual([server, ca, tlsServerName, headers], [bootstrap.server, bootstrap.ca, 'kubernetes', {}])
    assert.ok(certificate?.startsWith(pair?.certificatePem ?? '?'))
    assert.ok(key?.endsWith(pair?.keyPem ?? '?'))
    assert.equal((await readdir(node.pki)).length, 2)
  })

  it('names the file of the authority where the bootstrap kubeconfig does', async (t) => {
    const { kubeconfig } = await machine(t)
    const files = { ...bootstrap.files, authority: `${kubeconfig}.ca` }
    await writeFile(files.authority, bootstrap.ca ?? '')
    await writeFile(`${kubeconfig}.pem`, '')
    const text = nodeKubeconfig({ ...bootstrap, files, proxyUrl: 'http://proxy:3128' }, `${kubeconfig}.pem`)
    await writeFile(kubeconfig, text)
    const resolved = await resolveCredentials(kubeconfig)
    assert.equal(resolved.files.authority, files.authority)
    assert.equal(resolved.proxyUrl, 'http://proxy:3128')
  })

  it('waits with the key and the request that it had, when it was interrupted', async (t) => {
    const node = await machine(t)
    node.server.signing.approver = undefined
    for (const _ of [1, 2]) {
      const stop = new AbortController()
      const joining = node.join(stop.signal)
      await node.lines.first('a word about waiting', ({ message }) => message.includes('waits until that is approved'))
      stop.abort()
      await assert.rejects(joining, failsWith('aborted', /./u))
    }
    const key = await readFile(node.keyFile, 'utf8')
    const [name = '', ...more] = node.names()
    assert.deepEqual(more, [])
    node.server.signing.issue(name, Date.now() - hour, Date.now() + hour)
    await node.join()
    assert.equal((await node.store.current())?.keyPem, key)
    assert.deepEqual(await readdir(node.pki).then((files) => files.filter((file) => file.endsWith('.tmp'))), [])
  })

  it('goes on when it was killed after the certificate was stored and before the kubeconfig was written', async (t) => {
    const node = await machine(t)
    await node.join()
    const before = await node.store.current()
    await rm(node.kubeconfig)
    await node.join()
    assert.equal(node.names().length, 1)
    assert.equal((await node.store.current())?.certificatePem, before?.certificatePem)
    await readFile(node.kubeconfig)
  })

  it('asks with a new key where the request of the old one was signed for a time that is over', async (t) => {
    const node = await machine(t)
    node.server.signing.approver = ({ metadata }) => {
      const isFirst = node.names().length === 1
      node.server.signing.issue(metadata.name, Date.now() - 2 * hour, Date.now() + (isFirst ? -hour : hour))
    }
    await assert.rejects(node.join(), failsWith('conflict', /^the certificate for the CSR has expired$/u))
    await node.join()
    assert.equal(node.names().length, 2)
    assert.notEqual(await node.store.current(), undefined)
  })

  it("asks with a new key where somebody else's request has its name", async (t) => {
    const node = await machine(t)
    node.server.signing.approver = undefined
    const stop = new AbortController()
    const joining = node.join(stop.signal)
    await node.lines.first('a word about waiting', ({ message }) => message.includes('waits until that is approved'))
    stop.abort()
    await assert.rejects(joining)
    const [name = ''] = node.names()
    const theirs = { ...node.server.signing.drafts[0], name, signerName: 'kubernetes.io/kubelet-serving' } as const
    node.server.signing.delete(name)
    node.server.signing.create({ usages: [], request: '', ...theirs })
    node.server.signing.approver = ({ metadata }) =>
      node.server.signing.issue(metadata.name, Date.now() - hour, Date.now() + hour)
    await node.join()
    assert.equal(node.names().length, 2)
  })

  it('asks with the key of a certificate that has ended', async (t) => {
    const node = await machine(t)
    const ended = await issuedPair(node.server.signing.authority, Date.now() - 2 * hour, Date.now() - hour)
    await node.store.update(ended, Date.now() - hour)
    await node.join()
    assert.equal((await node.store.current())?.keyPem, ended.keyPem)
  })

  it('makes a key of its own where the one that is kept cannot be used', async (t) => {
    const node = await machine(t)
    await mkdir(node.pki)
    await writeFile(node.keyFile, 'nonsense')
    await node.join()
    assert.notEqual(await node.store.current(), undefined)
  })

  it('ends when the request is denied, and keeps the key: the next start hears the same', async (t) => {
    const node = await machine(t)
    node.server.signing.approver = ({ metadata }) =>
      node.server.signing.decide(metadata.name, { kind: 'denied', reason: 'No', message: 'not you' })
    const refusal = failsWith('forbidden', /is denied, reason: No, message: not you$/u)
    await assert.rejects(node.join(), refusal)
    await assert.rejects(node.join(), refusal)
    assert.equal(node.names().length, 1)
  })

  it('ends when the request fails, and when it is deleted', async (t) => {
    const node = await machine(t)
    node.server.signing.approver = ({ metadata }) =>
      node.server.signing.decide(metadata.name, { kind: 'failed', reason: 'Bad', message: 'no such signer' })
    await assert.rejects(node.join(), failsWith('forbidden', / failed, reason: Bad, message: no such signer$/u))
    node.server.signing.delete(node.names()[0] ?? '')
    node.server.signing.approver = ({ metadata }) => node.server.signing.delete(metadata.name)
    await assert.rejects(node.join(), failsWith('not-found', /^csr ".*" was deleted$/u))
  })

  it('ends when another request has taken the place of its own while it was not looking', async (t) => {
    const node = await machine(t)
    const { signing } = node.server
    signing.approver = undefined
    node.state.onList = () => {
      const [draft] = signing.drafts
      assert.ok(draft !== undefined)
      signing.delete(node.names()[0] ?? '')
      signing.create(draft)
    }
    await assert.rejects(node.join(), failsWith('conflict', /^csr ".*" changed UIDs$/u))
  })

  it('ends where the kubeconfig cannot be written, and says which', async (t) => {
    const node = await machine(t)
    await mkdir(node.kubeconfig)
    await assert.rejects(node.join(), failsWith('configuration', /^Cannot write ".*kubeconfig": /u))
  })
})
