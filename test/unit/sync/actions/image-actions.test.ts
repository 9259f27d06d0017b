import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { aContainer } from '../../../builders/pod.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { far, imageCalls, stateOf, wants } from '../far-image.ts'
import { told } from '../told.ts'

describe('an image that is here', () => {
  it('is not pulled under IfNotPresent, nor under Never', async (t) => {
    for (const imagePullPolicy of ['IfNotPresent', 'Never']) {
      await using node = await aNode(t, { images: [far] })
      await node.run({ name: 'web', spec: wants({ imagePullPolicy }) })
      assert.deepEqual(imageCalls(node), [`inspectImage ${far}`])
      assert.deepEqual(Object.keys(stateOf(node) ?? {}), ['running'])
    }
  })

  it('is pulled all the same under Always, at each start', async (t) => {
    await using node = await aNode(t, { images: [far] })
    node.docker.publish(far)
    await node.run({ name: 'web', spec: wants({ imagePullPolicy: 'Always' }) })
    assert.deepEqual(imageCalls(node), [`pullImage ${far}`, `inspectImage ${far}`])
    await node.exit('main 0', 1)
    assert.deepEqual(imageCalls(node), [`pullImage ${far}`, `inspectImage ${far}`])
  })

  it('of no tag is the latest, asked for once', async (t) => {
    await using node = await aNode(t, { images: ['busybox:latest'] })
    await node.run({ name: 'web', spec: wants({ image: 'busybox', imagePullPolicy: 'IfNotPresent' }) })
    assert.deepEqual(imageCalls(node), ['inspectImage busybox:latest'])
    assert.equal(node.status('web')?.containerStatuses?.[0]?.image, 'busybox:latest')
  })
})

describe('an image that is not here', () => {
  it('is pulled, and the start goes on when it has come', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    const release = node.engineGate.hold('pullImage')
    await node.run({ name: 'web', spec: wants() })
    await node.advance(3000)
    assert.deepEqual(stateOf(node), { waiting: { reason: 'ContainerCreating' } })
    release()
    await node.settled()
    assert.deepEqual(imageCalls(node), [`inspectImage ${far}`, `pullImage ${far}`, `inspectImage ${far}`])
    assert.deepEqual(told(node.takeEvents()), [
      `Normal Pulling Pulling image "${far}"`,
      `Normal Pulled Successfully pulled image "${far}" in 3s (3s including waiting). Image size: 1000000 bytes.`,
      'Normal Created Container created',
      'Normal Started Container started',
    ])
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('shows how far its pull is when that takes long, to the API server rarely and in words', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    const release = node.engineGate.hold('pullImage')
    await node.run({ name: 'web', spec: wants() })
    const patches = node.cluster.count('patchPodStatus')
    for (let second = 1; second <= 40; second += 1) {
      const downloadedBytes = second * 1_000_000
      node.docker.tellProgress(far, { layers: 3, layersDone: 1, downloadedBytes, totalBytes: 90_000_000 })
      await node.advance(1000, 500)
    }
    const message = `Pulling image "${far}": 1 of 3 layers, 35.0MB of 90.0MB`
    assert.deepEqual(stateOf(node), { waiting: { reason: 'ContainerCreating', message } })
    assert.ok(node.cluster.count('patchPodStatus') - patches <= 5)
    release()
    await node.settled()
    assert.deepEqual(told(node.takeEvents()).slice(0, 3), [
      `Normal Pulling Pulling image "${far}"`,
      `Normal Pulling ${message}`,
      `Normal Pulled Successfully pulled image "${far}" in 40s (40s including waiting). Image size: 1000000 bytes.`,
    ])
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('is told of to each of the Pods that wait for its pull', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    node.engineGate.hold('pullImage')
    await node.run({ name: 'web', spec: wants() })
    await node.run({ name: 'web-2', spec: { initContainers: [aContainer({ name: 'first', image: far })] } })
    await node.advance(6000)
    node.docker.tellProgress(far, { layers: 1, layersDone: 0, downloadedBytes: 1000, totalBytes: undefined })
    await node.advance(2000)
    const message = `Pulling image "${far}": 0 of 1 layer, 1kB so far`
    assert.equal(stateOf(node)?.waiting?.message, message)
    const [first] = node.status('web-2')?.initContainerStatuses ?? []
    assert.deepEqual(first?.state, { waiting: { reason: 'PodInitializing', message } })
  })

  it('is not pulled under Never; it is looked for again every ten seconds', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: wants({ imagePullPolicy: 'Never' }) })
    await node.advance(25_000)
    const message = `Container image "${far}" is not present with pull policy of Never`
    assert.deepEqual(stateOf(node), { waiting: { reason: 'ErrImageNeverPull', message } })
    assert.deepEqual(imageCalls(node), [`inspectImage ${far}`, `inspectImage ${far}`, `inspectImage ${far}`])
    assert.deepEqual(told(node.takeEvents()).slice(0, 2), [
      `Warning ErrImageNeverPull ${message}`,
      'Warning Failed Error: ErrImageNeverPull',
    ])
    node.docker.addImage(far)
    await node.advance(10_000)
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('is pulled once for two Pods that want it, and both are told', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    const release = node.engineGate.hold('pullImage')
    await node.run({ name: 'web', spec: wants() })
    await node.run({ name: 'web-2', spec: wants() })
    release()
    await node.settled()
    assert.equal(node.engine.count('pullImage'), 1)
    assert.deepEqual(
      node.server.pods.map(({ status }) => status?.phase),
      ['Running', 'Running'],
    )
    const pulled = told(node.takeEvents()).filter((text) => text.includes('Successfully pulled'))
    assert.equal(pulled.length, 2)
  })

  it('is pulled once for two containers of a Pod', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    const containers = ['one', 'two'].map((name) => aContainer({ name, image: far }))
    await node.run({ name: 'web', spec: { containers } })
    assert.equal(node.engine.count('pullImage'), 1)
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('waits for its turn where the node allows one pull at a time', async (t) => {
    await using node = await aNode(t, { parallelPulls: 1 })
    for (const image of [far, 'other:1']) node.docker.publish(image)
    const release = node.engineGate.hold('pullImage')
    await node.run({ name: 'web', spec: wants() })
    await node.run({ name: 'web-2', spec: wants({ image: 'other:1' }) })
    assert.equal(node.engine.count('pullImage'), 1)
    await node.advance(2000)
    release()
    await node.settled()
    assert.equal(node.engine.count('pullImage'), 2)
    assert.deepEqual(
      told(node.takeEvents()).filter((text) => text.includes('including')),
      [
        `Normal Pulled Successfully pulled image "${far}" in 2s (2s including waiting). Image size: 1000000 bytes.`,
        'Normal Pulled Successfully pulled image "other:1" in 0s (2s including waiting). Image size: 1000000 bytes.',
      ],
    )
  })
})

describe('an image that is gone again before its container is created', () => {
  it('is looked for and pulled anew', async (t) => {
    await using node = await aNode(t, {
      images: [far],
      onCall: (moment, { method, subject }, self) => {
        if (moment === 'before' && method === 'create' && subject.startsWith('k8s_main_')) self.docker.removeImage(far)
      },
    })
    await node.run({ name: 'web', spec: wants() })
    await node.advance(5000)
    assert.equal(stateOf(node)?.waiting?.reason, 'CreateContainerError')
    node.docker.publish(far)
    node.takeCalls()
    await node.advance(5000)
    assert.deepEqual(imageCalls(node).slice(0, 2), [`inspectImage ${far}`, `pullImage ${far}`])
  })
})

describe('the name of an image', () => {
  const image = 'No Image!'
  const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format: repository name (library/${image}) must be lowercase`

  it('that does not parse is refused before anybody is asked, and its Pod runs nothing', async (t) => {
    for (const imagePullPolicy of ['IfNotPresent', 'Always', 'Never']) {
      await using node = await aNode(t)
      await node.run({ name: 'web', spec: wants({ image, imagePullPolicy }) })
      await node.advance(400)
      assert.deepEqual(stateOf(node), { waiting: { reason: 'InvalidImageName', message } })
      assert.deepEqual(told(node.takeEvents()), [
        `Warning InspectFailed ${message}`,
        'Warning Failed Error: InvalidImageName',
      ])
      assert.deepEqual(imageCalls(node), [])
      assert.deepEqual(node.containers, ['sandbox 0 running'])
    }
  })

  it('that Docker refuses although it parses is no name either', async (t) => {
    await using node = await aNode(t)
    node.engine.failNext('pullImage', new KubeletError('invalid', 'invalid reference format', { status: 400 }))
    await node.run({ name: 'web', spec: wants({ imagePullPolicy: 'Always' }) })
    await node.advance(400)
    assert.equal(stateOf(node)?.waiting?.reason, 'InvalidImageName')
  })
})

describe('Docker that cannot say whether it has an image', () => {
  it('is asked again after ten seconds', async (t) => {
    let isBroken = true
    await using node = await aNode(t, {
      images: [far],
      onCall: (moment, { method, subject }) => {
        if (moment !== 'before' || method !== 'inspectImage' || subject !== far || !isBroken) return
        isBroken = false
        throw new KubeletError('internal', 'no such layer', { status: 500 })
      },
    })
    await node.run({ name: 'web', spec: wants() })
    await node.advance(400)
    const message = `Failed to inspect image "${far}": no such layer`
    assert.deepEqual(stateOf(node), { waiting: { reason: 'ImageInspectError', message } })
    await node.advance(10_000)
    assert.equal(node.status('web')?.phase, 'Running')
  })
})
