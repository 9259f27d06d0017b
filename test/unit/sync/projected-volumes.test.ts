import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rename, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { PodSpec, VolumeSpec } from '../../../src/model/kube.ts'
import { aContainer, aPod } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { statusOf } from './main-container.ts'
import { told } from './told.ts'

const settings = { kind: 'ConfigMap', namespace: 'default', name: 'settings' } as const
const config: VolumeSpec = { name: 'config', configMap: { name: 'settings' } }
const mayLack: VolumeSpec = { name: 'config', configMap: { name: 'settings', optional: true } }
const labels: VolumeSpec = {
  name: 'info',
  downwardAPI: {
    items: ['labels', 'annotations'].map((path) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } })),
  },
}

function mounting(...volumes: readonly VolumeSpec[]): Partial<PodSpec> {
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
  return { volumes, containers: [aContainer({ volumeMounts })] }
}

function put(node: NodeInMemory, data: Readonly<Record<string, string>>, change: { immutable?: boolean } = {}): void {
  node.server.objects.put({ ...settings, data, ...change })
}

async function folderOf(node: NodeInMemory, volume = 'kubernetes.io~configmap/config'): Promise<string> {
  const [uid = ''] = await node.folders()
  return join(node.root, 'pods', uid, 'volumes', volume)
}

/** What a file in the volume says, when all that follows from what has happened is done. */
async function read(node: NodeInMemory, file: string, volume?: string): Promise<string> {
  await node.settled()
  return readFile(join(await folderOf(node, volume), file), 'utf8')
}

async function filesIn(node: NodeInMemory): Promise<readonly string[]> {
  await node.settled()
  return (await readdir(await folderOf(node))).filter((name) => !name.startsWith('..'))
}

function failedMounts(node: NodeInMemory): readonly string[] {
  return told(node.takeEvents()).filter((text) => text.includes('FailedMount'))
}

const notFound = 'Warning FailedMount MountVolume.SetUp failed for volume "config" : configmap "settings" not found'

describe('a volume of files in a Pod that runs', () => {
  it('costs no call to Docker, and one list of its object', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    await node.run({ name: 'first' })
    node.takeCalls()
    await node.run({ name: 'plain' })
    const plain = node.takeCalls().toSorted()
    await node.run({ name: 'web', spec: mounting(config) })
    assert.deepEqual(node.takeCalls().toSorted(), plain)
    assert.equal(node.cluster.count('listObject'), 1)
  })

  it('follows its object at once, and its Pod', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    await node.run({ name: 'web', metadata: { labels: { app: 'web' } }, spec: mounting(config, labels) })
    assert.equal(await read(node, 'color'), 'red')
    put(node, { color: 'blue', size: 'big' })
    assert.equal(await read(node, 'color'), 'blue')
    assert.equal(await read(node, 'size'), 'big')
    node.server.updatePod('default', 'web', { metadata: { labels: { app: 'shop' } } })
    assert.equal(await read(node, 'labels', 'kubernetes.io~downward-api/info'), 'app="shop"')
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('tells of the annotations that the kubelet makes', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', metadata: { annotations: { build: 'two' } }, spec: mounting(labels) })
    assert.equal(
      await read(node, 'annotations', 'kubernetes.io~downward-api/info'),
      [
        'build="two"',
        `kubernetes.io/config.seen="2026-11-21T10:00:00.000000000Z"`,
        'kubernetes.io/config.source="api"',
      ].join('\n'),
    )
  })

  it('tells of a Pod from a manifest too, with the annotations of that', async (t) => {
    await using node = await aNode(t, { hasManifests: true })
    const annotations = { 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.seen': 'long ago' }
    await node.manifestsSynced()
    await node.addStatic(aPod({ metadata: { name: 'static', annotations }, spec: mounting(labels) }))
    assert.equal(
      await read(node, 'annotations', 'kubernetes.io~downward-api/info'),
      'kubernetes.io/config.seen="long ago"\nkubernetes.io/config.source="file"',
    )
  })

  it('is looked at again once in a sync period, and for nothing else', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    const looks = t.mock.method(node.mounts, 'below').mock
    await node.run({
      name: 'web',
      spec: mounting({ name: 'config', secret: { secretName: 'settings', optional: true } }),
    })
    assert.equal(looks.callCount(), 1)
    await node.advance(59_000)
    assert.equal(looks.callCount(), 1)
    await node.advance(31_000)
    assert.equal(looks.callCount(), 2)
    await node.advance(600_000, 10_000)
    assert.ok(looks.callCount() > 7 && looks.callCount() < 13, String(looks.callCount()))
    assert.equal(node.cluster.count('listObject'), 1)
  })

  it('keeps what it shows when its object goes, tells of it as the kubelet does, and follows the next', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    await node.run({ name: 'web', spec: mounting(config) })
    node.takeEvents()
    node.server.objects.delete(settings)
    assert.equal(await read(node, 'color'), 'red')
    assert.deepEqual(failedMounts(node), [notFound])
    await node.advance(3500, 100)
    assert.deepEqual(failedMounts(node), [notFound, notFound, notFound])
    assert.equal(statusOf(node).ready, true)
    put(node, { color: 'blue' })
    assert.equal(await read(node, 'color'), 'blue')
    assert.deepEqual(failedMounts(node), [])
  })

  it('keeps nothing from running on when the disk takes nothing more', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run({ name: 'web', metadata: { labels: { app: 'web' } }, spec: mounting(labels) })
    const hosts = join(node.root, 'pods', pod.metadata.uid, 'etc-hosts')
    await rename(hosts, `${hosts}.kept`)
    await mkdir(hosts)
    node.server.updatePod('default', 'web', { metadata: { labels: { app: 'shop' } } })
    await node.settled()
    await rmdir(hosts)
    await rename(`${hosts}.kept`, hosts)
    await node.exit('main 0', 1)
    await node.settled()
    assert.deepEqual(node.containers.at(-1), 'main 1 running')
    assert.equal(await read(node, 'labels', 'kubernetes.io~downward-api/info'), 'app="web"')
    await node.advance(11_000)
    assert.equal(await read(node, 'labels', 'kubernetes.io~downward-api/info'), 'app="shop"')
  })

  it('comes and goes with an object that need not be there', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: mounting(mayLack) })
    assert.equal(node.status('web')?.phase, 'Running')
    assert.deepEqual(await filesIn(node), [])
    put(node, { color: 'red' })
    assert.deepEqual(await filesIn(node), ['color'])
    node.server.objects.delete(settings)
    assert.deepEqual(await filesIn(node), [])
    assert.deepEqual(failedMounts(node), [])
  })

  it('is not written again when nothing has changed', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    await node.run({ name: 'web', spec: mounting(config) })
    const before = await stat(join(await folderOf(node), 'color'))
    put(node, { color: 'red' })
    await node.advance(90_000)
    assert.equal((await stat(join(await folderOf(node), 'color'))).ino, before.ino)
  })

  it('shows again what it showed to an agent that was killed', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    await node.run({ name: 'web', spec: mounting(config) })
    node.kill()
    put(node, { color: 'blue' })
    await node.restart()
    assert.equal(await read(node, 'color'), 'blue')
    put(node, { color: 'green' })
    assert.equal(await read(node, 'color'), 'green')
  })
})

describe('a Pod whose volume of files can’t be made', () => {
  it('waits for its object in the kubelet’s words, and goes on when it comes', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: mounting(config) })
    await node.advance(400)
    assert.deepEqual(statusOf(node).state?.waiting, { reason: 'ContainerCreating' })
    assert.deepEqual(failedMounts(node), [notFound])
    put(node, { color: 'red' })
    await node.settled()
    assert.equal(node.status('web')?.phase, 'Running')
    assert.equal(await read(node, 'color'), 'red')
  })

  it('waits for the key that it names', async (t) => {
    await using node = await aNode(t)
    put(node, { color: 'red' })
    const items = [{ key: 'size', path: 'size' }]
    await node.run({ name: 'web', spec: mounting({ name: 'config', configMap: { name: 'settings', items } }) })
    assert.deepEqual(failedMounts(node), [
      'Warning FailedMount MountVolume.SetUp failed for volume "config" : configmap references non-existent config key: size',
    ])
    put(node, { color: 'red', size: 'big' })
    assert.deepEqual(await filesIn(node), ['size'])
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('does not keep the Pod from being deleted', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: mounting(config) })
    await node.delete('web')
    await node.advance(3000)
    assert.equal(node.status('web'), undefined)
    assert.deepEqual(await node.folders(), [])
  })
})

describe('two hundred Pods that share a ConfigMap', () => {
  it('cost one list and one watch of it, and all follow it', async (t) => {
    await using node = await aNode(t, { node: { status: { allocatable: { pods: '200' } } } })
    put(node, { color: 'red' })
    const names = Array.from({ length: 200 }, (_, index) => `web-${index}`)
    for (const name of names) node.server.createPod({ nodeName: node.nodeName, name, spec: mounting(config) })
    await node.advance(20_000)
    assert.ok(names.every((name) => node.status(name)?.phase === 'Running'))
    put(node, { color: 'blue' })
    await node.settled()
    const uids = await node.folders()
    const paths = uids.map((uid) => join(node.root, 'pods', uid, 'volumes/kubernetes.io~configmap/config/color'))
    const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
    assert.deepEqual([texts.length, new Set(texts)], [200, new Set(['blue'])])
    assert.deepEqual([node.cluster.count('listObject'), node.cluster.count('watchObject')], [1, 1])
  })
})
