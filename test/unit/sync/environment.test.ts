import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { ContainerSpec } from '../../../src/model/kube.ts'
import { aContainer, aPod } from '../../builders/pod.ts'
import { nodeIp } from '../../support/agent-life.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { statusOf } from './main-container.ts'
import { told } from './told.ts'

const fromSettings: Partial<ContainerSpec> = { envFrom: [{ configMapRef: { name: 'settings' } }] }
const keyOfSettings: Partial<ContainerSpec> = {
  env: [{ name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } }],
}
const settings = { kind: 'ConfigMap', namespace: 'default', name: 'settings' } as const

function wants(part: Partial<ContainerSpec>) {
  return { containers: [aContainer(part)] }
}

function put(node: NodeInMemory, data: Readonly<Record<string, string>>): void {
  node.server.objects.put({ ...settings, data })
}

/** The environment that an instance was made with, of a Pod where there are several. */
function envOf(node: NodeInMemory, name = 'main 0', pod?: string): readonly string[] {
  const ofPod = node.docker.containers.find(({ request }) => request.name.startsWith(`k8s_main_${pod}_`))
  return (ofPod ?? node.container(name)).request.body.Env ?? []
}

/** The calls to Docker for a Pod without any variables, when the node has had one before. */
async function callsOfPlain(node: NodeInMemory): Promise<readonly string[]> {
  await node.run({ name: 'first' })
  node.takeCalls()
  await node.run({ name: 'plain' })
  return node.takeCalls().toSorted()
}

/** Why the container waits, when the status has had the time to say so. */
async function waiting(node: NodeInMemory) {
  await node.advance(400)
  return statusOf(node).state?.waiting
}

function configError(message: string) {
  return { reason: 'CreateContainerConfigError', message }
}

describe('a container whose variables come from the API server', () => {
  it('is made with what is there, at no more calls to Docker than any other', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    const plain = await callsOfPlain(node)
    await node.run({ name: 'web', spec: wants(fromSettings) })
    assert.deepEqual(node.takeCalls().toSorted(), plain)
    assert.deepEqual(envOf(node, 'main 0', 'web'), ['color=red'])
    assert.equal(node.cluster.count('listObject'), 1)
  })

  it('has them asked for while the sandbox is made', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    const release = node.engineGate.hold('create')
    await node.run({ name: 'web', spec: wants(fromSettings) })
    assert.equal(node.cluster.count('listObject'), 1)
    release()
    await node.settled()
    assert.deepEqual(envOf(node), ['color=red'])
  })

  it('waits in the kubelet’s words for one that is missing, and goes on as soon as it comes', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: wants(fromSettings) })
    assert.deepEqual(await waiting(node), configError('configmap "settings" not found'))
    assert.ok(told(node.takeEvents()).includes('Warning Failed Error: configmap "settings" not found'))
    put(node, { color: 'red' })
    await node.settled()
    assert.deepEqual(envOf(node), ['color=red'])
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('goes on as soon as the key comes that it misses, and tries not before for any other change', async (t) => {
    await using node = await aNode(t)
    put(node, {})
    await node.run({ name: 'web', spec: wants(keyOfSettings) })
    const message = "couldn't find key color in ConfigMap default/settings"
    assert.deepEqual(await waiting(node), configError(message))
    put(node, { size: 'big' })
    await node.settled()
    assert.deepEqual(await waiting(node), configError(message))
    put(node, { color: 'red' })
    await node.settled()
    assert.deepEqual(envOf(node), ['COLOR=red'])
  })

  it('is tried again after ten seconds all the same, and told of it each time', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: wants(fromSettings) })
    await node.advance(21_000)
    const errors = told(node.takeEvents()).filter((line) => line.startsWith('Warning Failed'))
    assert.equal(errors.length, 3)
  })

  it('holds up no other container of its Pod, nor other Pods', async (t) => {
    await using node = await aNode(t)
    const release = node.clusterGate.hold('listObject')
    const spec = { containers: [aContainer({ name: 'slow', ...fromSettings }), aContainer({ name: 'quick' })] }
    for (let index = 0; index < 8; index += 1) await node.run({ name: `slow-${index}`, spec })
    await node.run({ name: 'web' })
    assert.equal(node.status('web')?.phase, 'Running')
    release()
    put(node, {})
    await node.advance(1000)
    assert.ok(node.server.pods.every(({ status }) => status?.phase === 'Running'))
  })

  it('does not hold up the end of its Pod, and fails no more then', async (t) => {
    await using node = await aNode(t)
    const release = node.clusterGate.hold('listObject')
    await node.run({ name: 'web', spec: wants(fromSettings) })
    await node.delete('web', 0)
    await node.settled()
    assert.deepEqual(node.containers, [])
    assert.deepEqual(
      told(node.takeEvents()).filter((line) => line.startsWith('Warning')),
      [],
    )
    release()
  })

  it('starts anew with the values of then', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    await node.run({ name: 'web', spec: wants(fromSettings) })
    put(node, { color: 'blue' })
    await node.settled()
    assert.deepEqual(envOf(node), ['color=red'])
    await node.exit('main 0', 1)
    assert.deepEqual(envOf(node, 'main 1'), ['color=blue'])
  })

  it('waits for an answer of the server, and goes on as soon as it comes', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    const release = node.clusterGate.hold('listObject')
    await node.run({ name: 'web', spec: wants(fromSettings) })
    await node.advance(1000)
    assert.deepEqual(
      await waiting(node),
      configError('failed to sync configmap cache: timed out waiting for the condition'),
    )
    release()
    await node.settled()
    assert.deepEqual(envOf(node), ['color=red'])
  })

  it('shares its ConfigMap with 200 Pods for one list and one watch, which end with them', async (t) => {
    await using node = await aNode(t, { node: { status: { allocatable: { pods: '300' } } } })
    put(node, { color: 'red' })
    for (let index = 0; index < 200; index += 1) {
      node.server.createPod({ name: `web-${index}`, nodeName: node.nodeName, spec: wants(fromSettings) })
    }
    await node.settled()
    assert.equal(node.docker.containers.filter(({ request }) => request.body.Env?.includes('color=red')).length, 200)
    assert.deepEqual([node.cluster.count('listObject'), node.cluster.count('watchObject')], [1, 1])
    for (let index = 0; index < 200; index += 1) node.server.deletePodGracefully('default', `web-${index}`, 1)
    await node.advance(5000)
    assert.equal(node.server.objects.watches.open, 0)
  })

  it('costs nothing at the server when the agent comes back to it', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    await node.run({ name: 'web', spec: wants(fromSettings) })
    await node.restart()
    assert.equal(node.status('web')?.phase, 'Running')
    assert.equal(node.cluster.count('listObject'), 0)
  })
})

describe('a container that is told of Services', () => {
  it('has them in its environment, by one list and one watch for all Pods', async (t) => {
    await using node = await aNode(t)
    const ports = [{ port: 80, protocol: 'TCP' }]
    node.server.objects.putService({ namespace: 'default', name: 'db', clusterIP: '10.96.0.5', ports })
    await node.settled()
    await node.run({ name: 'web', spec: wants({ env: [{ name: 'DB', value: 'tcp://$(DB_SERVICE_HOST)' }] }) })
    await node.run({ name: 'other' })
    assert.deepEqual(envOf(node).slice(0, 2), ['DB=tcp://10.96.0.5', 'DB_SERVICE_HOST=10.96.0.5'])
    assert.deepEqual([node.cluster.count('listServices'), node.cluster.count('watchServices')], [1, 1])
  })

  it('waits until they have been read once, and goes on then', async (t) => {
    await using node = await aNode(t)
    node.kill()
    const release = node.clusterGate.hold('listServices')
    await node.restart()
    await node.run({ name: 'web' })
    await node.advance(1000)
    const message = 'services have not yet been read at least once, cannot construct envvars'
    assert.deepEqual(await waiting(node), configError(message))
    release()
    await node.settled()
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('does not wait for them where its Pod is a static one', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    node.kill()
    const release = node.clusterGate.hold('listServices')
    await node.restart()
    const annotations = { 'kubernetes.io/config.source': 'file' }
    await node.addStatic(aPod({ metadata: { name: 'static', annotations } }))
    await node.manifestsSynced()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    release()
  })
})

describe('a container that names the Pod’s address', () => {
  const env = [
    { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
  ]

  it('is made when the sandbox has one, at no more calls', async (t) => {
    await using node = await aNode(t)
    const plain = await callsOfPlain(node)
    await node.run({ name: 'web', spec: wants({ env }) })
    assert.deepEqual(node.takeCalls().toSorted(), plain)
    const ip = node.status('web')?.podIP
    assert.match(ip ?? '', /^\d/)
    assert.deepEqual(envOf(node, 'main 0', 'web'), [`IP=${ip}`, `HOST=${nodeIp}`])
  })

  it('has the node’s on the host’s network', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { ...wants({ env }), hostNetwork: true } })
    assert.deepEqual(envOf(node), [`IP=${nodeIp}`, `HOST=${nodeIp}`])
  })
})

describe('a container whose variables are in a file', () => {
  const volumes = [{ name: 'shared', emptyDir: {} }]
  const env = [{ name: 'KEY', valueFrom: { fileKeyRef: { volumeName: 'shared', path: 'a.env', key: 'KEY' } } }]
  const mounted = { env, volumeMounts: [{ name: 'shared', mountPath: '/shared' }] }

  it('waits for the file, and has what it says when it is made', async (t) => {
    await using node = await aNode(t)
    const { metadata } = await node.run({ name: 'web', spec: { ...wants(mounted), volumes } })
    assert.deepEqual(await waiting(node), configError("couldn't parse env file"))
    const [failed] = node.takeEvents().filter(({ kind }) => kind === 'container-failed')
    assert.match(failed?.kind === 'container-failed' ? (failed.detail ?? '') : '', /ENOENT.*a\.env/u)
    const folder = join(node.root, 'pods', metadata.uid, 'volumes/kubernetes.io~empty-dir/shared')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'a.env'), "KEY='from file'\n")
    await node.advance(11_000)
    assert.deepEqual(envOf(node), ['KEY=from file'])
  })

  it('has none where no container mounts the volume', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { ...wants({ env }), volumes } })
    assert.deepEqual(await waiting(node), configError('cannot find the volume "shared" referenced by FileKeyRef'))
  })
})

it('a Pod that goes lets nothing behind its environment go on', async (t) => {
  await using node = await aNode(t)
  node.clusterGate.refuse('listObject', new KubeletError('forbidden', 'not yours'))
  await node.run({ name: 'web', spec: wants(fromSettings) })
  await node.delete('web', 1)
  await node.advance(5000)
  assert.deepEqual(node.containers, [])
  const asked = node.cluster.count('listObject')
  node.clusterGate.refuse('listObject', undefined)
  await node.advance(60_000)
  assert.equal(node.cluster.count('listObject'), asked)
})
