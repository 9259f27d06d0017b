import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { ImagePuller } from '../../../../src/sync/images/image-puller.ts'
import type { Rate } from '../../../../src/util/token-bucket.ts'
import { FakeDocker } from '../../../fakes/fake-docker.ts'
import { FakeEngine, type EngineCall } from '../../../fakes/fake-engine.ts'

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
    await puller.pull('a:1', { credentials: [] }, signal)
    await puller.pull('b:1', { credentials: [] }, signal)
    await assert.rejects(puller.pull('c:1', { credentials: [] }, signal), isThrottled)
  })

  it('counts a pull when its turn has come, not when it is asked for', async (t) => {
    t.mock.timers.enable({ apis: ['Date'] })
    const held = Promise.withResolvers<void>()
    const docker = new FakeDocker()
    for (const name of ['a:1', 'b:1']) docker.publish(name)
    const before = ({ method, subject }: EngineCall) =>
      method === 'pullImage' && subject === 'a:1' ? held.promise : undefined
    const engine = new FakeEngine({ docker, nodeName: 'node-a', before })
    const puller = new ImagePuller({ engine, parallel: 1, rate: { perSecond: 1, burst: 1 } })
    const pulls = ['a:1', 'b:1'].map((name) => puller.pull(name, { credentials: [] }, t.signal))
    t.mock.timers.tick(1000)
    held.resolve()
    await Promise.all(pulls)
    assert.equal(engine.count('pullImage'), 2)
  })

  it('does not count a pull that nobody waits for any more when its turn comes', async ({ signal }) => {
    const { puller, engine } = aPuller({ perSecond: 0.001, burst: 2 })
    const given = new AbortController()
    const first = puller.pull('a:1', { credentials: [] }, signal)
    const second = puller.pull('b:1', { credentials: [] }, given.signal)
    given.abort()
    await assert.rejects(second, (error) => KubeletError.is(error, 'aborted'))
    await first
    await puller.pull('c:1', { credentials: [] }, signal)
    assert.equal(engine.count('pullImage'), 2)
  })

  it('counts a pull that somebody joins once', async ({ signal }) => {
    const { puller, engine } = aPuller({ perSecond: 0.001, burst: 1 })
    await Promise.all([
      puller.pull('a:1', { credentials: [] }, signal),
      puller.pull('a:1', { credentials: [] }, signal),
    ])
    assert.equal(engine.count('pullImage'), 1)
  })

  it('begins anew for whoever comes after everybody has given up', async ({ signal }) => {
    const { puller } = aPuller()
    const first = new AbortController()
    const given = puller.pull('a:1', { credentials: [] }, first.signal)
    first.abort()
    await assert.rejects(given, (error) => KubeletError.is(error, 'aborted'))
    const { image } = await puller.pull('a:1', { credentials: [] }, signal)
    assert.deepEqual(image.tags, ['a:1'])
  })
})

describe('looking for an image', () => {
  /** Looks take effect when the returned function is called. */
  function aSlowPuller(): {
    readonly docker: FakeDocker
    readonly engine: FakeEngine
    readonly puller: ImagePuller
    readonly answer: () => void
  } {
    const docker = new FakeDocker()
    const held = Promise.withResolvers<void>()
    const engine = new FakeEngine({
      docker,
      nodeName: 'node-a',
      before: ({ method }) => (method === 'inspectImage' ? held.promise : undefined),
    })
    return { docker, engine, puller: new ImagePuller({ engine, parallel: 1, rate: unlimited }), answer: held.resolve }
  }

  it('asks Docker once for all that look at the same time, and after that', async ({ signal }) => {
    const { docker, engine, puller, answer } = aSlowPuller()
    const image = docker.addImage('a:1')
    const looks = [puller.find('a:1', signal), puller.find('a:1', signal)]
    answer()
    assert.deepEqual(await Promise.all(looks), [image, image])
    assert.deepEqual(await puller.find('a:1', signal), image)
    assert.equal(engine.count('inspectImage'), 1)
    assert.deepEqual(puller.seen(image.id), image)
  })

  it('does not remember that one is missing, nor that Docker could not say', async ({ signal }) => {
    const { docker, engine, puller, answer } = aSlowPuller()
    answer()
    assert.equal(await puller.find('a:1', signal), undefined)
    engine.failNext('inspectImage', new KubeletError('internal', 'no such layer'))
    await assert.rejects(puller.find('a:1', signal), /no such layer/u)
    const image = docker.addImage('a:1')
    assert.deepEqual(await puller.find('a:1', signal), image)
  })

  it('does not remember what was seen before images changed', async ({ signal }) => {
    const { docker, engine, puller, answer } = aSlowPuller()
    docker.addImage('a:1')
    const look = puller.find('a:1', signal)
    puller.forget()
    answer()
    await look
    docker.removeImage('a:1')
    assert.equal(await puller.find('a:1', signal), undefined)
    assert.equal(engine.count('inspectImage'), 2)
  })
})
