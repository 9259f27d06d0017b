import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SecretCache } from '../../../src/credentials/secret-cache.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { FakeApiServer } from '../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

function aBed() {
  const server = new FakeApiServer()
  const cluster = new FakeCluster({ server })
  const imagePullSecrets = [{ name: 'pull' }, { name: 'other' }]
  server.createPod({ name: 'web', nodeName: 'node-1', spec: { imagePullSecrets } })
  const put = (name: string, data = 'e30=') =>
    server.putSecret({ name, type: 'kubernetes.io/dockercfg', data: { '.dockercfg': data } })
  return { cluster, cache: new SecretCache(cluster, new AbortController().signal), put }
}

describe('SecretCache', () => {
  it('asks once for 40 Pods that come together, and again after ten seconds', async (t) => {
    t.mock.timers.enable({ apis: ['Date'] })
    const { cluster, cache, put } = aBed()
    put('pull')
    const ask = () => cache.get('default', 'pull')
    await Promise.all(Array.from({ length: 40 }, ask))
    t.mock.timers.tick(9999)
    await ask()
    assert.equal(cluster.count('getSecret'), 1)
    put('pull', 'e30K')
    t.mock.timers.tick(1)
    assert.deepEqual((await ask()).data, { '.dockercfg': 'e30K' })
    assert.equal(cluster.count('getSecret'), 2)
  })

  it('keeps secrets apart', async () => {
    const { cache, put } = aBed()
    put('pull')
    put('other', 'e30K')
    assert.deepEqual((await cache.get('default', 'pull')).data, { '.dockercfg': 'e30=' })
    assert.deepEqual((await cache.get('default', 'other')).data, { '.dockercfg': 'e30K' })
  })

  it('keeps no failure', async () => {
    const { cache, put } = aBed()
    await assert.rejects(cache.get('default', 'pull'), (error) => KubeletError.is(error, 'not-found'))
    put('pull')
    assert.equal((await cache.get('default', 'pull')).metadata?.name, 'pull')
  })
})
