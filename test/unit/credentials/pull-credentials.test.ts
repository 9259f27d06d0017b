import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { PullCredentials } from '../../../src/credentials/pull-credentials.ts'
import { ObjectCache } from '../../../src/cluster/objects/object-cache.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { FakeApiServer } from '../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'
import { aPod } from '../../builders/pod.ts'

const { signal } = new AbortController()
const image = 'registry.test/app:1'

function login(username: string) {
  return { username, password: 'p', serverAddress: 'registry.test' }
}

/** A Pod that names these secrets; each that is in `users` holds the login of that user. */
function aBed(t: TestContext, names: readonly string[], users: Readonly<Record<string, string>>) {
  const server = new FakeApiServer()
  const imagePullSecrets = names.map((name) => ({ name }))
  server.createPod({ name: 'web', nodeName: 'node-1', spec: { imagePullSecrets } })
  for (const [name, username] of Object.entries(users)) {
    const content = JSON.stringify({ 'registry.test': { username, password: 'p' } })
    const data = { '.dockercfg': Buffer.from(content).toString('base64') }
    server.objects.put({ kind: 'Secret', namespace: 'default', name, type: 'kubernetes.io/dockercfg', data })
  }
  const cluster = new FakeCluster({ server })
  const life = new AbortController()
  t.after(() => life.abort())
  const nobody = { idleMs: 1000, onChange: () => {}, onFault: () => {} }
  const secrets = new ObjectCache({ cluster, signal: life.signal, ...nobody })
  const node = { find: async () => [login('node'), login('both')] }
  return { cluster, secrets, node, pod: aPod({ spec: { imagePullSecrets } }) }
}

describe('what a Pod may pull with', () => {
  it("is what its secrets say, in their order and with their names, then the node's own, none twice", async (t) => {
    const { secrets, node, pod } = aBed(t, ['b', 'a', 'b'], { a: 'both', b: 'of b' })
    assert.deepEqual(await new PullCredentials({ secrets, node }).find(pod, image, signal), {
      credentials: [
        { ...login('of b'), secret: { uid: 'uid-of-default-b', namespace: 'default', name: 'b' } },
        { ...login('both'), secret: { uid: 'uid-of-default-a', namespace: 'default', name: 'a' } },
        login('node'),
      ],
      faults: [],
    })
  })

  it('passes over a secret without a name, and asks for none', async (t) => {
    const { secrets, node, pod, cluster } = aBed(t, [''], {})
    const { faults } = await new PullCredentials({ secrets, node }).find(pod, image, signal)
    assert.deepEqual(faults, [])
    assert.equal(cluster.count('listObject'), 0)
  })

  it("is the node's own where there is no API server, and that is told", async (t) => {
    const { node, pod } = aBed(t, ['a'], {})
    assert.deepEqual(await new PullCredentials({ secrets: undefined, node }).find(pod, image, signal), {
      credentials: [login('node'), login('both')],
      faults: [{ secretName: 'a', kind: 'unusable', message: 'there is no API server' }],
    })
  })

  it('is not known when the agent ends before the answer has come', async (t) => {
    const { secrets, node, pod } = aBed(t, ['a'], {})
    const stop = new AbortController()
    const found = new PullCredentials({ secrets, node }).find(pod, image, stop.signal)
    stop.abort()
    await assert.rejects(found, (error) => KubeletError.is(error, 'aborted'))
  })
})
