import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RuntimeClasses } from '../../../../src/cluster/objects/runtime-classes.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { FakeApiServer } from '../../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../../fakes/fake-cluster.ts'

describe('the RuntimeClasses that Pods name', () => {
  function aBed() {
    const server = new FakeApiServer()
    const cluster = new FakeCluster({ server })
    const classes = new RuntimeClasses(cluster)
    const handler = async (signal: AbortSignal): Promise<string> => (await classes.get('sandboxed', signal)).handler
    return { objects: server.objects, cluster, handler }
  }
  const missing = { code: 'not-found', message: 'runtimeclass.node.k8s.io "sandboxed" not found' }

  it('are found as they are now, and not found when they are gone', async ({ signal }) => {
    const { objects, handler } = aBed()
    await assert.rejects(handler(signal), missing)
    objects.putRuntimeClass('sandboxed', 'kata')
    assert.equal(await handler(signal), 'kata')
    objects.putRuntimeClass('sandboxed', 'gvisor')
    assert.equal(await handler(signal), 'gvisor')
    objects.deleteRuntimeClass('sandboxed')
    await assert.rejects(handler(signal), missing)
  })

  it('are as they were last while the server does not answer', async ({ signal }) => {
    const { objects, cluster, handler } = aBed()
    const outage = new KubeletError('unavailable', 'no answer')
    cluster.failNext('getRuntimeClass', outage)
    await assert.rejects(handler(signal), {
      code: 'internal',
      message: 'failed to lookup RuntimeClass sandboxed: no answer',
    })
    objects.putRuntimeClass('sandboxed', 'kata')
    await handler(signal)
    cluster.failNext('getRuntimeClass', outage)
    assert.equal(await handler(signal), 'kata')
    objects.deleteRuntimeClass('sandboxed')
    await assert.rejects(handler(signal), missing)
    cluster.failNext('getRuntimeClass', outage)
    await assert.rejects(handler(signal), { code: 'internal' })
  })

  it('are not asked for by whoever has gone', async () => {
    const { handler } = aBed()
    await assert.rejects(handler(AbortSignal.abort()), { code: 'aborted' })
  })
})
