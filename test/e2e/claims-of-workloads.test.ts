import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import type { PersistentVolumeClaim, Pod } from '../../src/model/kube.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, untilTold } from '../support/test-pod.ts'
import { local, makeFreeVolume, makeVolume, removeVolumes } from './persistent-volumes.ts'
import { readyPods, template, untilSchedulable, workload } from './workloads.ts'

const opened = new Opened()
const node = await opened.open(TestNode.start())
const { kubectl } = node
/** Local volumes for claims that wait for the Pod that uses them, so that its node has the volume. */
const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: node.name },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
}
const disks = join(node.folder, 'disks')

opened.defer(() => kubectl.run('delete', 'storageclass', node.name, '--ignore-not-found'))
opened.defer(() => removeVolumes(node))

const claimSpec = {
  storageClassName: node.name,
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Mi' } },
}

/** Writes its name where its data lies, once. */
const writing = shell('main', `cat /data/name || hostname >/data/name; ${untilTold}`, {
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
})

async function volumeOf(claim: string): Promise<string> {
  return (await kubectl.get<PersistentVolumeClaim>('pvc', claim)).spec?.volumeName ?? ''
}

function nameIn(volume: string): Promise<string> {
  return readFile(join(disks, volume.slice(node.name.length + 1), 'name'), 'utf8')
}

describe('Claims of workloads', () => {
  before(async () => {
    await Promise.all([untilSchedulable(node), kubectl.feed('create', storageClass)])
    for (const disk of ['one', 'two']) {
      await mkdir(join(disks, disk), { recursive: true })
      await makeFreeVolume(node, disk, local(join(disks, disk), node.name))
    }
  })

  it('each Pod of a StatefulSet has a local volume of its own, and finds its data again when it is made anew', async () => {
    const set = workload('StatefulSet', 'db', {
      serviceName: 'db',
      replicas: 2,
      template: template(node, 'db', writing),
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec }],
    })
    await kubectl.feed('create', set)
    const before = await readyPods(node, 'db', 2)
    const volumes = await Promise.all([volumeOf('data-db-0'), volumeOf('data-db-1')])
    assert.equal(new Set(volumes).size, 2)
    assert.deepEqual(await Promise.all(volumes.map(nameIn)), ['db-0\n', 'db-1\n'])
    await kubectl.run('delete', 'pods', '-l', 'app=db')
    const isNew = ({ metadata }: Pod): boolean => before.every((old) => old.metadata.uid !== metadata.uid)
    const again = await readyPods(node, 'db', 2, isNew)
    for (const pod of again) assert.equal(await node.logs(pod, 'main'), pod.metadata.name)
  })
})

describe('A claim that is made for one Pod', () => {
  it('is found by the names of both on a server that knows of such claims; an older one lets in no such Pod', async () => {
    await mkdir(join(disks, 'own'), { recursive: true })
    const ephemeral = { volumeClaimTemplate: { spec: { ...claimSpec, storageClassName: '' } } }
    const manifest = podManifest('own', [writing], { volumes: [{ name: 'data', ephemeral }] })
    if ((await kubectl.serverMinor()) < 23) {
      await assert.rejects(node.create(manifest), /must specify a volume type/u)
      return
    }
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: node.name, name: 'own-data' }
    await makeVolume(node, 'own', { hostPath: { path: join(disks, 'own') }, storageClassName: '', claimRef })
    await node.createUntil(manifest, 'ready', isReady)
    assert.equal(await nameIn(await volumeOf('own-data')), 'own\n')
  })
})
