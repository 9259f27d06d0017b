import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { ImagePuller } from '../../../src/sync/image-puller.ts'
import type { Rate } from '../../../src/util/token-bucket.ts'
import { FakeDocker } from '../../fakes/fake-docker.ts'
import { FakeEngine } from '../../fakes/fake-engine.ts'

const unlimited: Rate = { perSecond: 0, burst: 0 }

function aPuller(rate = unlimited): { readonly engine: FakeEngine; readonly puller: ImagePuller } {
  const docker = new FakeDocker()
  for (const name of ['a:1', 'b:1', 'c:1']) docker.publish(name)
  const engine = new FakeEngine({ docker, nodeName: 'node-a' })
  return { engine, puller: new ImagePuller({ engine, parallel: 1, rate }) }
}

const isThrottled = (error: unknown): boolean =>
  KubeletError.is(error, 'throttled') && error.message === 'pull QPS exceeded'

describe('ImagePuller', () => {
  it('lets no more pulls begin than the rate allows, whatever comes of them', async ({ signal }) => {
    const { puller } = aPuller({ perSecond: 0.001, burst: 2 })
    await puller.pull('a:1', [], signal)
    await puller.pull('b:1', [], signal)
    await assert.rejects(puller.pull('c:1', [], signal), isThrottled)
  })

  it('counts a pull that somebody joins once', async ({ signal }) => {
    const { puller, engine } = aPuller({ perSecond: 0.001, burst: 1 })
    await Promise.all([puller.pull('a:1', [], signal), puller.pull('a:1', [], signal)])
    assert.equal(engine.count('pullImage'), 1)
  })

  it('begins anew for whoever comes after everybody has given up', async ({ signal }) => {
    const { puller } = aPuller()
    const first = new AbortController()
    const given = puller.pull('a:1', [], first.signal)
    first.abort()
    await assert.rejects(given, (error) => KubeletError.is(error, 'aborted'))
    const { image } = await puller.pull('a:1', [], signal)
    assert.deepEqual(image.tags, ['a:1'])
  })
})
