import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { ImagePuller } from '../../../../src/sync/images/image-puller.ts'
import { sandboxImage } from '../../../../src/sync/images/sandbox-image.ts'
import { FakeDocker } from '../../../fakes/fake-docker.ts'
import { FakeEngine } from '../../../fakes/fake-engine.ts'

const signal = new AbortController().signal
const login = { username: 'kubelet', password: 'right', serverAddress: 'registry.test' }
/** What the node has for any image. */
const credentials = { find: async () => [login] }

function aBed(reference: string | undefined) {
  const docker = new FakeDocker()
  const engine = new FakeEngine({ docker, nodeName: 'node-1' })
  const images = new ImagePuller({ engine, parallel: 5, rate: { perSecond: 1000, burst: 1000 } })
  return {
    docker,
    engine,
    images,
    image: sandboxImage({ engine, images, credentials, reference }),
  }
}

describe("the agent's own pause image", () => {
  it('is loaded once, however many Pods want their first sandbox at once', async () => {
    const { engine, image, docker } = aBed(undefined)
    const names = await Promise.all([image(signal), image(signal), image(signal)])
    assert.equal(engine.count('loadImage'), 1)
    assert.equal(new Set(names).size, 1)
    assert.match(names[0], /^minikubelet\/pause:[0-9a-f]{12}$/u)
    assert.ok(docker.findImage(names[0]))
  })

  it('is not asked for again while no image has changed', async () => {
    const { engine, image } = aBed(undefined)
    await image(signal)
    const asked = engine.calls.length
    await image(signal)
    assert.equal(engine.calls.length, asked)
  })

  it('is loaded again when somebody has removed it', async () => {
    const { engine, images, image, docker } = aBed(undefined)
    const name = await image(signal)
    docker.removeImage(name)
    images.forget()
    assert.equal(await image(signal), name)
    assert.equal(engine.count('loadImage'), 2)
  })

  it('is tried again when it could not be loaded', async () => {
    const { engine, image } = aBed(undefined)
    engine.failNext('loadImage', new KubeletError('internal', 'no space left on device'))
    await assert.rejects(image(signal), /no space left on device/u)
    assert.match(await image(signal), /^minikubelet\/pause:/u)
  })
})

describe('a pause image that was named', () => {
  it('is used by its id when it is here, and looked for once', async () => {
    const { engine, image, docker } = aBed('registry.test/pause')
    const { id } = docker.addImage('registry.test/pause:latest')
    assert.deepEqual([await image(signal), await image(signal)], [id, id])
    assert.deepEqual(
      engine.calls.map(({ method, subject }) => `${method} ${subject}`),
      ['inspectImage registry.test/pause:latest'],
    )
  })

  it('is pulled when it is not', async () => {
    const { image, docker } = aBed('registry.test/pause:3')
    docker.publish('registry.test/pause:3')
    assert.equal(await image(signal), docker.findImage('registry.test/pause:3')?.id)
  })

  it('that cannot be pulled makes the sandbox fail', async () => {
    const { image } = aBed('registry.test/pause:3')
    await assert.rejects(image(signal), (error) => KubeletError.is(error, 'not-found'))
  })

  it('is pulled with what the node has', async () => {
    const { docker, image } = aBed('registry.test/pause:1')
    docker.publish('registry.test/pause:1')
    docker.guard('registry.test/pause:1', 'right')
    assert.match(await image(signal), /^sha256:/u)
  })
})
