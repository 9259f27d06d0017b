import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ServiceCache } from '../../../../src/cluster/objects/service-cache.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { FakeApiServer } from '../../../fakes/fake-api-server.ts'
import { FakeCluster, type ClusterMethod } from '../../../fakes/fake-cluster.ts'
import { CallGate } from '../../../support/call-gate.ts'
import { quiet } from '../../../support/quiet.ts'

const ports = [{ port: 80, protocol: 'TCP' }]

/** A cache that reads a fake API server until the test ends. */
function aBed(t: TestContext) {
  const server = new FakeApiServer()
  const gate = new CallGate<ClusterMethod>()
  const cluster = new FakeCluster({ server, before: ({ method }) => gate.pass(method) })
  const faults: string[] = []
  let reads = 0
  const cache = new ServiceCache({
    cluster,
    onRead: () => (reads += 1),
    onFault: ({ code }) => faults.push(code),
    backOff: { initialMs: 1, maxMs: 1 },
  })
  const life = new AbortController()
  t.after(() => life.abort())
  const names = (...namespaces: readonly string[]) =>
    cache.of(...namespaces)?.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`)
  return {
    objects: server.objects,
    cluster,
    gate,
    faults,
    cache,
    names,
    reads: () => reads,
    run: async () => {
      void cache.run(life.signal)
      await quiet()
    },
  }
}

describe('the cache of Services', () => {
  it('knows nothing before it has read them once, and says when it has', async (t) => {
    const bed = aBed(t)
    assert.equal(bed.names('default'), undefined)
    const ready = bed.cache.ready(60_000, t.signal)
    await bed.run()
    await ready
    assert.deepEqual(bed.names('default'), [])
    assert.equal(bed.reads(), 1)
  })

  it('gives those of some namespaces, each once, in the order of their names', async (t) => {
    const bed = aBed(t)
    for (const name of ['web', 'api']) bed.objects.putService({ namespace: 'default', name, ports })
    bed.objects.putService({ namespace: 'other', name: 'web', ports })
    await bed.run()
    assert.deepEqual(bed.names('default', 'default'), ['default/api', 'default/web'])
    assert.deepEqual(bed.names('other', 'default'), ['other/web', 'default/api', 'default/web'])
    assert.deepEqual(bed.names('empty'), [])
  })

  it('follows what comes, changes and goes by one watch, and passes over those without an address', async (t) => {
    const bed = aBed(t)
    bed.objects.putService({ namespace: 'default', name: 'headless', clusterIP: 'None', ports })
    bed.objects.putService({ namespace: 'default', name: 'external', clusterIP: '', ports: [] })
    bed.objects.putService({ namespace: 'default', name: 'gone', ports })
    await bed.run()
    bed.objects.putService({ namespace: 'default', name: 'web', clusterIP: '10.96.0.9', ports })
    bed.objects.deleteService('default', 'gone')
    await quiet()
    assert.deepEqual(bed.names('default'), ['default/web'])
    bed.objects.putService({ namespace: 'default', name: 'web', clusterIP: 'None', ports })
    await quiet()
    assert.deepEqual(bed.names('default'), [])
    assert.deepEqual([bed.cluster.count('listServices'), bed.cluster.count('watchServices')], [1, 1])
  })

  it('is right again after it had to list anew', async (t) => {
    const bed = aBed(t)
    bed.objects.putService({ namespace: 'default', name: 'lost', ports })
    await bed.run()
    const relisted = bed.gate.hold('listServices')
    bed.objects.serviceWatches.end(new KubeletError('gone', 'too old resource version'))
    bed.objects.deleteService('default', 'lost')
    bed.objects.putService({ namespace: 'default', name: 'new', ports })
    relisted()
    while (bed.names('default')?.join() !== 'default/new') await quiet()
    assert.deepEqual([bed.faults, bed.reads()], [['gone'], 1])
  })

  it('does not wait for longer than it is told to', async (t) => {
    const bed = aBed(t)
    await bed.cache.ready(1, t.signal)
    await bed.cache.ready(60_000, AbortSignal.abort())
    assert.equal(bed.names('default'), undefined)
  })
})
