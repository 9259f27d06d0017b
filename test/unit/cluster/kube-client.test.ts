import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import type { ApiCredentials } from '../../../src/cluster/kubeconfig/api-credentials.ts'
import type { CredentialProvider } from '../../../src/cluster/credentials.ts'
import { KubeClient, type KubeRequest } from '../../../src/cluster/kube-client.ts'
import { KubeletError, type ErrorCode } from '../../../src/model/errors.ts'

const get: KubeRequest = { what: 'get the thing', method: 'GET', path: '/thing' }
const { signal } = new AbortController()

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/** A server on a free port, which ends with the test. */
async function serving(t: TestContext, listener: Listener): Promise<string> {
  const server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') assert.fail('the server listens on a port')
  return `http://127.0.0.1:${address.port}`
}

function credentialsFor(server: string, token?: string): ApiCredentials {
  return {
    server,
    ca: undefined,
    certificate: undefined,
    key: undefined,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    tlsServerName: undefined,
    insecureSkipTlsVerify: false,
    proxyUrl: undefined,
    expiresAtMs: undefined,
    files: { authority: undefined, certificate: undefined, key: undefined, token: undefined },
  }
}

/** A client with these credentials; after a 401 with those that `renewed` gives. */
function clientWith(t: TestContext, credentials: ApiCredentials, renewed = credentials): KubeClient {
  let current = credentials
  const provider: CredentialProvider = {
    current: async () => current,
    renewed: async () => (current = renewed),
    close: () => {},
  }
  const client = new KubeClient({ credentials: provider, userAgent: 'test/1' })
  t.after(() => client.close())
  return client
}

async function clientOf(t: TestContext, listener: Listener): Promise<KubeClient> {
  return clientWith(t, credentialsFor(await serving(t, listener)))
}

async function rejects(promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(KubeletError.is(error, code), String(error))
    assert.match(error.message, message)
    return true
  })
}

async function collect(lines: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const collected: unknown[] = []
  for await (const line of lines) collected.push(line)
  return collected
}

describe('a request to the API server', { timeout: 120_000 }, () => {
  it('is sent as JSON, with the credentials, below the path of the server', async (t) => {
    const seen: unknown[] = []
    const server = await serving(t, async (request, response) => {
      const { method, url, headers } = request
      const { authorization, accept, 'user-agent': agent, 'content-type': type } = headers
      seen.push([method, url, authorization, accept, agent, type, await text(request)])
      response.end('{}')
    })
    const client = clientWith(t, credentialsFor(`${server}/clusters/one`, 'secret'))
    await client.request({ ...get, path: '/thing?a=b' }, signal)
    await client.request({ ...get, method: 'PATCH', body: { a: 'ü' }, contentType: 'application/merge' }, signal)
    await client.request({ ...get, method: 'DELETE', body: { a: 1 } }, signal)
    const sent = ['Bearer secret', 'application/json', 'test/1']
    assert.deepEqual(seen, [
      ['GET', '/clusters/one/thing?a=b', ...sent, undefined, ''],
      ['PATCH', '/clusters/one/thing', ...sent, 'application/merge', '{"a":"ü"}'],
      ['DELETE', '/clusters/one/thing', ...sent, 'application/json', '{"a":1}'],
    ])
  })

  it('gives the decoded answer, and nothing for an empty one', async (t) => {
    const client = await clientOf(t, ({ method }, response) => response.end(method === 'GET' ? '{"a":["ü"]}' : ''))
    assert.deepEqual(await client.request(get, signal), { a: ['ü'] })
    assert.equal(await client.request({ ...get, method: 'DELETE' }, signal), undefined)
  })

  it('throws what the server says', async (t) => {
    const client = await clientOf(t, (_, response) => response.writeHead(404).end('{"message":"no such thing"}'))
    await rejects(client.request(get, signal), 'not-found', /^Cannot get the thing: no such thing \(HTTP 404\)$/)
  })

  it('throws when the answer is not JSON', async (t) => {
    const client = await clientOf(t, (_, response) => response.end('<html>'))
    await rejects(client.request(get, signal), 'internal', /the answer is not JSON but begins with "<html>"$/)
  })

  it('throws when nobody listens', async (t) => {
    const client = clientWith(t, credentialsFor('http://127.0.0.1:1'))
    await rejects(
      client.request(get, signal),
      'unavailable',
      /no connection to http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
    )
  })

  it('throws when the connection breaks in the middle of the answer', async (t) => {
    const client = await clientOf(t, (_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{"a":', () => response.destroy())
    })
    await rejects(client.request(get, signal), 'unavailable', /no connection to http/)
  })

  it('throws when there is no answer in time, and trusts no idle connection after that', async (t) => {
    const ports: (number | undefined)[] = []
    const client = await clientOf(t, ({ socket, url }, response) => {
      ports.push(socket.remotePort)
      if (url === '/thing') response.end('{}')
    })
    await Promise.all([client.request(get, signal), client.request(get, signal)])
    const silent = client.request({ ...get, path: '/silent', limitMs: 20 }, signal)
    await rejects(silent, 'unavailable', /^Cannot get the thing: no answer from http.* within 0\.02 s$/)
    await client.request(get, signal)
    assert.equal(new Set(ports.slice(0, 2)).has(ports[3]), false)
  })

  it('stops when the signal fires, be it before the answer or in it', async (t) => {
    const stop = new AbortController()
    const client = await clientOf(t, ({ url }, response) => {
      if (url === '/half') response.write('{')
      setImmediate(() => stop.abort())
    })
    await rejects(client.request(get, stop.signal), 'aborted', /^Stopped trying to get the thing$/)
    await rejects(client.request(get, AbortSignal.abort()), 'aborted', /^Stopped/)
    await rejects(client.request({ ...get, path: '/half' }, stop.signal), 'aborted', /^Stopped/)
  })

  it('keeps its connection for the next one', async (t) => {
    const sockets = new Set<unknown>()
    const client = await clientOf(t, ({ socket }, response) => {
      sockets.add(socket)
      response.end('{}')
    })
    for (let index = 0; index < 3; index += 1) await client.request(get, signal)
    assert.equal(sockets.size, 1)
  })

  it('takes a bounded number of connections, and does not wait for one on the express lane', async (t) => {
    let requests = 0
    const allTaken = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const client = await clientOf(t, async ({ url }, response) => {
      if (url === '/thing') {
        requests += 1
        if (requests === 8) allTaken.resolve()
        await release.promise
      }
      response.end('{}')
    })
    const bulk = Array.from({ length: 9 }, () => client.request(get, signal))
    await allTaken.promise
    await client.request({ ...get, path: '/express', lane: 'express' }, signal)
    assert.equal(requests, 8)
    release.resolve()
    await Promise.all(bulk)
    assert.equal(requests, 9)
  })
})

describe('credentials that the server does not take', { timeout: 120_000 }, () => {
  const takesOnly = (token: string, seen: string[]): Listener => {
    return ({ headers: { authorization = '' } }, response) => {
      seen.push(authorization)
      response.writeHead(authorization === `Bearer ${token}` ? 200 : 401).end('{"message":"Unauthorized"}')
    }
  }

  it('are renewed, and the request is made again with the new ones', async (t) => {
    const seen: string[] = []
    const server = await serving(t, takesOnly('new', seen))
    const client = clientWith(t, credentialsFor(server, 'old'), credentialsFor(server, 'new'))
    assert.deepEqual(await client.request(get, signal), { message: 'Unauthorized' })
    assert.deepEqual(seen, ['Bearer old', 'Bearer new'])
  })

  it('are an error when there are no others, without a second try', async (t) => {
    const seen: string[] = []
    const client = clientWith(t, credentialsFor(await serving(t, takesOnly('new', seen)), 'old'))
    await rejects(client.request(get, signal), 'unauthorized', /^Cannot get the thing: Unauthorized \(HTTP 401\)$/)
    assert.deepEqual(seen, ['Bearer old'])
  })
})

describe('an answer that goes on', { timeout: 120_000 }, () => {
  it('is given line by line, however it is cut into pieces', async (t) => {
    const bytes = Buffer.from('{"a":"ü"}\n\n{"a":2}\n')
    const client = await clientOf(t, async (_, response) => {
      for (const byte of bytes) await new Promise((sent) => void response.write(Uint8Array.of(byte), sent))
      response.end()
    })
    assert.deepEqual(await collect(client.lines(get, signal)), [{ a: 'ü' }, { a: 2 }])
  })

  it('ends without the half line with which the server stopped', async (t) => {
    const client = await clientOf(t, (_, response) => response.end('{"a":1}\n{"a"'))
    assert.deepEqual(await collect(client.lines(get, signal)), [{ a: 1 }])
  })

  it('throws when it is silent past its limit', async (t) => {
    const client = await clientOf(t, (_, response) => void response.write('{"a":1}\n'))
    const lines = client.lines({ ...get, limitMs: 50 }, signal)
    assert.deepEqual(await lines.next(), { done: false, value: { a: 1 } })
    await rejects(lines.next(), 'unavailable', /no answer from http.* within 0\.05 s$/)
  })

  it('throws when the connection breaks, and for a line that is not JSON', async (t) => {
    const client = await clientOf(t, ({ url }, response) => {
      response.write(url === '/broken' ? '{"a":1}\n' : 'what?\n', () => response.destroy())
    })
    const lines = client.lines({ ...get, path: '/broken' }, signal)
    await lines.next()
    await rejects(lines.next(), 'unavailable', /no connection to http/)
    await rejects(collect(client.lines(get, signal)), 'internal', /not JSON but begins with "what\?"$/)
  })

  it('closes its connection when the reader goes away', async (t) => {
    const closed = Promise.withResolvers<void>()
    const client = await clientOf(t, (_, response) => {
      response.on('close', closed.resolve)
      response.write('{"a":1}\n')
    })
    for await (const line of client.lines(get, signal)) {
      assert.deepEqual(line, { a: 1 })
      break
    }
    await closed.promise
  })
})
