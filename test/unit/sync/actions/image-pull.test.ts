import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { fakeImage } from '../../../fakes/fake-image.ts'
import { aContainer } from '../../../builders/pod.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { far, imageCalls, refused, stateOf, waitingReasonsOf, wants } from '../far-image.ts'
import { told } from '../told.ts'

describe('a pull that fails', () => {
  it('is an ErrImagePull, then an ImagePullBackOff that says why, then tried again', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    await node.run({ name: 'web', spec: wants() })
    await node.advance(400)
    assert.deepEqual(stateOf(node), { waiting: { reason: 'ErrImagePull', message: refused.message } })
    await node.advance(5000)
    const message = `Back-off pulling image "${far}": ErrImagePull: ${refused.message}`
    assert.deepEqual(stateOf(node), { waiting: { reason: 'ImagePullBackOff', message } })
    node.docker.publish(far, fakeImage([far]))
    await node.advance(5000)
    assert.equal(node.status('web')?.phase, 'Running')
    assert.deepEqual(told(node.takeEvents()), [
      `Normal Pulling Pulling image "${far}"`,
      `Warning Failed Failed to pull image "${far}": ${refused.message}`,
      'Warning Failed Error: ErrImagePull',
      `Normal BackOff Back-off pulling image "${far}"`,
      'Warning Failed Error: ImagePullBackOff',
      `Normal Pulling Pulling image "${far}"`,
      `Normal Pulled Successfully pulled image "${far}" in 0s (0s including waiting). Image size: 1000000 bytes.`,
      'Normal Created Container created',
      'Normal Started Container started',
    ])
  })

  it('is tried again after 10, 20, 40, 80 and 160 seconds, then every 300', async (t) => {
    await using node = await aNode(t, {
      onCall: (moment, { method }) => {
        if (moment === 'before' && method === 'pullImage') times.push(Date.now() / 1000)
      },
    })
    const times: number[] = []
    node.docker.publish(far, refused)
    await node.run({ name: 'web', spec: wants() })
    await node.advance(1_000_000)
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    assert.deepEqual(waits, [10, 20, 40, 80, 160, 300, 300])
  })

  it('shows what the last one failed with while the next is under way', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    await node.run({ name: 'web', spec: wants() })
    await node.advance(5000)
    node.engineGate.hold('pullImage')
    await node.advance(6000)
    assert.equal(node.engine.count('pullImage'), 2)
    assert.deepEqual(stateOf(node), { waiting: { reason: 'ErrImagePull', message: refused.message } })
  })

  it('counts once for two containers that waited for it', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    const containers = ['one', 'two'].map((name) => aContainer({ name, image: far }))
    await node.run({ name: 'web', spec: { containers } })
    await node.advance(9000)
    assert.equal(node.engine.count('pullImage'), 1)
    await node.advance(2000)
    assert.equal(node.engine.count('pullImage'), 2)
  })

  it('keeps others of the same image and Pod waiting', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    const containers = [aContainer({ image: far }), aContainer({ name: 'side' })]
    await node.run({ name: 'web', spec: { containers } })
    await node.advance(3000)
    const changed = containers.map((container) => ({ ...container, image: far }))
    node.server.updatePod('default', 'web', { spec: { containers: changed } })
    await node.advance(3000)
    assert.equal(node.engine.count('pullImage'), 1)
    const side = node.status('web')?.containerStatuses?.find(({ name }) => name === 'side')
    assert.equal(side?.state?.waiting?.reason, 'ImagePullBackOff')
  })

  it('is not forgotten when the image is changed there and back', async (t) => {
    await using node = await aNode(t)
    for (const image of [far, 'other:1']) node.docker.publish(image, refused)
    await node.run({ name: 'web', spec: wants() })
    await node.advance(31_000)
    assert.equal(node.engine.count('pullImage'), 3)
    node.server.updatePod('default', 'web', { spec: wants({ image: 'other:1' }) })
    await node.advance(1000)
    assert.equal(node.engine.count('pullImage'), 4)
    node.server.updatePod('default', 'web', { spec: wants() })
    await node.advance(35_000)
    assert.equal(node.engine.count('pullImage'), 4)
    await node.advance(5000)
    assert.equal(node.engine.count('pullImage'), 5)
  })

  it('does not wait for its turn when the image comes in another way', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    await node.run({ name: 'web', spec: wants() })
    await node.advance(40_000)
    node.takeEvents()
    node.takeCalls()
    node.docker.addImage('other:1')
    await node.advance(9000)
    assert.deepEqual(imageCalls(node), [])
    await node.advance(2000)
    assert.deepEqual(imageCalls(node), [`inspectImage ${far}`])
    assert.equal(stateOf(node)?.waiting?.reason, 'ImagePullBackOff')
    assert.deepEqual(told(node.takeEvents()), [])
    node.docker.addImage(far)
    await node.advance(10_000)
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('shows as such first, however late the node is', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    const letPullFail = node.engineGate.hold('pullImage')
    const letSandboxStart = node.engineGate.hold('start')
    await node.run({ name: 'web', spec: wants() })
    await node.advance(1000)
    letPullFail()
    await node.advance(8000)
    letSandboxStart()
    await node.advance(1500)
    assert.deepEqual(await waitingReasonsOf(node), ['ContainerCreating', 'ErrImagePull', 'ImagePullBackOff'])
  })

  it('shows as such first, however late the API server is', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    const release = node.clusterGate.hold('patchPodStatus')
    await node.run({ name: 'web', spec: wants() })
    await node.advance(8000)
    release()
    await node.advance(400)
    const reasons = await waitingReasonsOf(node)
    assert.deepEqual(reasons.slice(-2), ['ErrImagePull', 'ImagePullBackOff'])
  })

  it('starts anew with short waits for another image', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    await node.run({ name: 'web', spec: wants() })
    await node.advance(100_000)
    node.docker.publish('near:1')
    node.server.updatePod('default', 'web', { spec: wants({ image: 'near:1' }) })
    await node.settled()
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('is a failure too when Docker cannot be reached for it', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    node.engine.failNext('pullImage', new KubeletError('unavailable', 'The pull made no progress for 60 s'))
    await node.run({ name: 'web', spec: wants() })
    await node.advance(1000)
    const message = `Back-off pulling image "${far}": ErrImagePull: The pull made no progress for 60 s`
    assert.deepEqual(stateOf(node), { waiting: { reason: 'ImagePullBackOff', message } })
    await node.advance(10_000)
    assert.equal(node.status('web')?.phase, 'Running')
  })
})

describe('a pull that nobody waits for any more', () => {
  it('is ended when the container is to have another image, and nothing of the old one runs', async (t) => {
    const ended: string[] = []
    await using node = await aNode(t, {
      onCall: (moment, { method, subject }, _node, signal) => {
        if (moment === 'before' && method === 'pullImage') signal?.addEventListener('abort', () => ended.push(subject))
      },
    })
    for (const image of [far, 'near:1']) node.docker.publish(image)
    const release = node.engineGate.hold('pullImage')
    await node.run({ name: 'web', spec: wants() })
    node.server.updatePod('default', 'web', { spec: wants({ image: 'near:1' }) })
    await node.settled()
    assert.deepEqual(ended, [far])
    await node.advance(100_000, 10_000)
    release()
    await node.settled()
    assert.deepEqual(
      told(node.takeEvents()).filter((text) => text.includes('Pulling')),
      [`Normal Pulling Pulling image "${far}"`, 'Normal Pulling Pulling image "near:1"'],
    )
    assert.equal(node.status('web')?.containerStatuses?.[0]?.image, 'near:1')
    assert.equal(node.container('main 0').running, true)
  })

  it('is ended when its Pod is deleted', async (t) => {
    let ended = false
    await using node = await aNode(t, {
      onCall: (moment, { method }, _node, signal) => {
        if (moment === 'before' && method === 'pullImage') signal?.addEventListener('abort', () => (ended = true))
      },
    })
    node.docker.publish(far)
    node.engineGate.hold('pullImage')
    await node.run({ name: 'web', spec: wants() })
    assert.equal(ended, false)
    await node.delete('web')
    assert.equal(ended, true)
    assert.equal(node.server.pod('default', 'web'), undefined)
    assert.deepEqual(node.containers, [])
    assert.equal(
      told(node.takeEvents()).some((text) => text.includes('Failed')),
      false,
    )
  })

  it('goes on for another Pod that waits for it', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    const release = node.engineGate.hold('pullImage')
    await node.run({ name: 'web', spec: wants() })
    await node.run({ name: 'web-2', spec: wants() })
    await node.delete('web')
    release()
    await node.settled()
    assert.equal(node.engine.count('pullImage'), 1)
    assert.equal(node.status('web-2')?.phase, 'Running')
  })
})
