import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PullCredentials } from '../../../src/credentials/pull-credentials.ts'
import { SecretCache } from '../../../src/credentials/secret-cache.ts'
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
function aBed(names: readonly string[], users: Readonly<Record<string, string>>) {
  const server = new FakeApiServer()
  const imagePullSecrets = names.map((name) => ({ name }))
  server.createPod({ name: 'web', nodeName: 'node-1', spec: { imagePullSecrets } })
  for (const [name, username] of Object.entries(users)) {
    const content = JSON.stringify({ 'registry.test': { username, password: 'p' } })
    const data = { '.dockercfg': Buffer.from(content).toString('base64') }
    server.putSecret({ name, type: 'kubernetes.io/dockercfg', data })
  }
  const cluster = new FakeCluster({ server })
  const secrets = new SecretCache(cluster, signal)
  const node = { find: async () => [login('node'), login('both')] }
  return { cluster, secrets, node, pod: aPod({ spec: { imagePullSecrets } }) }
}

describe('what a Pod may pull with', () => {
  it("is what its secrets say, in their order and with their names, then the node's own, none twice", async () => {
    const { secrets, node, pod } = aBed(['b', 'a', 'b'], { a: 'both', b: 'of b' })
    assert.deepEqual(await new PullCredentials({ secrets, node }).find(pod, image, signal), {
      credentials: [
        { ...login('of b'), secret: { uid: 'uid-of-default-b', namespace: 'default', name: 'b' } },
        { ...login('both'), secret: { uid: 'uid-of-default-a', namespace: 'default', name: 'a' } },
        login('node'),
      ],
      faults: [],
    })
  })

  it('passes over a secret without a name, and asks for none', async () => {
    const { secrets, node, pod, cluster } = aBed([''], {})
    const { faults } = await new PullCredentials({ secrets, node }).find(pod, image, signal)
    assert.deepEqual(faults, [])
    assert.equal(cluster.count('getSecret'), 0)
  })

  it("is the node's own where there is no API server, and that is told", async () => {
    const { node, pod } = aBed(['a'], {})
    assert.deepEqual(await new PullCredentials({ secrets: undefined, node }).find(pod, image, signal), {
      credentials: [login('node'), login('both')],
      faults: [{ secretName: 'a', kind: 'unusable', message: 'there is no API server' }],
    })
  })

  it('is not known when the agent ends before the answer has come', async () => {
    const { secrets, node, pod, cluster } = aBed(['a'], {})
    cluster.failNext('getSecret', new KubeletError('aborted', 'The call was aborted'))
    await assert.rejects(new PullCredentials({ secrets, node }).find(pod, image, signal), (error) =>
      KubeletError.is(error, 'aborted'),
    )
  })
})
