import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { text } from 'node:stream/consumers'
import { KubeClient } from '../../../src/cluster/kube-client.ts'
import { resolveCredentials } from '../../../src/cluster/resolve-credentials.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { ApiProxy } from '../../chaos/faults/api/api-proxy.ts'
import type { ApiTreatment } from '../../chaos/faults/api/api-treatment.ts'
import { selfSigned } from '../../support/self-signed.ts'

interface Way {
  readonly proxy: ApiProxy
  readonly ask: () => Promise<unknown>
  readonly lines: () => Promise<readonly unknown[]>
  /** Requests that have come to the server. */
  readonly came: readonly string[]
}

/** A server that answers with what it was sent, and a watch of three lines; the agent's client asks it through the proxy. */
async function way(t: TestContext): Promise<Way> {
  const came: string[] = []
  const answer = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    came.push(`${from.method} ${from.url}`)
    if (from.url?.includes('watch=true') === true) to.end('{"n":1}\n{"n":2}\n{"n":3}\n')
    else to.end(JSON.stringify({ got: JSON.parse(await text(from)) }))
  }
  const server = createServer(selfSigned, (from, to) => void answer(from, to)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') assert.fail('it listens on a port')
  const folder = await mkdtempDisposable(join(tmpdir(), 'api-proxy-'))
  const encoded = (value: string): string => Buffer.from(value).toString('base64')
  const user = { 'client-certificate-data': encoded(selfSigned.cert), 'client-key-data': encoded(selfSigned.key) }
  const cluster = { server: '', 'certificate-authority-data': encoded(selfSigned.cert) }
  const own = join(folder.path, 'own')
  const named = { clusters: [{ name: 'c', cluster }], users: [{ name: 'u', user }] }
  const context = { 'current-context': 'x', contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }] }
  await writeFile(own, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...named, ...context }))
  const proxy = await ApiProxy.open(own, address.port, folder.path, 'probes.test')
  const credentials = await resolveCredentials(proxy.kubeconfig)
  const provider = { current: async () => credentials, renewed: async () => credentials, close: () => {} }
  const client = new KubeClient({ credentials: provider, userAgent: 'test' })
  t.after(async () => {
    client.close()
    await proxy[Symbol.asyncDispose]()
    server.close()
    await folder.remove()
  })
  const put = { what: 'put', method: 'PUT', path: '/api/v1/nodes/n', body: { a: 'b' } } as const
  const watch = { what: 'watch', method: 'GET', path: '/api/v1/pods?watch=true' } as const
  return {
    proxy,
    came,
    ask: () => client.request(put, t.signal),
    lines: async () => {
      const lines: unknown[] = []
      for await (const line of client.lines(watch, t.signal)) lines.push(line)
      return lines
    },
  }
}

const treated = (treatment: ApiTreatment) => (): ApiTreatment => treatment

describe('the proxy between the agent and the API server', { timeout: 60_000 }, () => {
  it('passes on what is said, both ways', async (t) => {
    const { ask, lines } = await way(t)
    assert.deepEqual(await ask(), { got: { a: 'b' } })
    assert.deepEqual(await lines(), [{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  it('answers in the place of the server until it is mended', async (t) => {
    const { proxy, ask, came } = await way(t)
    {
      using _ = proxy.use(treated({ kind: 'answer', answer: { status: 500, body: 'no' } }))
      await assert.rejects(ask(), (error) => KubeletError.is(error, 'internal'))
    }
    assert.deepEqual(came, [])
    assert.deepEqual(await ask(), { got: { a: 'b' } })
  })

  it('loses the answer to what the server has done', async (t) => {
    const { proxy, ask, came } = await way(t)
    using _ = proxy.use(treated({ kind: 'cut', afterBytes: 0 }))
    await assert.rejects(ask(), (error) => KubeletError.is(error, 'unavailable'))
    assert.deepEqual(came, ['PUT /api/v1/nodes/n'])
  })

  it('cuts an answer where it is told to', async (t) => {
    const { proxy, ask } = await way(t)
    using _ = proxy.use(treated({ kind: 'cut', afterBytes: 4 }))
    await assert.rejects(ask(), (error) => KubeletError.is(error, 'unavailable'))
  })

  it('lets nothing be heard of a call until it is mended, and breaks it then', async (t) => {
    const { proxy, ask, came } = await way(t)
    const asked = Promise.withResolvers<void>()
    const hanging = proxy.use(() => {
      asked.resolve()
      return { kind: 'hang' }
    })
    const asking = assert.rejects(ask(), (error) => KubeletError.is(error, 'unavailable'))
    await asked.promise
    hanging[Symbol.dispose]()
    await asking
    assert.deepEqual(came, [])
  })

  it('changes what a watch tells', async (t) => {
    const { proxy, lines } = await way(t)
    using _ = proxy.use(treated({ kind: 'lines', first: ['{"n":0}'], map: (line) => [line, line] }))
    assert.deepEqual(
      await lines(),
      [0, 1, 1, 2, 2, 3, 3].map((n) => ({ n })),
    )
  })

  it('lets an answer drip, all of it in the end', async (t) => {
    const { proxy, ask } = await way(t)
    using _ = proxy.use(treated({ kind: 'slow', delayMs: 1, drip: 8 }))
    assert.deepEqual(await ask(), { got: { a: 'b' } })
  })

  it('refuses connections until it is mended', async (t) => {
    const { proxy, ask } = await way(t)
    {
      using _ = proxy.refuse()
      await assert.rejects(ask(), (error) => KubeletError.is(error, 'unavailable'))
    }
    assert.deepEqual(await ask(), { got: { a: 'b' } })
  })
})
