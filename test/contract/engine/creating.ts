import assert from 'node:assert/strict'
import { it } from 'node:test'
import { labels } from '../../../src/model/labels.ts'
import type { ObservedObject } from '../../../src/model/observed.ts'
import { inspect, rejects } from './expect.ts'
import type { MakeHarness } from './harness.ts'
import { containerRequest, noId, owner, sandboxRequest } from './requests.ts'

export function aboutItself(makeHarness: MakeHarness): void {
  it('says what Docker it is and speaks an API version that is known', async ({ signal }) => {
    await using harness = await makeHarness()
    const info = await harness.engine.info(signal)
    assert.match(info.apiVersion, /^1\.(4[1-9]|5[01])$/u)
    assert.ok(info.runtimes.includes(info.defaultRuntime))
    const {
      version,
      operatingSystem,
      kernelVersion,
      architecture,
      hostname,
      rootDirectory,
      cgroupDriver,
      loggingDriver,
      storageDriver,
    } = info
    const texts = {
      version,
      operatingSystem,
      kernelVersion,
      architecture,
      hostname,
      rootDirectory,
      cgroupDriver,
      loggingDriver,
      storageDriver,
    }
    assert.deepEqual(
      Object.entries(texts).filter(([, text]) => text === ''),
      [],
    )
    assert.ok(info.cpus > 0 && info.memoryBytes > 0)
    for (const name of info.securityOptions) assert.match(name, /^[a-z]+$/u)
  })

  it("knows the drivers of Docker's networks, and of no other's", async ({ signal }) => {
    await using harness = await makeHarness()
    const drivers = ['bridge', 'host', 'none', 'nobody-has-this'].map((name) =>
      harness.engine.networkDriver(name, signal),
    )
    assert.deepEqual(await Promise.all(drivers), ['bridge', 'host', 'null', undefined])
  })

  it('answers a ping', async ({ signal }) => {
    await using harness = await makeHarness()
    assert.equal(await harness.engine.ping(signal), undefined)
  })

  it('throws aborted when the signal has fired, and does nothing', async ({ signal }) => {
    await using harness = await makeHarness()
    const request = containerRequest(harness)
    await rejects(harness.engine.create(request, AbortSignal.abort()), 'aborted')
    assert.equal(await harness.engine.findByName(request.name, signal), undefined)
  })
}

export function creating(makeHarness: MakeHarness): void {
  it('shows a created sandbox as its labels say', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(sandboxRequest(harness, { attempt: 2 }), signal)
    const observed = await inspect(harness.engine, id, signal)
    assert.deepEqual(observed, {
      kind: 'sandbox',
      id,
      owner,
      attempt: 2,
      createdAtMs: observed.createdAtMs,
      state: { phase: 'created' },
      hostNetwork: false,
      runtime: (await harness.engine.info(signal)).defaultRuntime,
      ips: [],
    } satisfies ObservedObject)
  })

  it('shows a created container as its labels say, with the image that it was created from', async ({ signal }) => {
    await using harness = await makeHarness()
    const image = await harness.engine.inspectImage(harness.image, signal)
    assert.ok(image)
    const id = await harness.engine.create(containerRequest(harness, { image: image.id }), signal)
    const observed = await inspect(harness.engine, id, signal)
    assert.deepEqual(observed, {
      kind: 'container',
      id,
      owner,
      name: 'main',
      sandboxId: noId,
      attempt: 1,
      hash: 'abc',
      createdAtMs: observed.createdAtMs,
      state: { phase: 'created' },
      resources: { cpuShares: 0, cpuQuota: 0, cpuPeriod: 0, memoryBytes: 0 },
      made: undefined,
      image: image.tags[0] ?? '',
      imageId: image.id,
      // containerd's image store has a digest for every image, wherever it came from.
      imageRef: image.digests[0] === undefined ? `docker://${image.id}` : `docker-pullable://${image.digests[0]}`,
      terminationMessageFile: undefined,
      terminationMessagePolicy: 'File',
      terminationGracePeriodSeconds: 30,
    } satisfies ObservedObject)
  })

  it('finds the file of the termination message behind its mount', async ({ signal }) => {
    await using harness = await makeHarness()
    const request = containerRequest(harness, {
      labels: {
        [labels.terminationMessagePath]: '/dev/termination-log',
        [labels.terminationMessagePolicy]: 'FallbackToLogsOnError',
      },
      host: { Mounts: [{ Type: 'bind', Source: '/etc/hostname', Target: '/dev/termination-log' }] },
    })
    const observed = await inspect(harness.engine, await harness.engine.create(request, signal), signal)
    assert.partialDeepStrictEqual(observed, {
      terminationMessageFile: '/etc/hostname',
      terminationMessagePolicy: 'FallbackToLogsOnError',
    })
  })

  it('throws conflict for a name that is taken, and finds the one who has it', async ({ signal }) => {
    await using harness = await makeHarness()
    const request = containerRequest(harness)
    const id = await harness.engine.create(request, signal)
    await rejects(harness.engine.create(request, signal), 'conflict', /is already in use/u)
    assert.equal(await harness.engine.findByName(request.name, signal), id)
    assert.equal(await harness.engine.findByName('nobody-has-this-name', signal), undefined)
  })

  it('throws not-found with the name of a missing image', async ({ signal }) => {
    await using harness = await makeHarness()
    const request = containerRequest(harness, { image: 'nobody/has-this:image' })
    await rejects(harness.engine.create(request, signal), 'not-found', /^No such image: nobody\/has-this:image$/u)
  })

  it('knows nothing of a container that does not exist', async ({ signal }) => {
    await using harness = await makeHarness()
    assert.equal(await harness.engine.inspect(noId, signal), undefined)
    await rejects(harness.engine.logTail(noId, 10, signal), 'not-found')
  })
}
