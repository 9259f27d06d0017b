import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { buffer } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import type { OpenPort } from '../../../../src/server/listen.ts'
import { countWebSockets } from '../../../../src/server/metrics/count-web-sockets.ts'
import { metricsRoutes } from '../../../../src/server/metrics/metrics-routes.ts'
import type { Route } from '../../../../src/server/route.ts'
import { https } from '../../../../src/util/builtin-http.ts'
import { openTestPort } from '../../../support/https-client.ts'

interface Seen {
  readonly requests: string[]
  readonly answered: string[]
}

function open(routes: readonly Route[], seen: Seen = { requests: [], answered: [] }): Promise<OpenPort> {
  return openTestPort(routes, {
    onRequest: (method, path) => {
      seen.requests.push(`${method} ${path}`)
      return () => seen.answered.push(`${method} ${path}`)
    },
  })
}

async function get(
  port: OpenPort,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<IncomingMessage> {
  const { address: host } = port
  const asked = https.request({ host, port: port.port, path, method, headers, agent: false, rejectUnauthorized: false })
  asked.end()
  const [response]: IncomingMessage[] = await once(asked, 'response')
  assert.ok(response)
  return response
}

const metrics = metricsRoutes({ text: async (path) => `${path} 1\n`, forgetHealth: () => {} })

describe('A scrape', () => {
  for (const [path, text] of [
    ['/metrics', 'metrics 1\n'],
    ['/metrics/probes', 'probes 1\n'],
    ['/metrics/slis', 'slis 1\n'],
  ] as const) {
    it(`of ${path} gets its text, as the text of a scrape`, async () => {
      await using port = await open(metrics)
      const response = await get(port, path)
      assert.match(response.headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4; charset=utf-8/u)
      assert.equal((await buffer(response)).toString(), text)
    })
  }

  for (const [accepted, isPacked] of [
    ['gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['gzip;q=0', false],
    ['identity', false],
  ] as const) {
    it(`${isPacked ? 'is packed' : 'is not packed'} for a client that takes ${accepted}`, async () => {
      await using port = await open(metrics)
      const response = await get(port, '/metrics', { 'accept-encoding': accepted })
      assert.equal(response.headers['content-encoding'], isPacked ? 'gzip' : undefined)
      const body = await buffer(response)
      assert.equal((isPacked ? gunzipSync(body) : body).toString(), 'metrics 1\n')
    })
  }

  it('of the checks of health begins anew after a DELETE, which nothing else does', async () => {
    let forgotten = 0
    const text = async (path: string): Promise<string> => `${path} 1\n`
    await using port = await open(metricsRoutes({ text, forgetHealth: () => (forgotten += 1) }))
    assert.equal((await buffer(await get(port, '/metrics/slis', {}, 'DELETE'))).toString(), 'metrics reset\n')
    assert.equal(forgotten, 1)
    assert.equal((await buffer(await get(port, '/metrics', {}, 'DELETE'))).toString(), 'metrics 1\n')
    assert.equal(forgotten, 1)
  })

  it('is told of when it comes and when it is answered, whatever becomes of it', async () => {
    const seen: Seen = { requests: [], answered: [] }
    await using port = await open(metrics, seen)
    for (const path of ['/metrics?a=b', '/none']) await buffer(await get(port, path))
    assert.deepEqual(seen.requests, ['GET /metrics', 'GET /none'])
    assert.deepEqual(seen.answered, seen.requests)
  })
})

describe('Streams over WebSockets', () => {
  const upgrade: NonNullable<Route['upgrade']> = async (_, socket) =>
    void socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  const serve: Route['serve'] = async (_, response) => void response.end()

  for (const [path, protocols, counted] of [
    ['/exec/n/p/c', 'v5.channel.k8s.io, v4.channel.k8s.io', ['exec']],
    ['/attach/n/p/c', 'v5.channel.k8s.io', ['attach']],
    ['/portForward/n/p', 'SPDY/3.1+portforward.k8s.io', ['portforward']],
    ['/exec/n/p/c', 'v4.channel.k8s.io', []],
  ] as const) {
    it(`are ${counted.length === 0 ? 'not ' : ''}counted for ${path} with ${protocols}`, async () => {
      const seen: string[] = []
      const patterns = ['/exec/:n/:p/:c', '/attach/:n/:p/:c', '/portForward/:n/:p']
      const routes = patterns.map((pattern): Route => ({ methods: ['GET'], pattern, debugging: true, serve, upgrade }))
      await using port = await open(
        countWebSockets(routes, { webSocket: (subresource) => void seen.push(subresource) }),
      )
      const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-protocol': protocols }
      const asked = https.request({ host: port.address, port: port.port, path, headers, rejectUnauthorized: false })
      asked.end()
      const [, socket] = await once(asked, 'upgrade')
      socket.destroy()
      assert.deepEqual(seen, counted)
    })
  }
})
