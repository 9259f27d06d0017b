import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it, type TestContext } from 'node:test'
import { KubeClient } from '../../src/cluster/kube-client.ts'
import type { ApiCredentials } from '../../src/cluster/kubeconfig/api-credentials.ts'
import { resolveCredentials } from '../../src/cluster/resolve-credentials.ts'
import { KubeletError, type ErrorCode } from '../../src/model/errors.ts'
import { clusterHarness, type RealClusterHarness } from './cluster-harness.ts'

let harness: RealClusterHarness
let usual: ApiCredentials
before(async () => {
  harness = await clusterHarness()
  usual = await resolveCredentials(harness.kubeconfig)
})
after(() => harness[Symbol.asyncDispose]())

/** Asks for the node's Pods, which only the node may, with these credentials in place of its own. */
async function ask(t: TestContext, change: Partial<ApiCredentials>): Promise<unknown> {
  const credentials = { ...usual, ...change }
  const provider = { current: async () => credentials, renewed: async () => credentials, close: () => {} }
  const client = new KubeClient({ credentials: provider, userAgent: 'minikubelet-test' })
  t.after(() => client.close())
  const path = `/api/v1/pods?fieldSelector=spec.nodeName=${harness.nodeName}`
  return client.request({ what: 'list', method: 'GET', path }, t.signal)
}

async function refuses(promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(KubeletError.is(error, code), String(error))
    assert.match(error.message, message)
    return true
  })
}

interface Proxy {
  readonly url: string
  /** Where it was asked to connect to; it always connects to the API server. */
  readonly asked: readonly (string | undefined)[]
}

/** A proxy for TLS, which ends with the test. */
async function openProxy(t: TestContext): Promise<Proxy> {
  const asked: (string | undefined)[] = []
  const { hostname, port } = new URL(usual.server)
  const server = createServer().listen(0, '127.0.0.1')
  server.on('connect', ({ url }: IncomingMessage, client: Socket) => {
    asked.push(url)
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    t.after(() => upstream.destroy())
  })
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') assert.fail('the proxy listens on a port')
  return { url: `http://127.0.0.1:${address.port}`, asked }
}

describe('the connection to a real API server', { timeout: 120_000 }, () => {
  it('knows when the certificate of the node ends', () => {
    assert.ok((usual.expiresAtMs ?? 0) > Date.now())
  })

  it('is refused when the authority is another one, with a word on where to look', async (t) => {
    const message =
      /^Cannot list: no connection to https:.*: .*certificate.*; check certificate-authority and server in the kubeconfig$/
    await refuses(ask(t, { ca: undefined }), 'unavailable', message)
  })

  it('is refused when the name of the server is another one, and stands when that name is given', async (t) => {
    await refuses(
      ask(t, { tlsServerName: 'other.example.org' }),
      'unavailable',
      /does not match certificate's altnames/,
    )
    await ask(t, { tlsServerName: 'kubernetes.default.svc' })
  })

  it('stands without any authority when the kubeconfig says so', async (t) => {
    await ask(t, { ca: undefined, insecureSkipTlsVerify: true })
  })

  it('is made by nobody when there is no certificate of the node', async (t) => {
    await refuses(ask(t, { certificate: undefined, key: undefined }), 'forbidden', /User "system:anonymous"/)
  })

  it('is a fault of the configuration when the certificate cannot be read', async (t) => {
    await refuses(
      ask(t, { certificate: 'nonsense' }),
      'configuration',
      /\(--kubeconfig\).*check that they are PEM and belong together$/,
    )
  })

  it('goes through the proxy that the kubeconfig names', async (t) => {
    const proxy = await openProxy(t)
    await ask(t, { proxyUrl: proxy.url })
    assert.deepEqual(proxy.asked, [new URL(usual.server).host])
  })

  it('goes through the proxy of the environment, but never to this machine itself', async (t) => {
    const proxy = await openProxy(t)
    const before = process.env['HTTPS_PROXY']
    process.env['HTTPS_PROXY'] = proxy.url
    t.after(() => (before === undefined ? delete process.env['HTTPS_PROXY'] : (process.env['HTTPS_PROXY'] = before)))
    await ask(t, {})
    assert.deepEqual(proxy.asked, [])
    await ask(t, { server: 'https://api.example.org', tlsServerName: 'kubernetes' })
    assert.deepEqual(proxy.asked, ['api.example.org:443'])
  })

  it('does not go through a proxy that speaks something else', async (t) => {
    await refuses(ask(t, { proxyUrl: 'socks5://127.0.0.1:1080' }), 'configuration', /only http and https proxies work$/)
  })
})
