import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from '../support/command.ts'
import { bridgeAddress, proxiedNode } from '../support/node-address.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying } from '../support/test-pod.ts'

const opened = new Opened()
const node = await opened.open(TestNode.start(...(await proxiedNode())))
for (const kind of ['clusterrole', 'clusterrolebinding']) {
  opened.defer(() => node.kubectl.run('delete', kind, '--ignore-not-found', '-l', `e2e=${node.name}`))
}

type Answer = readonly [status: number | undefined, body: string]

const host = await bridgeAddress()

/** What the agent's own port answers. */
async function ask(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { port } = node
  const sent = request({ host, port, path, rejectUnauthorized: false, agent: false, ...options }).end()
  const [response] = await once(sent, 'response')
  return [response.statusCode, await text(response)]
}

/** What it answers to whoever has the token. */
function askWith(token: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  return ask(path, { ...options, headers: { authorization: `Bearer ${token}` } })
}

interface Credentials {
  readonly cert: string
  readonly key: string
}

/** Certificate and key of a kubeconfig's user. */
async function credentialsOf(kubeconfig: string): Promise<Credentials> {
  const view = ['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']
  const [kubectl = ''] = node.kubectl.command
  const shown = await run(kubectl, '--kubeconfig', kubeconfig, ...view)
  const { users } = JSON.parse(shown)
  const decode = (data: string): string => Buffer.from(data, 'base64').toString()
  return { cert: decode(users[0].user['client-certificate-data']), key: decode(users[0].user['client-key-data']) }
}

/** The token of a new ServiceAccount that may `get` these parts of nodes. */
async function accountThatMay(...subresources: readonly string[]): Promise<string> {
  const name = ['may', ...subresources].join('-')
  const [metadata, rbac] = [{ name: `${node.name}-${name}`, labels: { e2e: node.name } }, 'rbac.authorization.k8s.io']
  const subjects = [{ kind: 'ServiceAccount', name, namespace: node.name }]
  const rules = [{ apiGroups: [''], resources: subresources.map((each) => `nodes/${each}`), verbs: ['get'] }]
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: metadata.name }
  const items: object[] = [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }]
  if (subresources.length > 0) {
    items.push({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules })
    items.push({ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata, roleRef, subjects })
  }
  await node.kubectl.feed('create', { apiVersion: 'v1', kind: 'List', items })
  for (const subresource of subresources) await untilMay(name, subresource)
  return tokenOf(name)
}

/** The server's authorizer hears of a role a moment after it was made. */
async function untilMay(account: string, subresource: string): Promise<void> {
  const as = `--as=system:serviceaccount:${node.name}:${account}`
  const deadline = AbortSignal.timeout(30_000)
  for (;;) {
    const said = await node.kubectl
      .run('auth', 'can-i', 'get', 'nodes', `--subresource=${subresource}`, as)
      .catch(() => '')
    if (said.endsWith('yes')) return
    await delay(100, undefined, { signal: deadline })
  }
}

async function tokenOf(account: string, audiences: readonly string[] = []): Promise<string> {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences } }
  const path = `/api/v1/namespaces/${node.name}/serviceaccounts/${account}/token`
  const { status } = JSON.parse(await node.kubectl.feed('create', request, `--raw=${path}`))
  return status.token
}

function forbidden(account: string, subresources: string, verb = 'get'): Answer {
  const user = `system:serviceaccount:${node.name}:${account}`
  return [403, `Forbidden (user=${user}, verb=${verb}, resource=nodes, subresource(s)=[${subresources}])\n`]
}

describe('The HTTPS port of a node of a cluster', () => {
  before(() => node.createUntil(podManifest('shown', [staying('main')]), 'ready', isReady))

  it('answers nobody who shows no credentials, or wrong ones', async () => {
    const refused = [401, 'Unauthorized']
    for (const path of ['/metrics', '/pods', '/exec/a/b/c', '/no/such']) {
      assert.deepEqual(await ask(path), refused)
      assert.deepEqual(await askWith('e30.e30.c2lnbmF0dXJl', path), refused)
    }
    assert.deepEqual(await ask('/metrics', { method: 'HEAD' }), [401, ''])
  })

  it('asks the API server whose the token of a ServiceAccount is, and what it may', async () => {
    const token = await accountThatMay('healthz', 'metrics')
    assert.deepEqual(await askWith(token, '/healthz'), [200, 'ok'])
    assert.equal((await askWith(token, '/metrics'))[0], 200)
    const account = 'may-healthz-metrics'
    assert.deepEqual(await askWith(token, '/pods'), forbidden(account, 'pods proxy'))
    assert.deepEqual(await askWith(token, '/configz'), forbidden(account, 'configz proxy'))
    assert.deepEqual(await askWith(token, '/stats/summary'), forbidden(account, 'stats'))
    const run = await askWith(token, '/run/a/b/c?cmd=id', { method: 'POST' })
    assert.deepEqual(run, forbidden(account, 'proxy', 'create'))
  })

  it('takes the right to all of the node for that to its health, and no other right', async () => {
    assert.deepEqual(await askWith(await accountThatMay('proxy'), '/healthz'), [200, 'ok'])
    const other = await accountThatMay('configz')
    assert.deepEqual(await askWith(other, '/healthz'), forbidden('may-configz', 'healthz proxy'))
  })

  it('refuses a ServiceAccount without rights, and a token that was made for somebody else', async () => {
    const token = await accountThatMay()
    assert.deepEqual(await askWith(token, '/metrics'), forbidden('may', 'metrics'))
    assert.deepEqual(await askWith(token, '/metrics', { method: 'HEAD' }), [403, ''])
    assert.deepEqual(await askWith(await tokenOf('may', ['vault']), '/metrics'), [401, 'Unauthorized'])
  })

  it('knows clients by certificates of the CA of its cluster', async () => {
    const admin = await credentialsOf(node.kubectl.command[2] ?? '')
    assert.deepEqual(await ask('/healthz', admin), [200, 'ok'])
    const own = await credentialsOf(node.kubeconfig)
    const [status, body] = await ask('/containerLogs/a/b/c', own)
    const words = `Forbidden (user=system:node:${node.name}, verb=get, resource=nodes, subresource(s)=[proxy])\n`
    assert.deepEqual([status, body], [403, words])
  })

  it('serves the API server, and so kubectl', async () => {
    const raw = (path: string): Promise<string> =>
      node.kubectl.run('get', '--raw', `/api/v1/nodes/${node.name}/proxy/${path}`)
    assert.equal(await raw('healthz'), 'ok')
    const { items } = JSON.parse(await raw('pods'))
    const names = (items as readonly { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)
    assert.deepEqual(names, ['shown'])
    const running = JSON.parse(await raw('runningpods/'))
    assert.equal(running.items[0].spec.containers[0].name, 'main')
    const { kubeletconfig } = JSON.parse(await raw('configz'))
    assert.partialDeepStrictEqual(kubeletconfig, { kind: 'KubeletConfiguration', port: node.port })
    assert.match(await raw('logs/'), /<a href="pods\/">pods\/<\/a>/u)
    assert.match(await raw('statusz'), /kubelet statusz/u)
    assert.match(await raw('flagz'), new RegExp(`\nhostname-override: ${node.name}\n`, 'u'))
  })
})
