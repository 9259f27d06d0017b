import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { PodSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { bodiesOf, told } from './told.ts'

const image = 'registry.test/private:1'
const retrievalFailed =
  'Warning FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets (pull); attempting to pull the image may not succeed.'

function wants(...secretNames: readonly string[]): Partial<PodSpec> {
  return { containers: [aContainer({ image })], imagePullSecrets: secretNames.map((name) => ({ name })) }
}

function putSecret(node: NodeInMemory, password: string, name = 'pull'): void {
  const config = JSON.stringify({ auths: { 'registry.test': { username: 'kubelet', password } } })
  putRaw(node, config, name)
}

function putRaw(node: NodeInMemory, content: string, name = 'pull', type = 'kubernetes.io/dockerconfigjson'): void {
  const data = { '.dockerconfigjson': Buffer.from(content).toString('base64') }
  node.server.objects.put({ kind: 'Secret', namespace: 'default', name, type, data })
}

/** The registry has the image for whoever knows the password `right`. */
function guard(node: NodeInMemory): void {
  node.docker.publish(image)
  node.docker.guard(image, 'right')
}

function waitingOf(node: NodeInMemory, pod = 'web') {
  return node.status(pod)?.containerStatuses?.[0]?.state?.waiting
}

describe('a Pod with pull secrets', () => {
  it('pulls with the right one', async (t) => {
    await using node = await aNode(t)
    guard(node)
    putSecret(node, 'right')
    await node.run({ name: 'web', spec: wants('pull') })
    assert.equal(node.status('web')?.phase, 'Running')
    assert.equal(told(node.takeEvents())[0], `Normal Pulling Pulling image "${image}"`)
  })

  it('pulls with the second when the first is wrong, and passes over an empty name', async (t) => {
    await using node = await aNode(t)
    guard(node)
    putSecret(node, 'wrong', 'a')
    putSecret(node, 'right', 'b')
    await node.run({ name: 'web', spec: wants('', 'a', 'b') })
    assert.equal(node.status('web')?.phase, 'Running')
    assert.equal(node.engine.count('pullImage'), 2)
  })

  it('backs off with the words of the registry when it is wrong, and heals when it is changed', async (t) => {
    await using node = await aNode(t)
    guard(node)
    putSecret(node, 'wrong')
    await node.run({ name: 'web', spec: wants('pull') })
    await node.advance(400)
    assert.deepEqual(waitingOf(node), { reason: 'ErrImagePull', message: 'unauthorized' })
    await node.advance(2000)
    assert.equal(waitingOf(node)?.reason, 'ImagePullBackOff')
    putSecret(node, 'right')
    await node.advance(9000)
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('is told of one that is missing, pulls without it, and heals when it comes', async (t) => {
    await using node = await aNode(t)
    guard(node)
    await node.run({ name: 'web', spec: wants('pull') })
    await node.advance(400)
    assert.deepEqual(told(node.takeEvents()).slice(0, 3), [
      retrievalFailed,
      `Normal Pulling Pulling image "${image}"`,
      `Warning Failed Failed to pull image "${image}": no basic auth credentials`,
    ])
    putSecret(node, 'right')
    await node.advance(11_000)
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('runs a public image whatever its secrets are', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(image)
    putRaw(node, 'garbage')
    putRaw(node, '{}', 'typed', 'Opaque')
    await node.run({ name: 'web', spec: wants('missing', 'pull', 'typed') })
    assert.equal(node.status('web')?.phase, 'Running')
    const faults = bodiesOf(node.takeEvents()).filter(({ kind }) => kind.startsWith('pull-secret'))
    assert.deepEqual(faults, [
      {
        kind: 'pull-secrets-unusable',
        secretNames: ['missing', 'pull'],
        message: '"missing": secret "missing" not found; "pull": it is not JSON',
      },
      {
        kind: 'pull-secret-ignored',
        secretName: 'typed',
        message: 'nothing in it is for pulling: its type is "Opaque"',
      },
    ])
  })

  it('goes on without them when the API server does not give them within a second', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(image)
    const release = node.clusterGate.hold('listObject')
    await node.run({ name: 'web', spec: wants('pull') })
    assert.equal(node.status('web')?.phase, 'Pending')
    await node.advance(1000)
    assert.equal(node.status('web')?.phase, 'Running')
    assert.equal(told(node.takeEvents())[0], retrievalFailed)
    release()
  })

  it('asks for none while its image is here', async (t) => {
    await using node = await aNode(t, { images: [image] })
    await node.run({ name: 'web', spec: wants('pull') })
    assert.equal(node.status('web')?.phase, 'Running')
    assert.equal(node.cluster.count('listObject'), 0)
  })

  it('shares the answer with 40 others, and the pull too', async (t) => {
    await using node = await aNode(t)
    guard(node)
    putSecret(node, 'right')
    const release = node.engineGate.hold('pullImage')
    for (let index = 0; index < 40; index += 1) await node.run({ name: `web-${index}`, spec: wants('pull') })
    release()
    await node.settled()
    assert.equal(node.cluster.count('listObject'), 1)
    assert.equal(node.engine.count('pullImage'), 1)
    assert.ok(node.server.pods.every(({ status }) => status?.phase === 'Running'))
  })

  it('does not lend them: another Pod does not join its pull', async (t) => {
    await using node = await aNode(t)
    guard(node)
    putSecret(node, 'right')
    const release = node.engineGate.hold('pullImage')
    await node.run({ name: 'web', spec: wants('pull') })
    await node.run({ name: 'other', spec: wants() })
    assert.equal(node.engine.count('pullImage'), 2)
    release()
    await node.advance(400)
    assert.equal(node.status('web')?.phase, 'Running')
    assert.deepEqual(waitingOf(node, 'other'), { reason: 'ErrImagePull', message: 'no basic auth credentials' })
  })

  it('that is deleted while its secret is looked for pulls nothing', async (t) => {
    await using node = await aNode(t)
    guard(node)
    const release = node.clusterGate.hold('listObject')
    await node.run({ name: 'web', spec: wants('pull') })
    await node.delete('web')
    release()
    await node.settled()
    assert.equal(node.engine.count('pullImage'), 0)
    assert.deepEqual(told(node.takeEvents()), [])
  })
})

it('a registry that is away has a reason of its own', async (t) => {
  await using node = await aNode(t)
  node.docker.publish(image, new KubeletError('unavailable', 'bad gateway', { status: 502 }))
  await node.run({ name: 'web', spec: wants() })
  await node.advance(400)
  const message = `image pull failed for ${image} because the registry is unavailable: bad gateway`
  assert.deepEqual(waitingOf(node), { reason: 'RegistryUnavailable', message })
  assert.deepEqual(told(node.takeEvents()), [
    `Normal Pulling Pulling image "${image}"`,
    `Warning Failed Failed to pull image "${image}": RegistryUnavailable: bad gateway`,
    'Warning Failed Error: RegistryUnavailable',
  ])
  await node.advance(2000)
  assert.deepEqual(waitingOf(node), {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "${image}": RegistryUnavailable: ${message}`,
  })
})
