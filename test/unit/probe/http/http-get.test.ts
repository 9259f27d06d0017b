import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { httpGet, type HttpGetOptions, type HttpGetResult } from '../../../../src/probe/http/http-get.ts'
import { httpGetRequest, type HttpGetAction } from '../../../../src/probe/http/http-get-request.ts'
import { freePort } from '../../../support/free-port.ts'
import { Loopback } from '../../../support/loopback.ts'
import { aContainer } from '../../../builders/pod.ts'

function get(
  signal: AbortSignal,
  action: HttpGetAction,
  options: Partial<HttpGetOptions> = {},
): Promise<HttpGetResult> {
  const built = httpGetRequest(action, { container: aContainer(), podIp: '127.0.0.1', userAgent: 'kube-probe/1.36' })
  assert.ok(built.kind === 'request')
  return httpGet(built.request, { timeoutMs: 10_000, redirects: 'same-host', ...options }, signal)
}

/** What a GET that has failed says of `cause`. */
function failed(port: number, cause: string, path = '/', scheme = 'http'): HttpGetResult {
  return { kind: 'failed', message: `Get "${scheme}://127.0.0.1:${port}${path}": ${cause}`, speaksPlainHttp: false }
}

describe('httpGet', { timeout: 120_000 }, () => {
  it('gives status and body, and closes the connection', async ({ signal }) => {
    const seen: IncomingMessage[] = []
    await using server = await Loopback.http((request, response) => {
      seen.push(request)
      response.writeHead(503).end('not yet')
    })
    const answer = await get(signal, {
      port: server.port,
      path: '/healthz?full=1',
      httpHeaders: [{ name: 'x-unit', value: 'größer' }],
    })
    assert.deepEqual(answer, { kind: 'answer', status: 503, body: 'not yet' })
    assert.equal(seen[0]?.url, '/healthz?full=1')
    assert.deepEqual(seen[0].headers, {
      host: `127.0.0.1:${server.port}`,
      'x-unit': Buffer.from('größer').toString('latin1'),
      'user-agent': 'kube-probe/1.36',
      accept: '*/*',
      connection: 'close',
    })
  })

  it('asks over TLS without looking at the certificate', async ({ signal }) => {
    await using server = await Loopback.https((_, response) => response.end('well'))
    const answer = await get(signal, { port: server.port, scheme: 'HTTPS' })
    assert.deepEqual(answer, { kind: 'answer', status: 200, body: 'well' })
  })

  for (const [what, text] of [
    ['ends its lines with a bare line feed', 'HTTP/1.1 200 OK\nContent-Type: text/plain\n\nwell'],
    ['says no length', 'HTTP/1.0 200 OK\r\n\r\nwell'],
    ['goes on behind its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell, and more'],
  ] as const) {
    it(`takes the answer of a server that ${what}`, async ({ signal }) => {
      await using server = await Loopback.tcp((socket) => socket.once('data', () => socket.end(text)))
      assert.deepEqual(await get(signal, { port: server.port }), { kind: 'answer', status: 200, body: 'well' })
    })
  }

  it('keeps the first 10 KiB of a body without an end', async ({ signal }) => {
    await using server = await Loopback.http((_, response) => {
      const more = (): void => {
        while (response.write('a'.repeat(1000)));
      }
      response.on('drain', more)
      more()
    })
    const answer = await get(signal, { port: server.port })
    assert.deepEqual(answer, { kind: 'answer', status: 200, body: 'a'.repeat(10_240) })
  })

  describe("tells of failures in the words of Go's client:", () => {
    it('nobody listens', async ({ signal }) => {
      const port = await freePort()
      const cause = `dial tcp 127.0.0.1:${port}: connect: connection refused`
      assert.deepEqual(await get(signal, { port }), failed(port, cause, ''))
    })

    it('the name is none', async ({ signal }) => {
      const result = await get(signal, { port: 80, host: 'no-such-host.invalid' })
      assert.ok(result.kind === 'failed')
      assert.match(
        result.message,
        /^Get "http:\/\/no-such-host\.invalid:80": dial tcp: lookup no-such-host\.invalid: (?:no such host|server misbehaving)$/u,
      )
    })

    it('no answer in time', async ({ signal }) => {
      await using server = await Loopback.tcp()
      const cause = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      assert.deepEqual(
        await get(signal, { port: server.port, path: '/' }, { timeoutMs: 50 }),
        failed(server.port, cause),
      )
    })

    it('closed without an answer', async ({ signal }) => {
      await using server = await Loopback.tcp((socket) => socket.once('data', () => socket.end()))
      assert.deepEqual(await get(signal, { port: server.port, path: '/' }), failed(server.port, 'EOF'))
    })

    it('reset', async ({ signal }) => {
      await using server = await Loopback.tcp((socket) => socket.once('data', () => socket.resetAndDestroy()))
      const result = await get(signal, { port: server.port, path: '/' })
      assert.ok(result.kind === 'failed')
      assert.match(result.message, /": read tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: read: connection reset by peer$/u)
    })

    it('an answer that is not HTTP', async ({ signal }) => {
      await using server = await Loopback.tcp((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
      const cause = 'net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-OpenSSH_9.2"'
      assert.deepEqual(await get(signal, { port: server.port, path: '/' }), failed(server.port, cause))
    })

    it('plain HTTP where TLS was asked for', async ({ signal }) => {
      await using server = await Loopback.http((_, response) => response.end())
      const cause = 'http: server gave HTTP response to HTTPS client'
      assert.deepEqual(await get(signal, { port: server.port, path: '/', scheme: 'HTTPS' }), {
        ...failed(server.port, cause, '/', 'https'),
        speaksPlainHttp: true,
      })
    })

    it('a header that cannot be sent', async ({ signal }) => {
      await using server = await Loopback.http((_, response) => response.end())
      const httpHeaders = [{ name: 'X-Bad', value: 'one\ntwo' }]
      const cause = 'net/http: invalid header field value for "X-Bad"'
      assert.deepEqual(await get(signal, { port: server.port, path: '/', httpHeaders }), failed(server.port, cause))
    })

    it('a body that does not end in time', async ({ signal }) => {
      await using server = await Loopback.http((_, response) => response.write('wait'))
      assert.deepEqual(await get(signal, { port: server.port }, { timeoutMs: 100 }), {
        kind: 'broken',
        message: 'context deadline exceeded (Client.Timeout or context cancellation while reading body)',
      })
    })

    it('a body that breaks off', async ({ signal }) => {
      await using server = await Loopback.http((_, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('half', () => response.destroy())
      })
      assert.deepEqual(await get(signal, { port: server.port }), { kind: 'broken', message: 'unexpected EOF' })
    })
  })

  it('throws aborted when the signal fires, and lets go of the connection', async () => {
    const controller = new AbortController()
    const arrived = Promise.withResolvers<void>()
    await using server = await Loopback.tcp((socket) => socket.once('data', () => arrived.resolve()))
    const asking = get(controller.signal, { port: server.port }, { timeoutMs: 60_000 })
    await arrived.promise
    controller.abort()
    await assert.rejects(asking, (error) => KubeletError.is(error, 'aborted'))
    await assert.rejects(get(controller.signal, { port: server.port }), (error) => KubeletError.is(error, 'aborted'))
  })
})

describe('Redirects', { timeout: 120_000 }, () => {
  const redirecting =
    (location: (path: string, port: number) => string | undefined): RequestListener =>
    (request, response) => {
      const target = location(request.url ?? '', request.socket.localPort ?? 0)
      if (target !== undefined) response.writeHead(302, { location: target })
      response.end(target === undefined ? `${request.headers.host} ${request.headers.referer}` : 'moved')
    }

  it('are followed on the same host, relative or not, with the headers', async ({ signal }) => {
    await using server = await Loopback.http(
      redirecting((path, port) => (path === '/a' ? '/b' : path === '/b' ? `http://127.0.0.1:${port}/c` : undefined)),
    )
    const httpHeaders = [{ name: 'Host', value: 'example.com' }]
    const { port } = server
    assert.deepEqual(await get(signal, { port, path: '/a', httpHeaders }), {
      kind: 'answer',
      status: 200,
      body: `127.0.0.1:${port} http://127.0.0.1:${port}/b`,
    })
    assert.partialDeepStrictEqual(await get(signal, { port, path: '/z', httpHeaders }), {
      body: 'example.com undefined',
    })
  })

  it('to another host are the answer, or are followed where all are', async ({ signal }) => {
    await using server = await Loopback.http(
      redirecting((path, port) => (path === '/a' ? `http://localhost:${port}/b` : undefined)),
    )
    const { port } = server
    const moved = { kind: 'answer', status: 302, body: 'moved' }
    assert.deepEqual(await get(signal, { port, path: '/a' }), moved)
    assert.partialDeepStrictEqual(await get(signal, { port, path: '/a' }, { redirects: 'all' }), { status: 200 })
  })

  it('are followed ten times', async ({ signal }) => {
    await using server = await Loopback.http(redirecting((path) => `/${Number(path.slice(1)) + 1}`))
    assert.deepEqual(
      await get(signal, { port: server.port, path: '/1' }),
      failed(server.port, 'stopped after 10 redirects', '/10'),
    )
  })

  it('without a place to go are the answer', async ({ signal }) => {
    await using server = await Loopback.http((_, response) => response.writeHead(301).end('gone'))
    assert.deepEqual(await get(signal, { port: server.port }), { kind: 'answer', status: 301, body: 'gone' })
  })

  it('share the time of the one call', async ({ signal }) => {
    await using server = await Loopback.http((request, response) => {
      if (request.url === '/1') response.writeHead(302, { location: '/2' }).end()
    })
    const cause = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    assert.deepEqual(
      await get(signal, { port: server.port, path: '/1' }, { timeoutMs: 200 }),
      failed(server.port, cause, '/2'),
    )
  })

  it('leave no connection open', async ({ signal }) => {
    await using server = await Loopback.http((request, response) => {
      if (request.url === '/1') response.writeHead(302, { location: '/2' }).write('never ends')
      else response.write('never ends either')
    })
    await get(signal, { port: server.port, path: '/1' }, { timeoutMs: 100 })
    await server.deserted()
  })
})
