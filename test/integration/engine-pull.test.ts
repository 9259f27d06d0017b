import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { DockerEngine } from '../../src/engine/docker-engine.ts'
import { KubeletError } from '../../src/model/errors.ts'
import type { PullProgress } from '../../src/model/pull-progress.ts'
import { rejects } from '../contract/engine/expect.ts'
import { tellsLayers } from '../support/image-layers.ts'
import { Opened } from '../support/opened.ts'
import { dockerHarness, testDockerHost, type DockerHarness } from './support/docker-harness.ts'
import { layerBytes, layerOf, pushImage } from './support/pushed-image.ts'
import { registryCredentials, startRegistry, type Registry } from './support/registry.ts'
import { TestProxy } from './support/test-proxy.ts'

const hasDockersStore = await tellsLayers()

describe('Pulling from a registry', { timeout: 120_000 }, () => {
  const opened = new Opened()
  let registry: Registry
  let harness: DockerHarness
  /** A way to the registry for one test to break. Docker knows an image by its way, so each test's image is another. */
  let proxy: TestProxy

  before(async () => {
    registry = await opened.open(startRegistry({ authenticated: false }))
    harness = await opened.open(dockerHarness())
    proxy = await opened.open(TestProxy.listen({ target: { host: '127.0.0.1', port: registry.port } }))
  })

  it('gets an image by its tag and tells of the progress', async (test) => {
    const { signal } = test
    const pushed = await pushImage(test, `127.0.0.1:${registry.port}/by-tag:1`)
    const told: PullProgress[] = []
    await harness.engine.pullImage(pushed.reference, { onProgress: (progress) => told.push(progress) }, signal)
    const image = await harness.engine.inspectImage(pushed.reference, signal)
    assert.ok(image)
    const { id, digest } = pushed
    assert.deepEqual(image, { id, tags: [pushed.reference], digests: [digest], sizeBytes: image.sizeBytes, user: '' })
    assert.ok(image.sizeBytes >= layerBytes)
    const [first, last] = [told[0], told.at(-1)]
    assert.deepEqual([first?.layers, first?.layersDone, first?.downloadedBytes], [1, 0, 0])
    assert.deepEqual([last?.layers, last?.layersDone], [1, 1])
    // containerd's image store says ten times a second how far a layer is, and of one that came sooner nothing.
    assert.ok((last?.totalBytes ?? 0) >= (hasDockersStore ? layerBytes : 0))
    assert.equal(last?.downloadedBytes, last?.totalBytes)
  })

  it('gets an image by its digest', async (test) => {
    const { signal } = test
    const { digest, id } = await pushImage(test, `127.0.0.1:${registry.port}/by-digest:1`)
    await harness.engine.pullImage(digest, {}, signal)
    const image = await harness.engine.inspectImage(digest, signal)
    assert.ok(image)
    assert.deepEqual(image, { id, tags: [], digests: [digest], sizeBytes: image.sizeBytes, user: '' })
  })

  it('takes the tag latest where none is given', async (test) => {
    const { signal } = test
    const { id } = await pushImage(test, `127.0.0.1:${registry.port}/untagged:latest`)
    await pushImage(test, `127.0.0.1:${registry.port}/untagged:other`)
    await harness.engine.pullImage(`127.0.0.1:${registry.port}/untagged`, {}, signal)
    assert.equal((await harness.engine.inspectImage(`127.0.0.1:${registry.port}/untagged`, signal))?.id, id)
    assert.equal(await harness.engine.inspectImage(`127.0.0.1:${registry.port}/untagged:other`, signal), undefined)
  })

  it('throws not-found for a tag that is not there', async (test) => {
    const { signal } = test
    const { reference } = await pushImage(test, `127.0.0.1:${registry.port}/some:1`)
    const missing = `${reference}2`
    const error = await rejects(harness.engine.pullImage(missing, {}, signal), 'not-found', / not found/u)
    assert.ok(error.message.includes(missing))
  })

  it("throws what Docker says in the stream, when it has said 'OK' already", async (test) => {
    const { signal } = test
    const pushed = await pushImage(test, `127.0.0.1:${registry.port}/broken:1`)
    const layer = await layerOf(pushed)
    await rm(join(registry.data, 'blobs', 'sha256', layer.slice(0, 2), layer), { recursive: true })
    const refused = harness.engine.pullImage(pushed.reference, {}, signal)
    const error = await rejects(refused, 'internal', /unknown blob|not found/u)
    assert.equal(error.status, undefined)
  })

  it("ends a pull that makes no progress, with the kubelet's text", async (test) => {
    const { signal } = test
    const { reference } = await pushImage(test, `127.0.0.1:${proxy.port}/stalled:1`)
    using impatient = await DockerEngine.connect(
      { host: testDockerHost(), nodeName: harness.nodeName, pullProgressDeadlineMs: 1000 },
      signal,
    )
    proxy.stallAfter(layerBytes / 2)
    const text = `^Cancel pulling image "${reference}" because of no progress for 1s, latest progress: "[0-9a-f]{12}: `
    await rejects(impatient.pullImage(reference, {}, signal), 'unavailable', new RegExp(text, 'u'))
    proxy.restore()
    await harness.engine.pullImage(reference, {}, signal)
  })

  it('survives a registry that dies in the middle and comes back', async (test) => {
    const { signal } = test
    const { reference, id } = await pushImage(test, `127.0.0.1:${proxy.port}/killed:1`)
    proxy.stallAfter(layerBytes / 2)
    const pulling = harness.engine.pullImage(reference, {}, signal)
    await Promise.all([
      proxy
        .until(() => proxy.stalled)
        .then(async () => {
          proxy.cut()
          // Docker has tried once more, in vain.
          await proxy.until(() => proxy.refused > 0)
          proxy.restore()
        }),
      // Docker's own image store tries again by itself; the one of containerd gives up.
      pulling.catch(async (error: unknown) => {
        assert.ok(KubeletError.is(error, 'internal'), String(error))
        proxy.restore()
        await harness.engine.pullImage(reference, {}, signal)
      }),
    ])
    assert.equal((await harness.engine.inspectImage(reference, signal))?.id, id)
  })

  it('ends when the signal fires, and leaves nothing behind that would stop the next pull', async (test) => {
    const { signal } = test
    const { reference } = await pushImage(test, `127.0.0.1:${proxy.port}/aborted:1`)
    proxy.stallAfter(layerBytes / 2)
    const controller = new AbortController()
    const aborted = rejects(harness.engine.pullImage(reference, {}, controller.signal), 'aborted')
    await proxy.until(() => proxy.stalled)
    controller.abort()
    await aborted
    proxy.restore()
    await harness.engine.pullImage(reference, {}, signal)
  })

  it('says who is asking, and throws what Docker says when that is not enough', async (test) => {
    const { signal } = test
    await using guarded = await startRegistry({ authenticated: true })
    const serverAddress = `127.0.0.1:${guarded.port}`
    const { username, password } = registryCredentials
    const login = ['--username', username, '--password', password, serverAddress]
    const { reference, id } = await pushImage(test, `${serverAddress}/guarded:1`, login)
    // Docker 20.10 gives the refusals of a registry as 500, newer ones some of them as 401.
    const refused = ['internal', 'unauthorized'] as const
    await rejects(harness.engine.pullImage(reference, {}, signal), refused, /no basic auth credentials/u)
    const wrong = { username, password: 'guessed', serverAddress }
    await rejects(harness.engine.pullImage(reference, { credentials: wrong }, signal), refused, /unauthorized/iu)
    const credentials = { username, password, serverAddress }
    await harness.engine.pullImage(reference, { credentials }, signal)
    assert.equal((await harness.engine.inspectImage(reference, signal))?.id, id)
  })

  it('throws what Docker says of a registry that is not there', async (test) => {
    const { signal } = test
    await rejects(harness.engine.pullImage('127.0.0.1:1/some/image:1', {}, signal), 'internal', /connection refused/u)
  })
})
