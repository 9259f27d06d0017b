import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerSpec, Pod, PodSpec, VolumeSpec } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, staying } from '../support/test-pod.ts'
import { applyExample } from './examples.ts'
import { routeToApiServer } from './service-route.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

const automountedAt = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Stays, and can talk HTTPS. */
function client(change: Partial<ContainerSpec> = {}): ContainerSpec {
  return staying('main', { image: 'curlimages/curl:7.88.1', ...change })
}

/** What today's API servers mount into every container, and a token for another reader. */
const apiAccess: VolumeSpec = {
  name: 'access',
  projected: {
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 600 } },
      { serviceAccountToken: { path: 'vault/token', audience: 'vault', expirationSeconds: 7200 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  },
}
const mounted = { volumeMounts: [{ name: 'access', mountPath: '/access', readOnly: true }] }

function start(name: string, change: Partial<PodSpec> = {}, container: Partial<ContainerSpec> = mounted): Promise<Pod> {
  const manifest = podManifest(name, [client(container)], { volumes: [apiAccess], ...change })
  return node.createUntil(manifest, 'ready', isReady)
}

function read(pod: Pod, path: string): Promise<string> {
  return node.exec(pod, 'main', 'cat', path)
}

/** The HTTP status that the API server answers a request from the container with. */
function ask(pod: Pod, folder: string, headers = '--header "Authorization: Bearer $(cat $0/token)"'): Promise<string> {
  const url = 'https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/apis'
  const command = `curl --silent --show-error --cacert $0/ca.crt ${headers} --output /dev/null --write-out %{http_code} ${url}`
  return node.exec(pod, 'main', 'sh', '-c', command, folder)
}

interface TokenReview {
  readonly authenticated?: boolean
  readonly audiences?: readonly string[]
  readonly user: { readonly username?: string; readonly extra?: Readonly<Record<string, readonly string[]>> }
}

/** Whose token it is in the API server's eyes. */
async function review(token: string, ...audiences: readonly string[]): Promise<TokenReview> {
  const wanted = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } }
  const answer: { readonly status: TokenReview } = JSON.parse(await node.kubectl.feed('create', wanted, '-o=json'))
  return answer.status
}

interface Claims {
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
}

function claimsOf(token: string): Claims {
  const claims: Claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  return claims
}

describe('What a Pod has of its ServiceAccount', { concurrency: 8 }, () => {
  it('lets a client in the container talk to the API server, mounted by the server itself', async () => {
    const change = { automountServiceAccountToken: true, volumes: [] }
    const pod = await start('automounted', change, {})
    await using _ = await routeToApiServer(node, pod)
    assert.equal(await ask(pod, automountedAt), '200')
    assert.equal(await ask(pod, automountedAt, ''), '403')
    assert.equal(await read(pod, `${automountedAt}/namespace`), node.name)
    const { authenticated, user } = await review(await read(pod, `${automountedAt}/token`))
    assert.deepEqual([authenticated, user.username], [true, `system:serviceaccount:${node.name}:default`])
    // Old servers mount the Secret of the ServiceAccount, whose token nobody has bound to the Pod.
    const isBound = pod.spec.volumes?.every(({ projected }) => projected !== undefined)
    const names = user.extra?.['authentication.kubernetes.io/pod-name']
    assert.deepEqual(names, isBound ? ['automounted'] : undefined)
  })

  it('lets it with the token, the certificate and the namespace of a projected volume', async () => {
    const pod = await start('projected')
    await using _ = await routeToApiServer(node, pod)
    assert.equal(await ask(pod, '/access'), '200')
    assert.equal(await read(pod, '/access/namespace'), node.name)
    const token = await read(pod, '/access/token')
    const { exp, iat } = claimsOf(token)
    assert.equal(exp - iat, 600)
    const { user } = await review(token)
    assert.deepEqual(user.extra?.['authentication.kubernetes.io/pod-uid'], [pod.metadata.uid])
  })

  it('is for whom the Pod names, and for nobody else', async () => {
    const pod = await start('for-the-vault')
    const token = await read(pod, '/access/vault/token')
    assert.deepEqual(claimsOf(token).aud, ['vault'])
    const { authenticated, audiences } = await review(token, 'vault')
    assert.deepEqual([authenticated, audiences], [true, ['vault']])
    assert.notEqual((await review(token)).authenticated, true)
  })

  it('is worth nothing when the Pod is gone', async () => {
    const pod = await start('short-lived')
    const token = await read(pod, '/access/token')
    assert.equal((await review(token)).authenticated, true)
    await node.kubectl.run('delete', 'pod', 'short-lived', '--grace-period=1')
    // The API server keeps what it has found of a token for ten seconds.
    for (let tries = 0; (await review(token)).authenticated === true; tries += 1) {
      assert.ok(tries < 60, 'the token is good half a minute after its Pod')
      await delay(500)
    }
  })

  it('is its reader’s alone where all containers run as one user, its group’s where there is one, else everybody’s', async () => {
    const modes = async (name: string, securityContext: PodSpec['securityContext']): Promise<string> => {
      const pod = await start(name, { securityContext: securityContext ?? {} })
      return node.exec(pod, 'main', 'sh', '-c', 'cd /access && stat -Lc "%a %u %g" token namespace')
    }
    const [free, user, group, both] = await Promise.all([
      modes('of-nobody', {}),
      modes('of-one-user', { runAsUser: 1000 }),
      modes('of-a-group', { fsGroup: 2000 }),
      modes('of-both', { runAsUser: 1000, fsGroup: 2000 }),
    ])
    assert.deepEqual(
      [free, user, group, both],
      ['644 0 0\n644 0 0', '600 1000 0\n644 0 0', '640 0 2000\n644 0 2000', '640 1000 2000\n644 0 2000'],
    )
  })

  it('comes when there is a ServiceAccount, and until then the Pod waits and says why', async () => {
    await node.kubectl.run('create', 'serviceaccount', 'late')
    // Nobody's to schedule, until it is bound below.
    const change = { serviceAccountName: 'late', schedulerName: 'nobody', nodeName: '' }
    await node.create(podManifest('waiting', [client(mounted)], { volumes: [apiAccess], ...change }))
    await node.kubectl.run('delete', 'serviceaccount', 'late')
    const target = { apiVersion: 'v1', kind: 'Node', name: node.name }
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'waiting' }, target }
    await node.kubectl.feed('create', binding, '--validate=false')
    const { message } = await node.untilEvent('waiting', 'FailedMount')
    assert.match(message ?? '', /^MountVolume.SetUp failed for volume "access" : .*serviceaccounts "late" not found/u)
    await node.kubectl.run('create', 'serviceaccount', 'late')
    await node.until('waiting', 'ready', isReady)
  })

  it('api-client asks the API server about itself', async (t) => {
    await applyExample(node, 'api-client.yaml')
    const started = await node.until('api-client', 'with an address', ({ status }) => status?.podIP !== undefined)
    const route = await routeToApiServer(node, started)
    t.after(() => route[Symbol.asyncDispose]())
    const pod = await node.until('api-client', 'over', hasPhase('Succeeded'))
    const answer: Pod = JSON.parse((await node.logs(pod, 'main')).replace(/^[^{]*/u, ''))
    assert.deepEqual([answer.kind, answer.metadata.uid], ['Pod', pod.metadata.uid])
  })
})

describe('An agent that is started anew', () => {
  it('gives running Pods new tokens, and takes none of the old ones away', async () => {
    const pod = await start('surviving')
    const before = await read(pod, '/access/token')
    await node.agent.stop()
    node.restartAgent()
    const command = 'until [ "$(cat /access/token)" != "$0" ]; do sleep 0.1; done; cat /access/token'
    const after = await node.exec(pod, 'main', 'sh', '-c', command, before)
    for (const token of [before, after]) assert.equal((await review(token)).authenticated, true)
    const { restartCount } = (await node.until('surviving', 'ready', isReady)).status?.containerStatuses?.[0] ?? {}
    assert.equal(restartCount, 0)
  })
})
