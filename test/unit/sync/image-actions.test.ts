import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { ContainerSpec, ContainerStatus } from '../../../src/model/kube.ts'
import { fakeImage } from '../../fakes/fake-docker.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { told } from './told.ts'

const far = 'registry.test/far:1'
const refused = new KubeletError('not-found', `manifest for ${far} not found: manifest unknown`, { status: 404 })

/** The spec of a Pod with one container, of an image that is not here. */
function wants(change: Partial<ContainerSpec> = {}): { readonly containers: readonly ContainerSpec[] } {
  return { containers: [aContainer({ image: far, ...change })] }
}

function stateOf(node: NodeInMemory): ContainerStatus['state'] {
  return node.status('web')?.containerStatuses?.[0]?.state
}

/** What a Pod's only container was seen to wait for by whoever watched, in order. */
async function waitingReasonsOf(node: NodeInMemory): Promise<readonly string[]> {
  const reasons: string[] = []
  const read = async (): Promise<void> => {
    for await (const event of node.server.watches.read(node.nodeName, 0, new AbortController().signal)) {
      const waiting = event.kind === 'set' ? event.pod.status?.containerStatuses?.[0]?.state?.waiting : undefined
      if (waiting?.reason !== undefined && waiting.reason !== reasons.at(-1)) reasons.push(waiting.reason)
    }
  }
  const reading = read()
  node.server.watches.end('quiet')
  await reading
  return reasons
}

/** The calls to Docker that are about images, but for the sandbox's. */
function imageCalls(node: NodeInMemory): readonly string[] {
  return node.takeCalls().filter((call) => call.includes('Image ') && !call.includes('pause'))
}

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

describe('a pull that fails', () => {
  it('is an ErrImagePull, then an ImagePullBackOff that says why, then tried again', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    await node.run({ name: 'web', spec: wants() })
    await node.advance(200)
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
    await node.advance(1000)
    assert.deepEqual(imageCalls(node), [`inspectImage ${far}`])
    assert.equal(stateOf(node)?.waiting?.reason, 'ImagePullBackOff')
    assert.deepEqual(told(node.takeEvents()), [])
    node.docker.addImage(far)
    await node.settled()
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
    await node.advance(500)
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
    release()
    await node.settled()
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
      await node.advance(200)
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
    await node.advance(200)
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
    await node.advance(200)
    const message = `Failed to inspect image "${far}": no such layer`
    assert.deepEqual(stateOf(node), { waiting: { reason: 'ImageInspectError', message } })
    await node.advance(10_000)
    assert.equal(node.status('web')?.phase, 'Running')
  })
})
