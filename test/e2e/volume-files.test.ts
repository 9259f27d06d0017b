import assert from 'node:assert/strict'
import { readdir, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Pod, PodSpec, VolumeMountSpec, VolumeSpec } from '../../src/model/kube.ts'
import { parseQuantity, wholeUnits } from '../../src/util/quantity.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

type Data = Readonly<Record<string, string>>

async function putConfigMap(name: string, data: Data, binaryData: Data = {}): Promise<void> {
  await node.kubectl.feed('create', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data, binaryData })
}

async function putSecret(name: string, stringData: Data, data: Data = {}): Promise<void> {
  await node.kubectl.feed('create', { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData, data })
}

interface Look {
  readonly volumes: readonly VolumeSpec[]
  readonly script: string
  readonly spec?: Partial<PodSpec>
  readonly metadata?: Partial<Pod['metadata']>
  readonly resources?: object
}

/** What a script prints in a Pod that mounts each volume at `/<name>`, line by line. */
async function look(name: string, { volumes, script, spec, metadata = {}, resources = {} }: Look) {
  const volumeMounts = volumes.map((volume): VolumeMountSpec => ({ name: volume.name, mountPath: `/${volume.name}` }))
  const main = shell('main', script, { volumeMounts, resources })
  const manifest = podManifest(name, [main], { restartPolicy: 'Never', volumes, ...spec })
  const named = { ...manifest, metadata: { ...manifest.metadata, ...metadata } }
  const pod = await node.createUntil(named, 'over', hasPhase('Succeeded'))
  return (await node.logs(pod, 'main')).split('\n')
}

/** The lines that `stat` says of files: mode, owner, group, name. */
const statAll = 'stat -L -c "%a %u %g %n"'

function folderOf(pod: Pod, plugin: string, volume: string): string {
  return join(node.rootDir, 'pods', pod.metadata.uid, 'volumes', `kubernetes.io~${plugin}`, volume)
}

describe('Volumes of files', { concurrency: 8 }, () => {
  it('a ConfigMap is its keys, text and binary, or the items that are asked for, with their modes', async () => {
    await putConfigMap('settings', { 'data-1': 'value-1', 'data-2': 'zwei\nlines\n' }, { 'dump.bin': 'AP+A' })
    const items = [
      { key: 'data-2', path: 'path/to/data-2', mode: 0o400 },
      { key: 'dump.bin', path: 'dump' },
    ]
    const lines = await look('config-map', {
      volumes: [
        { name: 'all', configMap: { name: 'settings' } },
        { name: 'some', configMap: { name: 'settings', items, defaultMode: 0o444 } },
      ],
      script: `cd /all; ls; cat data-1 data-2; od -An -tx1 dump.bin; ${statAll} *; cd /some; find -L . -type f | grep -v '/[.][.]' | sort;
        ${statAll} dump path path/to path/to/data-2; grep ' /all \\| /some ' /proc/mounts | cut -d' ' -f4 | cut -d, -f1`,
    })
    assert.deepEqual(lines, [
      'data-1',
      'data-2',
      'dump.bin',
      'value-1zwei',
      'lines',
      ' 00 ff 80',
      '644 0 0 data-1',
      '644 0 0 data-2',
      '644 0 0 dump.bin',
      './dump',
      './path/to/data-2',
      '444 0 0 dump',
      '755 0 0 path',
      '755 0 0 path/to',
      '400 0 0 path/to/data-2',
      'ro',
      'ro',
    ])
  })

  it('a Secret lies in memory, and only its owner reads what is for nobody else', async () => {
    await putSecret('login', { user: 'anna' }, { key: 'AP+A' })
    const lines = await look('secret', {
      volumes: [{ name: 'login', secret: { secretName: 'login', defaultMode: 0o400 } }],
      script: `cd /login; cat user; echo; od -An -tx1 key; ${statAll} user; grep ' /login ' /proc/mounts | cut -d' ' -f1,3`,
    })
    assert.deepEqual(lines, ['anna', ' 00 ff 80', '400 0 0 user', 'tmpfs tmpfs'])
  })

  it('the group of a Pod’s volumes reads what it may not otherwise, and another user does not', async () => {
    await putSecret('grouped', { key: 'value' })
    await putConfigMap('grouped', { key: 'value' })
    const volumes: readonly VolumeSpec[] = [
      { name: 'secret', secret: { secretName: 'grouped', defaultMode: 0o440 } },
      { name: 'config', configMap: { name: 'grouped', defaultMode: 0o400 } },
      { name: 'info', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ]
    const lines = await look('grouped', {
      volumes,
      spec: { securityContext: { runAsUser: 1000, fsGroup: 1001 } },
      script: `cat /secret/key /config/key /info/name; echo; ${statAll} /secret/key /config/key /info/name /secret /config`,
    })
    assert.deepEqual(lines, [
      'valuevaluegrouped',
      '440 0 1001 /secret/key',
      '440 0 1001 /config/key',
      '644 0 1001 /info/name',
      '3777 0 1001 /secret',
      '2777 0 1001 /config',
    ])
    const refused = await look('ungrouped', {
      volumes,
      spec: { securityContext: { runAsUser: 1000, runAsGroup: 1000 } },
      script: 'cat /secret/key 2>&1; cat /config/key 2>&1; cat /info/name',
    })
    assert.deepEqual(refused, [
      "cat: can't open '/secret/key': Permission denied",
      "cat: can't open '/config/key': Permission denied",
      'ungrouped',
    ])
  })

  it('files about the Pod say what it is called, what it carries and what it may use', async () => {
    const field = (path: string, fieldPath: string) => ({ path, fieldRef: { fieldPath } })
    const resource = (path: string, name: string, divisor?: string) => ({
      path,
      resourceFieldRef: { containerName: 'main', resource: name, ...(divisor === undefined ? {} : { divisor }) },
    })
    const items = [
      field('name', 'metadata.name'),
      field('labels', 'metadata.labels'),
      field('one', "metadata.annotations['build']"),
      resource('cpu_limit', 'limits.cpu', '1m'),
      resource('cpu_request', 'requests.cpu', '1m'),
      resource('mem_limit', 'limits.memory'),
      resource('mem_request', 'requests.memory', '1Mi'),
      resource('storage', 'limits.ephemeral-storage'),
    ]
    const lines = await look('podinfo', {
      volumes: [{ name: 'podinfo', downwardAPI: { items, defaultMode: 0o400 } }],
      metadata: { labels: { zone: 'us-est-coast', cluster: 'test-cluster1' }, annotations: { build: 'a "b"' } },
      resources: { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '250m', memory: '32Mi' } },
      script: `cd /podinfo; ${statAll} name; for f in *; do echo "$f: $(cat $f)"; done`,
    })
    const allocatable = (await node.kubectl.get<{ status: { allocatable: Data } }>('node', node.name)).status
      .allocatable
    // In bytes, however the Node writes it.
    const storage = parseQuantity(allocatable['ephemeral-storage'] ?? '')
    assert.ok(storage !== undefined)
    assert.deepEqual(lines, [
      '400 0 0 name',
      'cpu_limit: 500',
      'cpu_request: 250',
      'labels: cluster="test-cluster1"',
      'zone="us-est-coast"',
      'mem_limit: 67108864',
      'mem_request: 32',
      'name: podinfo',
      'one: a "b"',
      `storage: ${wholeUnits(storage)}`,
    ])
  })

  it('sources of every kind are one volume, and of two files of one path the later source’s is there', async () => {
    await putConfigMap('part', { shared: 'of the ConfigMap', own: 'c' })
    await putSecret('part', { shared: 'of the Secret' })
    const lines = await look('projected', {
      volumes: [
        {
          name: 'all',
          projected: {
            defaultMode: 0o440,
            sources: [
              { configMap: { name: 'part' } },
              { secret: { name: 'part' } },
              { secret: { name: 'none', optional: true } },
              {
                downwardAPI: { items: [{ path: 'deep/name', fieldRef: { fieldPath: 'metadata.name' }, mode: 0o444 }] },
              },
            ],
          },
        },
      ],
      script: `cd /all; for f in $(find -L . -type f | grep -v '/[.][.]' | sort); do echo "$(${statAll} $f) $(cat $f)"; done`,
    })
    assert.deepEqual(lines, ['444 0 0 ./deep/name projected', '440 0 0 ./own c', '440 0 0 ./shared of the Secret'])
  })

  it('other volumes lie in their middle', async () => {
    await putConfigMap('outer', { file: 'outer' })
    const volumeMounts = [
      { name: 'outer', mountPath: '/etc/outer' },
      { name: 'inner', mountPath: '/etc/outer/deep/inner' },
    ]
    const volumes = [
      { name: 'outer', configMap: { name: 'outer' } },
      { name: 'inner', emptyDir: {} },
    ]
    const main = shell(
      'main',
      'echo inner >/etc/outer/deep/inner/file; cat /etc/outer/file /etc/outer/deep/inner/file',
      {
        volumeMounts,
      },
    )
    const manifest = podManifest('nested', [main], { restartPolicy: 'Never', volumes })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    assert.equal(await node.logs(pod, 'main'), 'outerinner')
  })

  it('a thousand keys of a mebibyte, and keys with odd names, are as many files', async () => {
    const data = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`key.${index}`, `${index} `.repeat(200)]),
    )
    await putConfigMap('large', data)
    await putConfigMap('odd', {
      '-': '1',
      '.hidden': '2',
      _: '3',
      'a..b': '4',
      constructor: '5',
      ['n'.repeat(253)]: '6',
    })
    const lines = await look('large', {
      volumes: [
        { name: 'large', configMap: { name: 'large' } },
        { name: 'odd', configMap: { name: 'odd' } },
      ],
      script:
        'ls /large | wc -l; cat /large/* | wc -c; cat /large/key.999 | cut -c1-8; cd /odd; ls -A | grep -v "^\\.\\." | wc -l; cat ./- .hidden _ a..b constructor nnn*',
    })
    const bytes = Object.values(data).reduce((sum, text) => sum + text.length, 0)
    assert.deepEqual(lines, ['1000', String(bytes), '999 999 ', '6', '123456'])
  })

  it('lie on the node as the kubelet leaves them, and go with the Pod', async () => {
    await putConfigMap('laid', { key: 'value' })
    const main = staying('main', { volumeMounts: [{ name: 'laid', mountPath: '/laid' }] })
    const volumes = [{ name: 'laid', configMap: { name: 'laid' } }]
    const pod = await node.createUntil(podManifest('laid', [main], { volumes }), 'ready', isReady)
    const folder = folderOf(pod, 'configmap', 'laid')
    const data = await readlink(join(folder, '..data'))
    assert.match(data, /^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+$/u)
    assert.deepEqual((await readdir(folder)).toSorted(), [data, '..data', 'key'].toSorted())
    assert.equal(await readlink(join(folder, 'key')), '..data/key')
    const markers = join(node.rootDir, 'pods', pod.metadata.uid, 'plugins/kubernetes.io~empty-dir')
    assert.deepEqual(await readdir(markers), ['wrapped_laid'])
    await node.kubectl.run('delete', 'pod', 'laid')
    await assert.rejects(stat(join(node.rootDir, 'pods', pod.metadata.uid)), { code: 'ENOENT' })
  })
})
