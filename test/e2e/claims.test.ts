import assert from 'node:assert/strict'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { VolumeMountSpec } from '../../src/model/kube.ts'
import { mountsBelow } from '../support/mounts.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying, statusOf, untilTold } from '../support/test-pod.ts'
import { claimed, local, makeBound, makeClaim, makeVolume, removeVolumes, volumeName } from './persistent-volumes.ts'

const opened = new Opened()
const node = await opened.open(TestNode.start())
opened.defer(() => removeVolumes(node))

const data: { readonly volumeMounts: readonly VolumeMountSpec[] } = {
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
}

/** A folder of the host, for a volume. */
async function disk(name: string): Promise<string> {
  const path = join(node.folder, 'disks', name)
  await mkdir(path, { recursive: true })
  return path
}

function isWaiting(name: string): Promise<unknown> {
  return node.until(
    name,
    'waiting in ContainerCreating',
    (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ContainerCreating',
  )
}

const unprocessed = (text: string): string =>
  `Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]: ${text}`

describe('Claims', { concurrency: 6 }, () => {
  it('on a path of the host: the data outlives the Pod that wrote it, and another one, in the group of the volume, reads it', async () => {
    const path = await disk('host')
    await makeBound(node, 'host', { hostPath: { path }, annotations: { 'pv.beta.kubernetes.io/gid': '1234' } })
    const writer = shell('writer', 'echo kept >/data/file', data)
    const once = { restartPolicy: 'Never', ...claimed('host') }
    await node.createUntil(podManifest('writer', [writer], once), 'over', hasPhase('Succeeded'))
    await node.kubectl.run('delete', 'pod', 'writer')
    assert.equal(await readFile(join(path, 'file'), 'utf8'), 'kept\n')
    const reader = podManifest('reader', [shell('reader', 'cat /data/file; id -G', data)], once)
    assert.equal(
      await node.logs(await node.createUntil(reader, 'over', hasPhase('Succeeded')), 'reader'),
      'kept\n0 1234',
    )
  })

  it('on a local volume: two Pods share it, one of them for reading only, and what it is shown at goes with the Pod', async () => {
    const path = await disk('local')
    await makeBound(node, 'shared', { ...local(path, node.name), mountOptions: ['noexec'] })
    const write = `echo shared >/data/file; echo true >/data/run; chmod 755 /data/run; /data/run || echo no exec; ${untilTold}`
    const writer = podManifest('sharing', [shell('main', write, data)], claimed('shared'))
    const writing = await node.createUntil(writer, 'ready', isReady)
    await node.untilPrinted(writing, 'main', 'no exec')
    const read = `cat /data/file; touch /data/more || echo read only; ${untilTold}`
    const reader = podManifest('looking', [shell('main', read, data)], claimed('shared', true))
    const reading = await node.createUntil(reader, 'ready', isReady)
    assert.match(await node.untilPrinted(reading, 'main', 'read only'), /^shared\n/u)

    const at = (uid: string): string =>
      join(node.rootDir, 'pods', uid, 'volumes/kubernetes.io~local-volume', volumeName(node, 'shared'))
    const targets = [at(writing.metadata.uid), at(reading.metadata.uid)]
    const mounted = (): readonly string[] => mountsBelow(node.rootDir).filter((target) => targets.includes(target))
    assert.deepEqual(mounted().toSorted(), targets.toSorted())
    await node.kubectl.run('delete', 'pod', 'sharing', 'looking')
    assert.deepEqual(mounted(), [])
    assert.equal(await readFile(join(path, 'file'), 'utf8'), 'shared\n')
  })

  it("on a local volume: it becomes the Pod's group's, and a second Pod's that wants another is told", async () => {
    const path = await disk('group')
    await writeFile(join(path, 'file'), '', { mode: 0o600 })
    await makeBound(node, 'group', local(path, node.name))
    const of = (name: string, fsGroup: number) =>
      podManifest(name, [staying('main', data)], { ...claimed('group'), securityContext: { fsGroup } })
    await node.createUntil(of('first-group', 1234), 'ready', isReady)
    const { gid, mode } = await stat(path)
    assert.deepEqual([gid, mode & 0o7777], [1234, 0o2775])
    assert.equal((await stat(join(path, 'file'))).mode & 0o777, 0o660)
    await node.createUntil(of('second-group', 4321), 'ready', isReady)
    const { message } = await node.untilEvent('second-group', 'AlreadyMountedVolume')
    assert.equal(
      message,
      `The requested fsGroup is 4321, but the volume ${volumeName(node, 'group')} has GID 1234. The volume may not be shareable.`,
    )
    await node.kubectl.run('delete', 'pod', 'first-group', 'second-group')
    await node.createUntil(of('third-group', 4321), 'ready', isReady)
    assert.equal((await stat(path)).gid, 4321)
  })

  it('that is not bound yet holds up its Pod, which goes on by itself when it is', async () => {
    const path = await disk('late')
    await makeClaim(node, 'late')
    await node.create(podManifest('early', [staying('main', data)], claimed('late')))
    const event = await node.untilEvent('early', 'FailedMount')
    const why = `error processing PVC ${node.name}/late: PVC is not bound`
    assert.deepEqual([event.type, event.message], ['Warning', unprocessed(why)])
    await isWaiting('early')
    await makeVolume(node, 'late', { hostPath: { path } })
    await node.until('early', 'ready', isReady)
  })

  it('that is not there holds up its Pod, which goes on by itself when it is', async () => {
    const path = await disk('absent')
    await node.create(podManifest('hopeful', [staying('main', data)], claimed('absent')))
    const why = `error processing PVC ${node.name}/absent: failed to fetch PVC from API server: persistentvolumeclaims "absent" not found`
    assert.equal((await node.untilEvent('hopeful', 'FailedMount')).message, unprocessed(why))
    await isWaiting('hopeful')
    await makeBound(node, 'absent', { hostPath: { path } })
    await node.until('hopeful', 'ready', isReady)
  })

  it('for a block device is refused where a container mounts files', async () => {
    const path = await disk('block')
    await makeBound(node, 'block', { hostPath: { path }, volumeMode: 'Block' })
    await node.create(podManifest('files', [staying('main', data)], claimed('block')))
    const why = 'volume data has volumeMode Block, but is specified in volumeMounts'
    assert.equal((await node.untilEvent('files', 'FailedMount')).message, unprocessed(why))
    await isWaiting('files')
  })

  it('on a volume that only a driver can mount is refused by name, and the Pod can be deleted', async () => {
    const driver = 'disk.example.com'
    await makeBound(node, 'csi', { csi: { driver, volumeHandle: '1' } })
    await node.create(podManifest('driven', [staying('main', data)], claimed('csi')))
    const why = `minikubelet does not support a PersistentVolume of type csi (driver "${driver}")`
    assert.equal(
      (await node.untilEvent('driven', 'FailedMount')).message,
      `MountVolume.SetUp failed for volume "${volumeName(node, 'csi')}" : ${why}`,
    )
    await isWaiting('driven')
    await node.kubectl.run('delete', 'pod', 'driven')
  })

  it('on a local volume of another node, and on a path that is not there, fail at the steps at which the kubelet fails', async () => {
    await makeBound(node, 'elsewhere', local(await disk('elsewhere'), 'another-node'))
    await makeBound(node, 'nowhere', local('/non-existent/location/nowhere', node.name))
    for (const [name, text] of [
      ['elsewhere', 'MountVolume.NodeAffinity check failed for volume "V" : no matching NodeSelectorTerms'],
      [
        'nowhere',
        'MountVolume.NewMounter initialization failed for volume "V" : path "/non-existent/location/nowhere" does not exist',
      ],
    ] as const) {
      await node.create(podManifest(name, [staying('main', data)], claimed(name)))
      const { message } = await node.untilEvent(name, 'FailedMount')
      assert.equal(message, text.replace('"V"', `"${volumeName(node, name)}"`))
    }
  })

  it('beside others: an NFS server that cannot be reached is told in the words of mount, and the Pod can be deleted', async () => {
    const volumes = [{ name: 'data', nfs: { server: '127.0.0.1', path: '/no/such/export' } }]
    await node.create(podManifest('nfs', [staying('main', data)], { volumes }))
    const { message = '' } = await node.untilEvent('nfs', 'FailedMount')
    assert.match(message, /^MountVolume\.SetUp failed for volume "data" : mount failed: exit status \d+\n/u)
    assert.match(
      message,
      /\nMounting arguments: -t nfs 127\.0\.0\.1:\/no\/such\/export \S+\/kubernetes\.io~nfs\/data\n/u,
    )
    await isWaiting('nfs')
    await node.kubectl.run('delete', 'pod', 'nfs')
  })
})

describe('An agent that is killed', () => {
  it('leaves mounted what its Pods use, and the next one takes it down with them', async () => {
    const path = await disk('killed')
    await makeBound(node, 'killed', local(path, node.name))
    const write = shell('main', `echo kept >/data/file; ${untilTold}`, data)
    const pod = await node.createUntil(podManifest('killed', [write], claimed('killed')), 'ready', isReady)
    const below = (): readonly string[] => mountsBelow(join(node.rootDir, 'pods', pod.metadata.uid))
    await node.agent.kill()
    assert.equal(below().length, 1)
    node.restartAgent()
    await node.kubectl.run('delete', 'pod', 'killed')
    assert.deepEqual(below(), [])
    assert.equal(await readFile(join(path, 'file'), 'utf8'), 'kept\n')
  })

  it('while a Pod waits for its claim changes nothing for it', async () => {
    const path = await disk('waiting')
    await makeClaim(node, 'waiting')
    await node.create(podManifest('waiting', [staying('main', data)], claimed('waiting')))
    await node.untilEvent('waiting', 'FailedMount')
    await node.agent.kill()
    node.restartAgent()
    await makeVolume(node, 'waiting', { hostPath: { path } })
    const pod = await node.until('waiting', 'ready', isReady)
    assert.equal(statusOf(pod, 'main').restartCount, 0)
  })
})
