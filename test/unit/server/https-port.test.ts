import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { connect, TLSSocket, type SecureContextOptions } from 'node:tls'
import { KubeletError } from '../../../src/model/errors.ts'
import { openHttpsPort, type ServingTls } from '../../../src/server/https-port.ts'
import type { OpenPort } from '../../../src/server/listen.ts'
import type { Guard, Route, ServerCall } from '../../../src/server/route.ts'
import { makeSelfSigned } from '../../../src/certificates/self-signed.ts'
import { keptLog } from '../../support/kept-log.ts'
import { openssl } from '../../support/openssl.ts'
import { quietLog } from '../../support/quiet-log.ts'
import { selfSigned } from '../../support/self-signed.ts'

const open: Guard = async () => ({ kind: 'allowed' })
const closed: Guard = async () => ({ kind: 'refused', status: 401, body: 'Unauthorized\n' })
const upgradeHeaders = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }

class ChangingTls implements ServingTls {
  #context: SecureContextOptions = selfSigned
  #use = (): void => {}
  readonly current = (): SecureContextOptions => this.#context
  readonly onChange = (use: () => void): Disposable => {
    this.#use = use
    return { [Symbol.dispose]: () => (this.#use = () => {}) }
  }

  change(context: SecureContextOptions): void {
    this.#context = context
    this.#use()
  }
}

function get(pattern: string, serve: Route['serve'], more: Partial<Route> = {}): Route {
  return { methods: ['GET'], pattern, debugging: false, serve, ...more }
}

const ok = get('/ok', async (_, response) => void response.end('ok'))

function port(routes: readonly Route[], guard = open, tls: ServingTls = new ChangingTls()): Promise<OpenPort> {
  return openHttpsPort({ address: '127.0.0.1', port: 0, flag: 'port', tls, guard, routes, log: quietLog })
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

async function answer(
  to: OpenPort,
  path: string,
  { method = 'GET', headers = {} }: Asked = {},
): Promise<IncomingMessage> {
  const asked = request({
    host: to.address,
    port: to.port,
    path,
    method,
    headers,
    agent: false,
    rejectUnauthorized: false,
  })
  asked.end()
  const [response]: IncomingMessage[] = await once(asked, 'response')
  assert.ok(response)
  return response
}

async function ask(to: OpenPort, path: string, asked: Asked = {}): Promise<readonly [number | undefined, string]> {
  const response = await answer(to, path, asked)
  return [response.statusCode, await text(response)]
}

/** A connection on which a request for another protocol has been made. */
async function upgrading(to: OpenPort, path: string): Promise<TLSSocket> {
  const socket = connect({ host: to.address, port: to.port, rejectUnauthorized: false })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n`)
  return socket
}

describe('openHttpsPort', () => {
  it('serves what the table has, and says so of all else', async () => {
    await using node = await port([ok])
    assert.deepEqual(await ask(node, '/ok?a=b'), [200, 'ok'])
    assert.deepEqual(await ask(node, '/no'), [404, '404 page not found\n'])
    assert.deepEqual(await ask(node, '/ok', { method: 'DELETE' }), [405, '405: Method Not Allowed'])
  })

  it('lets the guard see every request first, of known and unknown paths, upgrades too', async () => {
    await using node = await port([ok], closed)
    // The last two are paths, and no URLs.
    for (const path of ['/ok', '/no', '/', '//', '//[']) {
      assert.deepEqual(await ask(node, path), [401, 'Unauthorized\n'])
      assert.deepEqual(await ask(node, path, { headers: upgradeHeaders }), [401, 'Unauthorized\n'])
      assert.deepEqual(await ask(node, path, { method: 'PROPFIND' }), [401, 'Unauthorized\n'])
    }
  })

  it('does not wait for the body of somebody who is refused', async () => {
    await using node = await port([ok], closed)
    const socket = connect({ host: node.address, port: node.port, rejectUnauthorized: false })
    socket.write('POST /ok HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n')
    assert.match(await text(socket), /^HTTP\/1\.1 401 .*Connection: close/su)
  })

  it('says why a client could not connect, where it has no certificate', async () => {
    const { log, lines } = keptLog()
    const tls = new ChangingTls()
    tls.change({})
    const missing = (): string => 'no serving certificate available for the kubelet'
    const place = { address: '127.0.0.1', port: 0, flag: 'port' }
    await using node = await openHttpsPort({
      ...place,
      tls: Object.assign(tls, { missing }),
      guard: open,
      routes: [ok],
      log,
    })
    await assert.rejects(ask(node, '/ok'))
    const { fields } = await lines.first('a word about it', ({ message }) => message === 'A TLS handshake failed')
    assert.equal(fields['reason'], missing())
    tls.change(selfSigned)
    assert.deepEqual(await ask(node, '/ok'), [200, 'ok'])
  })

  it('knows no tunnels', async () => {
    await using node = await port([ok])
    const socket = connect({ host: node.address, port: node.port, rejectUnauthorized: false })
    socket.write('CONNECT node:22 HTTP/1.1\r\nHost: node\r\n\r\n')
    assert.equal(await text(socket), '')
  })

  it('answers with what a route throws: its status and its words', async () => {
    const routes = [
      get('/gone', () => Promise.reject(new KubeletError('not-found', 'pod does not exist'))),
      get('/odd', () => Promise.reject(new KubeletError('invalid', 'Invalid request.', { status: 422 }))),
      get('/bug', () => Promise.reject(new TypeError('x is not a function'))),
    ]
    await using node = await port(routes)
    assert.deepEqual(await ask(node, '/gone'), [404, 'pod does not exist'])
    assert.deepEqual(await ask(node, '/odd'), [422, 'Invalid request.'])
    assert.deepEqual(await ask(node, '/bug'), [500, 'x is not a function'])
  })

  it('cuts an answer that has begun and cannot be finished', async () => {
    const breaks = get('/breaks', async (_, response) => {
      response.write('half')
      throw new KubeletError('unavailable', 'Docker went away')
    })
    await using node = await port([breaks])
    await assert.rejects(ask(node, '/breaks'), { code: 'ECONNRESET' })
  })

  it('tells a route when its client has gone', async () => {
    const begun = Promise.withResolvers<ServerCall>()
    const gone = Promise.withResolvers<string>()
    const waits = get('/waits', async (call, response) => {
      response.flushHeaders()
      begun.resolve(call)
      await once(call.signal, 'abort')
      gone.resolve('gone')
    })
    await using node = await port([waits])
    const response = await answer(node, '/waits')
    await begun.promise
    response.destroy()
    assert.equal(await gone.promise, 'gone')
  })

  it('answers an upgrade as HTTP until its route has written something', async () => {
    const refuses = get('/refuses', async () => {}, {
      upgrade: () => Promise.reject(new KubeletError('not-found', 'pod does not exist')),
    })
    await using node = await port([ok, refuses])
    assert.deepEqual(await ask(node, '/refuses', { headers: upgradeHeaders }), [404, 'pod does not exist'])
    assert.deepEqual(await ask(node, '/ok', { headers: upgradeHeaders }), [200, 'ok'])
    assert.deepEqual(await ask(node, '/no', { headers: upgradeHeaders }), [404, '404 page not found\n'])
  })

  it('gives the connection of an upgrade to its route, and closes it after that', async () => {
    const echoes = get('/echoes', async () => {}, {
      upgrade: async (_, socket: Duplex, head) => {
        const [more] = head.length > 0 ? [head] : await once(socket, 'data')
        socket.write(`switched: ${more}`)
      },
    })
    await using node = await port([echoes])
    const socket = await upgrading(node, '/echoes')
    socket.write('hello')
    assert.equal(await text(socket), 'switched: hello')
  })

  it('ends what is under way when it is closed, upgrades too', async () => {
    const begun = Promise.withResolvers<void>()
    const waits = get('/waits', async () => {}, {
      upgrade: async ({ signal }) => {
        begun.resolve()
        await once(signal, 'abort')
      },
    })
    const node = await port([waits])
    const socket = await upgrading(node, '/waits')
    await begun.promise
    const end = once(socket, 'close')
    await node[Symbol.asyncDispose]()
    await end
  })

  it('serves with a new certificate from the moment that there is one', async () => {
    const tls = new ChangingTls()
    await using node = await port([ok], open, tls)
    const nameOf = async (): Promise<unknown> => {
      const response = await answer(node, '/ok')
      response.resume()
      return response.socket instanceof TLSSocket && response.socket.getPeerCertificate().subject.CN
    }
    assert.equal(await nameOf(), 'probes.test')
    const names = { commonName: 'renewed', dnsNames: ['renewed'], ipAddresses: [], nowMs: Date.now(), days: 1 }
    const { certificatePem, keyPem } = await makeSelfSigned(names)
    tls.change({ cert: certificatePem, key: keyPem })
    assert.equal(await nameOf(), 'renewed')
  })

  it('goes on with the old certificate where OpenSSL takes no new one, and does not begin with such', async () => {
    const rsa = ['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=weak', '-keyout', '-', '-out', '-']
    const pem = await openssl(rsa)
    const weak = { cert: pem, key: pem }
    const tls = new ChangingTls()
    await using node = await port([ok], open, tls)
    tls.change(weak)
    assert.deepEqual(await ask(node, '/ok'), [200, 'ok'])
    tls.change(selfSigned)
    assert.deepEqual(await ask(node, '/ok'), [200, 'ok'])
    tls.change(weak)
    await assert.rejects(port([ok], open, tls), { code: 'configuration', message: /key too small/u })
  })

  it('keeps no idle connection from before a new certificate', async () => {
    const tls = new ChangingTls()
    const connections: TLSSocket[] = []
    const connected = (socket: TLSSocket): void => void connections.push(socket)
    const place = { address: '127.0.0.1', port: 0, flag: 'port' }
    await using node = await openHttpsPort({ ...place, tls, guard: open, connected, routes: [ok], log: quietLog })
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
    const asked = request({ host: node.address, port: node.port, path: '/ok', agent }).end()
    const [response]: IncomingMessage[] = await once(asked, 'response')
    response?.resume()
    await once(asked, 'close')
    const [kept] = connections
    assert.ok(kept !== undefined && !kept.destroyed)
    const ended = once(kept, 'close')
    tls.change(selfSigned)
    await ended
    agent.destroy()
  })

  it('speaks no TLS before 1.2', async () => {
    await using node = await port([ok])
    const old = connect({
      host: node.address,
      port: node.port,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      rejectUnauthorized: false,
    })
    await assert.rejects(once(old, 'secureConnect'))
  })
})
