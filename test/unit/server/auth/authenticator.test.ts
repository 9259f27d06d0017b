import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import type { Caller, TokenVerdict } from '../../../../src/model/access.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { Authenticator } from '../../../../src/server/auth/authenticator.ts'
import { KnownTokens } from '../../../../src/server/auth/known-tokens.ts'
import { PeerCertificates } from '../../../../src/server/auth/peer-certificate.ts'
import { openHttpsPort } from '../../../../src/server/https-port.ts'
import type { Guard } from '../../../../src/server/route.ts'
import { Authority, type KeyPair } from '../../../support/authority.ts'
import { quietLog } from '../../../support/quiet-log.ts'
import { selfSigned } from '../../../support/self-signed.ts'

const anna = [
  ['O', 'staff'],
  ['O', 'cooks'],
  ['CN', 'anna'],
] as const

describe('who sends a request', () => {
  it('is whom a certificate of the CA names, and in the group of all who are known', async (test) => {
    const port = await testPort(test)
    const found = await port.callerOf(await port.authority.issue({ subject: anna }))
    assert.partialDeepStrictEqual(found, { name: 'anna', groups: ['staff', 'cooks', 'system:authenticated'] })
    const [id = ''] = found?.extra['authentication.kubernetes.io/credential-id'] ?? []
    assert.match(id, /^X509SHA256=[0-9a-f]{64}$/u)
  })

  it('is whom a certificate names that comes from the CA by way of another', async (test) => {
    const port = await testPort(test)
    const between = await Authority.make('between', port.authority)
    const { cert, key } = await between.issue({ subject: anna })
    assert.equal((await port.callerOf({ cert: cert + between.cert, key }))?.name, 'anna')
    assert.equal(await port.callerOf({ cert, key }), undefined)
  })

  it('is not whom a certificate names that does not hold', async (test) => {
    const port = await testPort(test)
    const stranger = await Authority.make('the CA')
    const pairs = [
      await stranger.issue({ subject: anna }),
      await port.authority.issue({ subject: anna, toMs: -1000 }),
      await port.authority.issue({ subject: anna, fromMs: 60_000 }),
      await port.authority.issue({ subject: anna, purpose: 'server' }),
      await port.authority.issue({ subject: [...anna, ['1.3.6.1.4.1.57683.2', '1'], ['1.3.6.1.4.1.57683.2', '2']] }),
      { ...selfSigned },
    ]
    for (const pair of pairs) assert.equal(await port.callerOf(pair), undefined)
    assert.equal(port.faults.length, pairs.length)
  })

  it('is nobody where a certificate has no name', async (test) => {
    const port = await testPort(test)
    assert.equal(await port.callerOf(await port.authority.issue({ subject: [['O', 'system:masters']] })), undefined)
    assert.deepEqual(port.faults, [])
  })

  it('is not whom a certificate names any more once it or its CA has ended, on a connection that stays', async (test) => {
    const port = await testPort(test)
    using agent = keptConnection(await port.authority.issue({ subject: anna, toMs: 1_800_000 }))
    const ask = async (): Promise<string | undefined> => (await port.callerOf({ agent }))?.name
    assert.equal(await ask(), 'anna')
    const other = await Authority.make('another CA')
    port.clientCa = other.cert
    assert.equal(await ask(), undefined)
    port.clientCa = port.authority.cert + other.cert
    assert.equal(await ask(), 'anna')
    port.clientCa = undefined
    assert.equal(await ask(), undefined)
    port.clientCa = port.authority.cert
    assert.equal(await ask(), 'anna')
    test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 1_801_000 })
    assert.equal(await ask(), undefined)
    test.mock.timers.reset()
    assert.equal(port.connections, 1)
  })

  it('is nobody on a session that is taken up again without a certificate, though Node calls that authorized', async (test) => {
    const port = await testPort(test)
    const options = { port: port.port, host: '127.0.0.1', rejectUnauthorized: false } as const
    const first = connect({ ...options, minVersion: 'TLSv1.3' })
    const [session] = await once(first, 'session')
    first.destroy()
    const again: TLSSocket = connect({ ...options, session })
    await once(again, 'secureConnect')
    assert.equal(again.isSessionReused(), true)
    again.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    const [answer] = await once(again, 'data')
    assert.match(String(answer), /^HTTP\/1\.1 401 /u)
    again.destroy()
  })

  it('is whom the API server knows by the token, which nobody behind this sees', async (test) => {
    const port = await testPort(test)
    const found = await port.callerOf({ headers: { authorization: 'Bearer of-bert' } })
    assert.deepEqual(found, { name: 'bert', uid: '7', groups: ['system:authenticated'], extra: {} })
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('of-bert').toString('base64url')}`
    const headers = { upgrade: 'websocket', 'sec-websocket-protocol': `v4.channel.k8s.io, ${protocol}` }
    assert.equal((await port.callerOf({ headers }))?.name, 'bert')
    assert.deepEqual(port.seen.at(0)?.['authorization'], undefined)
    assert.deepEqual(port.seen.at(1)?.['sec-websocket-protocol'], 'v4.channel.k8s.io')
    assert.equal(await port.callerOf({ headers: { ...headers, upgrade: 'SPDY/3.1' } }), undefined)
  })

  it('is whom the certificate names where there is a token too, and the token counts where it does not hold', async (test) => {
    const port = await testPort(test)
    const headers = { authorization: 'Bearer of-bert' }
    const { cert, key } = await port.authority.issue({ subject: anna })
    assert.equal((await port.callerOf({ cert, key, headers }))?.name, 'anna')
    assert.equal((await port.callerOf({ ...selfSigned, headers }))?.name, 'bert')
  })

  it('is nobody by a token that the API server could not be asked about, even where strangers are let in', async (test) => {
    const port = await testPort(test, { anonymous: true })
    assert.equal(await port.callerOf({ headers: { authorization: 'Bearer of-the-outage' } }), undefined)
    assert.deepEqual(port.faults, ['no connection'])
  })

  it('is no longer asked about when the client is gone', async (test) => {
    const port = await testPort(test)
    const options = { host: '127.0.0.1', port: port.port, rejectUnauthorized: false, agent: false } as const
    const sent = request({ ...options, headers: { authorization: 'Bearer that-takes-long' } }).end()
    sent.on('error', () => {})
    const asking = await port.asked.promise
    const ended = once(asking, 'abort')
    assert.equal(asking.aborted, false)
    sent.destroy()
    await ended
  })

  it('is nobody without credentials, and nobody hears why others did not do', async (test) => {
    const port = await testPort(test)
    const wrong = [{}, { headers: { authorization: 'Bearer of-nobody' } }, { headers: { authorization: 'Basic YTpi' } }]
    for (const options of wrong) {
      assert.equal(await port.callerOf(options), undefined)
      assert.equal(port.said, 'Unauthorized')
    }
    assert.deepEqual(port.faults, ['no token of mine'])
  })

  it('is anonymous without credentials where that is allowed, and never with some that do not hold', async (test) => {
    const port = await testPort(test, { anonymous: true })
    assert.deepEqual(await port.callerOf({}), {
      name: 'system:anonymous',
      uid: '',
      groups: ['system:unauthenticated'],
      extra: {},
    })
    assert.equal(await port.callerOf({ headers: { authorization: 'Bearer of-nobody' } }), undefined)
    assert.equal(await port.callerOf({ ...selfSigned }), undefined)
  })

  it('is nobody by a token where tokens count for nothing', async (test) => {
    const port = await testPort(test, { hasTokens: false })
    assert.equal(await port.callerOf({ headers: { authorization: 'Bearer of-bert' } }), undefined)
  })
})

/** The agent's HTTPS port, which says who it takes the sender of a request for. */
async function testPort(test: TestContext, { anonymous = false, hasTokens = true } = {}) {
  const { signal } = test
  const authority = await Authority.make('the CA')
  const state = new PortState(authority.cert)
  const bert: Caller = { name: 'bert', uid: '7', groups: [], extra: {} }
  const cluster = {
    reviewToken: async (token: string, asking: AbortSignal): Promise<TokenVerdict> => {
      if (token === 'that-takes-long') {
        state.asked.resolve(asking)
        await once(asking, 'abort')
      }
      if (token === 'of-the-outage') throw new KubeletError('unavailable', 'no connection')
      return token === 'of-bert' ? { kind: 'known', caller: bert } : { kind: 'unknown', reason: 'no token of mine' }
    },
  }
  const certificates = new PeerCertificates(() => state.clientCa)
  const authenticator = new Authenticator({
    certificates,
    tokens: hasTokens ? new KnownTokens({ cluster, cacheTtlMs: 1000, signal }) : undefined,
    anonymous,
    onFault: ({ message }) => state.faults.push(message),
  })
  const guard: Guard = async (incoming, _, life) => {
    try {
      const caller = await authenticator.authenticate(incoming, life)
      state.seen.push({ ...incoming.headers })
      return { kind: 'refused', status: 200, body: JSON.stringify(caller) }
    } catch (error) {
      const { status = 500, message } = KubeletError.from(error)
      return { kind: 'refused', status, body: message }
    }
  }
  const tls = {
    current: () => ({ ...selfSigned, ca: state.clientCa ?? [] }),
    onChange: () => ({ [Symbol.dispose]: () => {} }),
  }
  const open = await openHttpsPort({
    address: '127.0.0.1',
    port: 0,
    flag: 'port',
    tls,
    guard,
    connected: (socket) => {
      state.connections += 1
      certificates.connected(socket)
    },
    routes: [],
    log: quietLog,
  })
  test.after(() => open[Symbol.asyncDispose]())

  /** The caller that a request with these options is of; `undefined` for a refusal. */
  const callerOf = async (options: TestRequest): Promise<Caller | undefined> => {
    const headers = { ...options.headers, ...(options.headers?.['upgrade'] !== undefined && { connection: 'Upgrade' }) }
    const { port } = open
    const sent = request({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false, ...options, headers })
    sent.end()
    const [response] = await once(sent, 'response')
    state.said = await text(response)
    if (response.statusCode === 401) return undefined
    const caller: Caller = JSON.parse(state.said)
    return caller
  }
  return Object.assign(state, { authority, port: open.port, callerOf })
}

interface TestRequest extends Partial<KeyPair> {
  readonly headers?: Readonly<Record<string, string>>
  readonly agent?: Agent
}

class PortState {
  clientCa: string | undefined
  /** What was wrong with credentials. */
  readonly faults: string[] = []
  /** The headers of those who were let in, as they are behind the door. */
  readonly seen: NodeJS.Dict<string | string[]>[] = []
  /** What the API server is asked about and does not answer. */
  readonly asked = Promise.withResolvers<AbortSignal>()
  /** The last answer's body. */
  said = ''
  connections = 0

  constructor(clientCa: string) {
    this.clientCa = clientCa
  }
}

function keptConnection(pair: KeyPair): Agent & Disposable {
  const agent = new Agent({ ...pair, keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  return Object.assign(agent, { [Symbol.dispose]: () => agent.destroy() })
}
