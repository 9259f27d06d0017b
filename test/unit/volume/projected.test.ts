import assert from 'node:assert/strict'
import { readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { DataObject, PodSpec, VolumeSpec } from '../../../src/model/kube.ts'
import { PodVolumes, type VolumeFacts } from '../../../src/volume/pod-volumes.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'
import { volumeFacts } from '../../builders/volumes.ts'
import { FakeMounts } from '../../fakes/fake-mounts.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withUmask } from './with-umask.ts'

function anObject(name: string, data: Readonly<Record<string, string>>): DataObject {
  return { metadata: { namespace: 'default', name, uid: name }, data }
}

const notFound = new KubeletError('not-found', 'configmap "settings" not found')
const settings: VolumeSpec = { name: 'settings', configMap: { name: 'settings' } }
const pass: VolumeSpec = { name: 'pass', secret: { secretName: 'pass', defaultMode: 0o400 } }
const info: VolumeSpec = {
  name: 'info',
  downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
}
const all: VolumeSpec = { name: 'all', projected: { sources: [{ configMap: { name: 'settings' } }] } }

class Bed {
  readonly mounted: string[] = []
  readonly folder: string
  readonly #volumes: PodVolumes
  objects: ReadonlyMap<string, DataObject | KubeletError> = new Map([
    ['ConfigMap default/settings', anObject('settings', { key: 'value' })],
    ['Secret default/pass', anObject('pass', { pass: 'czNjcjN0' })],
  ])

  constructor(root: string) {
    const mounts = new FakeMounts({ root, before: (call) => void this.mounted.push(call.replace(root, '')) })
    this.folder = join(root, 'pods', aPodUid)
    this.#volumes = new PodVolumes({ paths: { root, podLogs: '' }, mounts, emit: () => {} })
  }

  async setUp(volumes: readonly VolumeSpec[], spec: Partial<PodSpec> = {}, facts: Partial<VolumeFacts> = {}) {
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
    const pod = aPod({
      metadata: { labels: { app: 'web' } },
      spec: { volumes, containers: [aContainer({ volumeMounts })], ...spec },
    })
    const known = volumeFacts({ objects: this.objects, pod, allocatable: { memory: '1Gi' }, ...facts })
    return this.#volumes.setUp(pod, known, new AbortController().signal)
  }

  at(path: string): string {
    return join(this.folder, 'volumes', path)
  }
}

async function aBed(test: TestContext): Promise<Bed> {
  return new Bed(await temporaryFolder(test))
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o7777).toString(8)
}

describe('setting up volumes of files', () => {
  it('puts each into the folder of its kind, for containers to read', async (test) => {
    const bed = await aBed(test)
    withUmask(test, 0o077)
    const { mounted, failures } = await bed.setUp([settings, pass, info, all])
    assert.deepEqual(failures, [])
    const files = {
      settings: ['kubernetes.io~configmap', 'key', 'value', '644'],
      pass: ['kubernetes.io~secret', 'pass', 's3cr3t', '400'],
      info: ['kubernetes.io~downward-api', 'labels', 'app="web"', '644'],
      all: ['kubernetes.io~projected', 'key', 'value', '644'],
    }
    for (const [name, [plugin = '', file = '', text, mode]] of Object.entries(files)) {
      const path = bed.at(join(plugin, name))
      assert.deepEqual(mounted.get(name), { kind: 'path', path, readOnly: true, mayBeMissing: false })
      assert.equal(await readFile(join(path, file), 'utf8'), text)
      assert.equal(await modeOf(join(path, file)), mode)
      assert.equal(await modeOf(path), '777')
    }
  })

  it('keeps all but ConfigMaps in memory, at most as much as the node has or the Pod may take', async (test) => {
    const bed = await aBed(test)
    await bed.setUp([settings, pass, info, all])
    assert.deepEqual(bed.mounted.toSorted(), [
      `mount tmpfs /pods/${aPodUid}/volumes/kubernetes.io~downward-api/info`,
      `mount tmpfs /pods/${aPodUid}/volumes/kubernetes.io~projected/all`,
      `mount tmpfs /pods/${aPodUid}/volumes/kubernetes.io~secret/pass`,
    ])
  })

  it('marks each as made, as an emptyDir that is wrapped', async (test) => {
    const bed = await aBed(test)
    await bed.setUp([settings, pass])
    const markers = join(bed.folder, 'plugins/kubernetes.io~empty-dir')
    assert.deepEqual((await readdir(markers)).toSorted(), ['wrapped_pass', 'wrapped_settings'])
    assert.deepEqual(await readdir(join(markers, 'wrapped_pass')), ['ready'])
  })

  it('mounts nothing twice, and what is gone anew', async (test) => {
    const bed = await aBed(test)
    await bed.setUp([settings, pass])
    await bed.setUp([settings, pass])
    assert.equal(bed.mounted.length, 1)
    await rm(bed.at('kubernetes.io~configmap/settings'), { recursive: true })
    await bed.setUp([settings, pass])
    assert.equal(await readFile(bed.at('kubernetes.io~configmap/settings/key'), 'utf8'), 'value')
  })

  it('gives them to the Pod’s group', async (test) => {
    const bed = await aBed(test)
    await bed.setUp([pass], { securityContext: { fsGroup: 4321 } })
    const path = bed.at('kubernetes.io~secret/pass')
    for (const name of ['.', '..data/.', 'pass']) assert.equal((await stat(join(path, name))).gid, 4321)
    assert.equal(await modeOf(path), '2777')
    assert.equal(await modeOf(join(path, 'pass')), '440')
  })

  it('makes mount points for what is mounted in their middle', async (test) => {
    const bed = await aBed(test)
    const volumeMounts = [
      { name: 'settings', mountPath: '/etc/app' },
      { name: 'pass', mountPath: '/etc/app/secret/pass' },
    ]
    await bed.setUp([settings, pass], { containers: [aContainer({ volumeMounts })] })
    assert.equal(await modeOf(bed.at('kubernetes.io~configmap/settings/secret/pass')), '755')
    assert.equal(await readFile(bed.at('kubernetes.io~configmap/settings/key'), 'utf8'), 'value')
  })
})

describe('a volume of files that lacks something', () => {
  it('is not made, and the others are', async (test) => {
    const bed = await aBed(test)
    bed.objects = new Map([...bed.objects, ['ConfigMap default/settings', notFound]])
    const { mounted, failures } = await bed.setUp([settings, pass])
    assert.deepEqual(failures, [
      { volumeName: 'settings', step: 'set-up', shownAs: 'settings', message: 'configmap "settings" not found' },
    ])
    assert.deepEqual([...mounted.keys()], ['pass'])
    assert.deepEqual(await readdir(bed.at('.')), ['kubernetes.io~secret'])
  })

  it('keeps what it held', async (test) => {
    const bed = await aBed(test)
    await bed.setUp([settings])
    bed.objects = new Map([['ConfigMap default/settings', notFound]])
    assert.equal((await bed.setUp([settings])).failures.length, 1)
    assert.equal(await readFile(bed.at('kubernetes.io~configmap/settings/key'), 'utf8'), 'value')
  })

  it('loses its files with an object that need not be there', async (test) => {
    const bed = await aBed(test)
    const optional: VolumeSpec = { name: 'settings', configMap: { name: 'settings', optional: true } }
    await bed.setUp([optional])
    bed.objects = new Map([['ConfigMap default/settings', notFound]])
    assert.deepEqual((await bed.setUp([optional])).failures, [])
    const path = bed.at('kubernetes.io~configmap/settings')
    assert.deepEqual((await readdir(path)).toSorted(), [await readlink(join(path, '..data')), '..data'].toSorted())
  })

  it('can be one with a file where a mount point is to be', async (test) => {
    const bed = await aBed(test)
    const volumeMounts = [
      { name: 'settings', mountPath: '/etc/app' },
      { name: 'pass', mountPath: '/etc/app/key/below' },
    ]
    await bed.setUp([settings])
    const { failures } = await bed.setUp([settings, pass], { containers: [aContainer({ volumeMounts })] })
    assert.match(failures[0]?.message ?? '', /^unable to create nested volume mountpoints: /u)
  })
})
