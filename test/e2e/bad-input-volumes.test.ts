import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { PodSpec, VolumeSpec } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, isReady, podManifest, staying, statusOf, waitsFor, type PodManifest } from '../support/test-pod.ts'

const opened = new Opened()
const node = await opened.open(TestNode.start())
const standalone = await opened.open(StandaloneNode.start())

/** A Pod whose container mounts each of these volumes at the path beside it. */
function mounting(name: string, volumes: readonly (readonly [mountPath: string, volume: VolumeSpec])[]): PodManifest {
  const volumeMounts = volumes.map(([mountPath, volume]) => ({ name: volume.name, mountPath }))
  const all = volumes.map(([, volume]) => volume)
  const own = all.filter((volume, index) => all.findIndex((other) => other.name === volume.name) === index)
  return podManifest(name, [staying('main', { volumeMounts })], { volumes: own })
}

function emptyDir(name: string): VolumeSpec {
  return { name, emptyDir: {} }
}

/** A Pod of one volume, mounted at /data. */
function of(name: string, source: Omit<VolumeSpec, 'name'>): PodManifest {
  return mounting(name, [['/data', { name: 'data', ...source }]])
}

/** Waits until a Pod waits for its volume, as `kubectl describe` says with these words. */
async function untilTold(manifest: PodManifest, words: string): Promise<void> {
  const { name } = manifest.metadata
  const pod = await node.until(name, 'waiting', waitsFor('main', 'ContainerCreating'))
  assert.equal(pod.status?.phase, 'Pending')
  const event = await node.untilEvent(name, 'FailedMount', words)
  assert.equal(event.type, 'Warning')
  const described = await node.kubectl.run('describe', 'pod', name)
  assert.match(described, /^ {4}State: +Waiting\n {6}Reason: +ContainerCreating$/mu)
  const line = described.split('\n').find((each) => each.includes('FailedMount') && each.includes(words))
  assert.match(
    line ?? described,
    /^ {2}Warning +FailedMount +.* +kubelet +MountVolume\.SetUp failed for volume "data" : /u,
  )
}

describe('Bad input about volumes', { concurrency: 8 }, () => {
  before(async () => {
    await node.createUntil(podManifest('bystander', [staying('main')]), 'ready', isReady)
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: '1', b: '2' } }
    await node.kubectl.feed('create', settings)
  })

  const missing: readonly (readonly [string, PodManifest, string])[] = [
    ['a ConfigMap that is not there', of('no-map', { configMap: { name: 'nobody' } }), 'configmap "nobody" not found'],
    ['a Secret that is not there', of('no-secret', { secret: { secretName: 'nobody' } }), 'secret "nobody" not found'],
    [
      'a key that is not there',
      of('no-key', { configMap: { name: 'settings', items: [{ key: 'c', path: 'c' }] } }),
      'configmap references non-existent config key: c',
    ],
    [
      'a key of one source that is not there',
      of('no-source', {
        projected: {
          sources: [
            { configMap: { name: 'settings' } },
            { configMap: { name: 'settings', items: [{ key: 'c', path: 'c' }] } },
          ],
        },
      }),
      'configmap references non-existent config key: c',
    ],
    [
      'a file and a folder of one name',
      of('both', {
        configMap: {
          name: 'settings',
          items: [
            { key: 'a', path: 'x' },
            { key: 'b', path: 'x/y' },
          ],
        },
      }),
      'x',
    ],
    [
      'a hostPath of another type',
      of('no-socket', { hostPath: { path: '/etc', type: 'Socket' } }),
      'hostPath type check failed: /etc is not a socket file',
    ],
  ]
  for (const [what, manifest, words] of missing) {
    it(`${what}: the Pod waits, and kubectl says for what`, async () => {
      await node.create(manifest)
      await untilTold(manifest, words)
    })
  }

  it('names as long as allowed, and paths of every character', async () => {
    const long = 'v'.repeat(63)
    const paths = [
      '/with space',
      '/with:colon',
      '/with,comma=and"quotes\'',
      '/ümläut/日本',
      '/$(HOME)/`id`',
      '/back\\slash',
      '/tab\there',
      '/new\nline',
      '/-dash',
      '/dots/../up',
      'relative',
      `/${'deep/'.repeat(100)}end`,
    ]
    const manifest = mounting(
      'odd-paths',
      paths.map((path) => [path, emptyDir(long)]),
    )
    const pod = await node.createUntil(manifest, 'ready', isReady)
    await node.exec(pod, 'main', 'sh', '-c', 'echo here >"/with space/file"')
    for (const path of paths) {
      const seen = path === 'relative' ? '/relative' : path.replace('/dots/..', '')
      assert.equal(await node.exec(pod, 'main', 'cat', `${seen}/file`), 'here', path)
    }
  })

  it('volumes that are mounted one in another', async () => {
    const manifest = mounting('nested', [
      ['/a/b/c', emptyDir('third')],
      ['/a/b', { name: 'second', configMap: { name: 'settings' } }],
      ['/a', emptyDir('first')],
    ])
    const pod = await node.createUntil(manifest, 'ready', isReady)
    const script = 'touch /a/first /a/b/c/third; cat /a/b/a /a/b/b; ls /a /a/b /a/b/c'
    assert.equal(
      await node.exec(pod, 'main', 'sh', '-c', script),
      '12/a:\nb\nfirst\n\n/a/b:\na\nb\nc\n\n/a/b/c:\nthird',
    )
  })

  const places: readonly (readonly [string, string])[] = [
    ['root', '/'],
    ['in-proc', '/proc/sys/data'],
    ['on-a-file', '/bin/sh/data'],
    ['too-long', `/${'x'.repeat(5000)}`],
  ]
  for (const [name, mountPath] of places) {
    it(`a mount at ${mountPath.slice(0, 20)}: the container is not started, and kubectl says why`, async () => {
      await node.create(mounting(name, [[mountPath, emptyDir('data')]]))
      const pod = await node.until(name, 'failed', ({ status }) => {
        const [main] = status?.containerStatuses ?? []
        const reason = main?.state?.waiting?.reason ?? ''
        return /^(?:CreateContainerError|RunContainerError|CrashLoopBackOff)$/u.test(reason)
      })
      assert.equal(statusOf(pod, 'main').ready, false)
      const event = await node.untilEvent(name, 'Failed', 'Error: ')
      assert.equal(event.type, 'Warning')
    })
  }

  it('kinds of volumes that this node does not serve are named', async () => {
    const sources: readonly (readonly [string, Omit<VolumeSpec, 'name'>])[] = [
      ['iscsi', { iscsi: { iqn: 'iqn.2001-04.com.example:storage', lun: 0, targetPortal: '192.0.2.1' } }],
      ['rbd', { rbd: { image: 'x', monitors: ['192.0.2.1'] } }],
      ['cephfs', { cephfs: { monitors: ['192.0.2.1'] } }],
      ['fc', { fc: { targetWWNs: ['50060e801049cfd1'], lun: 0 } }],
      ['flexVolume', { flexVolume: { driver: 'example/driver' } }],
      ['gitRepo', { gitRepo: { repository: 'https://example.invalid/repo' } }],
    ]
    await Promise.all(
      sources.map(async ([field, source]) => {
        const manifest = of(`kind-${field.toLowerCase()}`, source)
        await node.create(manifest)
        await untilTold(manifest, field === 'gitRepo' ? 'git-repo volume plugin has been disabled' : `of type ${field}`)
      }),
    )
  })

  it('a Pod with a volume that is not done waits for nothing if no container mounts it', async () => {
    const volumes: PodSpec['volumes'] = [{ name: 'data', flexVolume: { driver: 'example/driver' } }]
    await node.createUntil(podManifest('not-mounted', [staying('main')], { volumes }), 'ready', isReady)
  })
})

describe('A manifest with bad volumes', { concurrency: 8 }, () => {
  const cases: readonly (readonly [string, PodManifest, string])[] = [
    ['a Secret', of('secret', { secret: { secretName: 'x' } }), 'static pods may not reference secrets'],
    [
      'a claim',
      of('claim', { persistentVolumeClaim: { claimName: 'x' } }),
      'static pods may not reference persistentvolumeclaims',
    ],
    [
      'two kinds at once',
      of('two', { emptyDir: {}, hostPath: { path: '/' } }),
      'may not specify more than 1 volume type',
    ],
    [
      'a name that is none',
      mounting('name', [['/data', emptyDir('No Name')]]),
      'spec.volumes[0].name: Invalid value: "No Name"',
    ],
    [
      'a mount of nothing',
      podManifest('nothing', [staying('main', { volumeMounts: [{ name: 'x', mountPath: '/x' }] })]),
      'spec.containers[0].volumeMounts[0].name: Not found: "x"',
    ],
    [
      'a path out of the volume',
      podManifest('out', [staying('main', { volumeMounts: [{ name: 'x', mountPath: '/x', subPath: '../x' }] })], {
        volumes: [emptyDir('x')],
      }),
      `subPath: Invalid value: "../x": must not contain '..'`,
    ],
  ]
  before(async () => {
    await standalone.write('bystander.yaml', podManifest('bystander', [staying('main')]))
    await standalone.until('bystander', 'ready', (pod) => pod !== undefined && isReady(pod))
  })
  for (const [what, manifest, words] of cases) {
    it(`${what}: is not used, and the log says why`, async () => {
      const file = `${manifest.metadata.name}.yaml`
      await standalone.write(file, manifest)
      const line = await standalone.agent.log.first(
        `a complaint about ${file}`,
        (each) => each.msg === 'A manifest is not used' && String(each['file']).endsWith(`/${file}`),
      )
      assert.ok(String(line['reason']).includes(words), String(line['reason']))
      assert.equal(await standalone.find(manifest.metadata.name), undefined)
    })
  }
})

describe('A manifest with a thousand volumes', () => {
  // From an API server it would get no status: 1.20 takes a minute for each change of such a Pod.
  it('runs', async () => {
    const volumes = Array.from({ length: 1000 }, (_, index) => emptyDir(`v${index}`))
    const manifest = mounting(
      'thousand',
      volumes.map((volume) => [`/volumes/${volume.name}`, volume]),
    )
    await standalone.write('thousand.yaml', manifest)
    const pod = await standalone.until('thousand', 'ready', (seen) => seen !== undefined && isReady(seen))
    assert.ok(pod)
    assert.equal(await docker('exec', dockerId(pod, 'main'), 'sh', '-c', 'ls /volumes | wc -l'), '1000')
  })
})

describe('After all of that', () => {
  it('the Pods that were there before have not noticed', async () => {
    const versions = node.versions('bystander')
    const statuses = versions.slice(versions.findIndex(isReady)).map((pod) => statusOf(pod, 'main'))
    assert.deepEqual(
      statuses,
      statuses.map(() => statuses[0]),
    )
    const pod = await standalone.find('bystander')
    assert.ok(pod !== undefined && isReady(pod))
    assert.equal(statusOf(pod, 'main').restartCount, 0)
  })

  it('what is missing may come, and the Pods that waited for it start', async () => {
    const nobody = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'nobody' }, data: { a: 'here' } }
    await node.kubectl.feed('create', nobody)
    const pod = await node.until('no-map', 'ready', isReady)
    assert.equal(await node.exec(pod, 'main', 'cat', '/data/a'), 'here')
    await node.kubectl.run('patch', 'configmap', 'settings', '--patch', '{"data":{"c":"3"}}')
    await node.until('no-key', 'ready', isReady)
    await node.until('no-source', 'ready', isReady)
  })

  it('all of them can be deleted', async () => {
    const pods = node.pods()
    await node.kubectl.run('delete', 'pod', '--all', '--grace-period=1')
    assert.deepEqual(
      await Promise.all(pods.map((pod) => node.containers(pod))),
      pods.map(() => []),
    )
  })
})
