/** Every route of the table that the agent serves, and who may call it. */
import assert from 'node:assert/strict'
import { Agent, type RequestOptions } from 'node:https'
import { describe, it } from 'node:test'
import { apiRoutes } from '../../src/kubelet-server.ts'
import { Authority } from '../support/authority.ts'
import { serverInMemory, type ServerAnswer, type ServerInMemory } from '../support/server-in-memory.ts'

/** The rights that each route needs one of. A route that is not here has not been thought about. */
const rights: Readonly<Record<string, readonly string[]>> = {
  '/healthz': ['healthz', 'proxy'],
  '/healthz/ping': ['healthz', 'proxy'],
  '/healthz/log': ['healthz', 'proxy'],
  '/healthz/syncloop': ['healthz', 'proxy'],
  '/pods': ['pods', 'proxy'],
  '/runningpods': ['pods', 'proxy'],
  '/configz': ['configz', 'proxy'],
  '/flagz': ['configz'],
  '/statusz': ['statusz'],
  '/stats/summary': ['stats'],
  '/metrics': ['metrics'],
  '/metrics/probes': ['metrics'],
  '/metrics/slis': ['metrics'],
  '/metrics/resource': ['metrics'],
  '/metrics/cadvisor': ['metrics'],
  '/logs/*': ['log'],
  '/checkpoint/:namespace/:pod/:container': ['checkpoint'],
  '/containerLogs/:namespace/:pod/:container': ['proxy'],
  '/exec/:namespace/:pod/:container': ['proxy'],
  '/exec/:namespace/:pod/:uid/:container': ['proxy'],
  '/attach/:namespace/:pod/:container': ['proxy'],
  '/attach/:namespace/:pod/:uid/:container': ['proxy'],
  '/run/:namespace/:pod/:container': ['proxy'],
  '/run/:namespace/:pod/:uid/:container': ['proxy'],
  '/portForward/:namespace/:pod': ['proxy'],
  '/portForward/:namespace/:pod/:uid': ['proxy'],
  '/debug/flags/v': ['proxy'],
  '/debug/pprof/*': ['proxy'],
}
const unknownPaths: Readonly<Record<string, readonly string[]>> = {
  '/': ['proxy'],
  '//': ['proxy'],
  '/no/such': ['proxy'],
  '/metrics/no/such': ['metrics'],
  '/%70ods': ['pods', 'proxy'],
  '/metrics/../exec/a/b/c': ['proxy'],
  '/%E0%A4%A': ['proxy'],
}
const every = { ...rights, ...unknownPaths }
const subresources = ['healthz', 'pods', 'configz', 'statusz', 'stats', 'metrics', 'log', 'checkpoint', 'proxy']

const verbs = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete', HEAD: '', OPTIONS: '' }
const websocket = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'v4.channel.k8s.io',
}
const upgrades = [{ connection: 'Upgrade', upgrade: 'SPDY/3.1' }, websocket]

function pathOf(pattern: string): string {
  return pattern.replaceAll(/:(\w+)/gu, 'no-$1').replace('*', 'no')
}

describe('the routes of the agent', () => {
  it('are all known here, with the rights that they need', async (test) => {
    const { parts } = await serverInMemory(test)
    const patterns = apiRoutes(parts).map(({ pattern }) => pattern)
    assert.deepEqual(
      patterns.filter((pattern) => rights[pattern] === undefined),
      [],
    )
    assert.deepEqual(
      Object.keys(rights).filter((pattern) => !patterns.includes(pattern)),
      [],
    )
  })

  it('answer no unknown caller, by whatever path, method, upgrade or credentials', async (test) => {
    const node = await serverInMemory(test)
    const stranger = await Authority.make('the CA')
    const subject = [
      ['O', 'system:masters'],
      ['CN', 'admin'],
    ] as const
    const callers = [
      new Agent({ keepAlive: true }),
      new Agent({ keepAlive: true, ...(await stranger.issue({ subject })) }),
      new Agent({ keepAlive: true, ...(await node.authority.issue({ subject, toMs: -1000 })) }),
    ]
    test.after(() => callers.forEach((agent) => agent.destroy()))
    const refused = async (pattern: string, options: RequestOptions): Promise<void> => {
      const { status, body } = await node.ask(pathOf(pattern), options)
      const what = `${options.method} ${pattern} ${JSON.stringify(options.headers)}`
      assert.deepEqual([status, body], [401, options.method === 'HEAD' ? '' : 'Unauthorized'], what)
    }
    const [nobody] = callers
    for (const pattern of Object.keys(every)) {
      for (const method of Object.keys(verbs)) await refused(pattern, { agent: nobody, method })
      for (const headers of upgrades) {
        for (const method of ['GET', 'POST']) await refused(pattern, { agent: nobody, method, headers })
      }
      for (const agent of callers) {
        await refused(pattern, { agent, method: 'GET', headers: { authorization: 'Bearer bm8.bm8.bm8' } })
        await refused(pattern, { agent, method: 'POST', headers: websocket })
      }
    }
    assert.equal(node.cluster.count('reviewAccess'), 0)
  })

  it('answer a known caller without rights with what it would need', async (test) => {
    const node = await serverInMemory(test)
    const anna = await callerNamed(node, 'anna')
    for (const [pattern, needed] of Object.entries(every)) {
      const words = (verb: string): string =>
        `Forbidden (user=anna, verb=${verb}, resource=nodes, subresource(s)=[${needed.join(' ')}])\n`
      for (const [method, verb] of Object.entries(verbs)) {
        const { status, body } = await node.ask(pathOf(pattern), { agent: anna, method })
        assert.deepEqual([status, body], [403, method === 'HEAD' ? '' : words(verb)], `${method} ${pattern}`)
      }
      for (const headers of upgrades) {
        const answer = await node.ask(pathOf(pattern), { agent: anna, headers })
        assert.deepEqual(answer, { status: 403, body: words('get') }, pattern)
      }
    }
    anna.destroy()
  })

  for (const right of subresources) {
    it(`answer who may do "${right}" where that is enough, and nowhere else`, async (test) => {
      const node = await serverInMemory(test)
      node.api.access.grant({ to: 'staff', verb: '*', subresource: right })
      const anna = await callerNamed(node, 'anna', 'staff')
      for (const [pattern, needed] of Object.entries(every)) {
        for (const headers of [{}, ...upgrades]) {
          const { status } = await node.ask(pathOf(pattern), { agent: anna, headers })
          assert.equal(status !== 401 && status !== 403, needed.includes(right), `${pattern}: ${status}`)
        }
      }
      anna.destroy()
    })
  }

  it('answer who may read them, and not who may only read, when something is to be done', async (test) => {
    const node = await serverInMemory(test)
    node.api.access.grant({ to: 'anna', verb: 'get', subresource: 'proxy' })
    const anna = await callerNamed(node, 'anna')
    const ask = (path: string, method: string): Promise<ServerAnswer> => node.ask(path, { agent: anna, method })
    assert.equal((await ask('/run/a/b/c', 'POST')).status, 403)
    assert.equal((await ask('/debug/flags/v', 'PUT')).status, 403)
    assert.equal((await ask('/containerLogs/a/b/c', 'GET')).status, 404)
    anna.destroy()
  })

  it('answer a stranger only where strangers are let in, and then only what they may', async (test) => {
    const node = await serverInMemory(test, ['--anonymous-auth'])
    const words = 'Forbidden (user=system:anonymous, verb=get, resource=nodes, subresource(s)=[healthz proxy])\n'
    assert.deepEqual(await node.ask('/healthz'), { status: 403, body: words })
    node.api.access.grant({ to: 'system:unauthenticated', verb: 'get', subresource: 'healthz' })
    const other = await serverInMemory(test, ['--anonymous-auth', '--authorization-webhook-cache-unauthorized-ttl=0'])
    assert.equal((await other.ask('/healthz')).status, 403)
    other.api.access.grant({ to: 'system:unauthenticated', verb: 'get', subresource: 'healthz' })
    assert.deepEqual(await other.ask('/healthz'), { status: 200, body: 'ok' })
    assert.equal((await other.ask('/pods')).status, 403)
    assert.equal((await other.ask('/healthz', { headers: { authorization: 'Bearer bm8.bm8.bm8' } })).status, 401)
  })

  it('answer any known caller, and no other, where nobody is to be asked', async (test) => {
    const node = await serverInMemory(test, ['--authorization-mode=AlwaysAllow'])
    const anna = await callerNamed(node, 'anna')
    assert.equal((await node.ask('/pods', { agent: anna })).status, 200)
    assert.equal((await node.ask('/pods')).status, 401)
    assert.equal(node.cluster.count('reviewAccess'), 0)
    anna.destroy()
  })

  it('answer, without an API server, whoever has a certificate of the CA that was named, and no other', async (test) => {
    const node = await serverInMemory(test, ['--pod-manifest-path=/manifests'])
    const anna = await callerNamed(node, 'anna')
    assert.equal((await node.ask('/pods', { agent: anna })).status, 200)
    assert.equal((await node.ask('/pods')).status, 401)
    assert.equal((await node.ask('/pods', { headers: { authorization: 'Bearer bm8.bm8.bm8' } })).status, 401)
    anna.destroy()
  })

  it('are turned off for those who may call them, and stay closed to others', async (test) => {
    const node = await serverInMemory(test, ['--enable-debugging-handlers=false'])
    const admin = await callerNamed(node, 'admin', 'system:masters')
    const disabled = { status: 405, body: 'Debug endpoints are disabled.\n' }
    for (const path of [
      '/exec/a/b/c',
      '/run/a/b/c',
      '/containerLogs/a/b/c',
      '/portForward/a/b',
      '/logs/',
      '/runningpods/',
    ]) {
      assert.deepEqual(await node.ask(path, { agent: admin }), disabled, path)
      assert.deepEqual(await node.ask(path), { status: 401, body: 'Unauthorized' }, path)
    }
    assert.equal((await node.ask('/configz', { agent: admin })).status, 404)
    assert.equal((await node.ask('/pods', { agent: admin })).status, 200)
    admin.destroy()
  })

  it('are on the port that anyone may read health, Pods, stats and metrics alone', async (test) => {
    const { readOnlyPort } = await serverInMemory(test)
    const open = ['healthz', 'pods', 'stats', 'metrics']
    for (const [pattern, [right = '']] of Object.entries(rights)) {
      if (pattern === '/runningpods') continue
      const response = await fetch(`http://127.0.0.1:${readOnlyPort}${pathOf(pattern)}`)
      await response.body?.cancel()
      assert.equal(response.status === 404, !open.includes(right), pattern)
    }
    assert.equal((await fetch(`http://127.0.0.1:${readOnlyPort}/runningpods/`)).status, 404)
  })
})

/** A connection of somebody whose certificate is good. */
async function callerNamed({ authority }: ServerInMemory, name: string, ...groups: readonly string[]): Promise<Agent> {
  const subject = [...groups.map((group) => ['O', group] as const), ['CN', name] as const]
  return new Agent({ keepAlive: true, ...(await authority.issue({ subject })) })
}
