import assert from 'node:assert/strict'
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, Pod, VolumeMountSpec, VolumeSpec } from '../../src/model/kube.ts'
import { mountsBelow } from '../support/mounts.ts'
import { TestNode } from '../support/test-node.ts'
import {
  findStatus,
  hasPhase,
  isReady,
  podManifest,
  shell,
  staying,
  statusOf,
  untilTold,
  waitsFor,
  type PodManifest,
} from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

const data: readonly VolumeSpec[] = [{ name: 'data', emptyDir: {} }]

function part(subPath: string, change: Partial<VolumeMountSpec> = {}): VolumeMountSpec {
  return { name: 'data', mountPath: '/part', subPath, ...change }
}

function named(subPathExpr: string): VolumeMountSpec {
  return { name: 'data', mountPath: '/part', subPathExpr }
}

const whole: VolumeMountSpec = { name: 'data', mountPath: '/whole' }

function once(name: string, containers: readonly ContainerSpec[], init: readonly ContainerSpec[] = []): PodManifest {
  return podManifest(name, containers, { restartPolicy: 'Never', volumes: data, initContainers: init })
}

/** Prepares the volume before the container that is tried. */
function preparing(script: string): ContainerSpec {
  return shell('prepare', `cd /whole; ${script}`, { volumeMounts: [whole] })
}

function waitingText(pod: Pod, container: string): string | undefined {
  return findStatus(pod, container)?.state?.waiting?.message
}

function targetsOf(pod: Pod): readonly string[] {
  const folder = join(node.rootDir, 'pods', pod.metadata.uid, 'volume-subpaths')
  return mountsBelow(folder).map((target) => target.slice(folder.length + 1))
}

describe('Parts of volumes', { concurrency: 8 }, () => {
  it('are made where they are missing, and are the same for whoever mounts them', async () => {
    const write = shell('write', 'echo by its part >/part/file', { volumeMounts: [part('made/here')] })
    const read = shell('read', 'cat /whole/made/here/file /part/file', { volumeMounts: [whole, part('made/here')] })
    const pod = await node.createUntil(once('made', [read], [write]), 'over', hasPhase('Succeeded'))
    assert.equal(await node.logs(pod, 'read'), 'by its part\nby its part')
  })

  it('have the whole mode and the group of their volume, on the disk and in memory', async () => {
    const look = shell('look', 'stat -c "%A %g" /part /whole/new /memory', {
      volumeMounts: [whole, part('new/deep'), { name: 'memory', mountPath: '/memory', subPath: 'new' }],
    })
    const manifest = podManifest('grouped', [look], {
      restartPolicy: 'Never',
      volumes: [...data, { name: 'memory', emptyDir: { medium: 'Memory' } }],
      securityContext: { fsGroup: 2345 },
    })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    assert.equal(await node.logs(pod, 'look'), 'drwxrwsrwx 2345\ndrwxrwsrwx 2345\ndrwxrwsrwt 2345')
  })

  it('can be files, links that stay inside, pipes, and several of one volume', async () => {
    const prepare = preparing('mkdir real; echo file >file; echo linked >real/file; ln -s real link; mkfifo pipe')
    const look = shell('look', 'cat /file /link/file; stat -c %F /pipe; ls /', {
      volumeMounts: [
        part('file', { mountPath: '/file' }),
        part('link', { mountPath: '/link', readOnly: true }),
        part('pipe', { mountPath: '/pipe' }),
      ],
    })
    const pod = await node.createUntil(once('kinds', [look], [prepare]), 'over', hasPhase('Succeeded'))
    assert.match(await node.logs(pod, 'look'), /^file\nlinked\nfifo\n/u)
  })

  it('are only read where the mount says so', async () => {
    const look = shell('look', 'touch /part/file 2>&1 || echo refused', {
      volumeMounts: [part('here', { readOnly: true })],
    })
    const pod = await node.createUntil(once('read-only-part', [look]), 'over', hasPhase('Succeeded'))
    assert.match(await node.logs(pod, 'look'), /Read-only file system\nrefused$/u)
  })

  const outside: readonly (readonly [name: string, script: string, step: string])[] = [
    ['directory-outside', 'ln -s /bin part', 'prepare subPath'],
    ['file-outside', 'ln -s /bin/sh part', 'prepare subPath'],
    ['nothing-outside', 'ln -s /bin/notanexistingpath part', 'create subPath directory'],
    ['up', 'ln -s ../ part', 'prepare subPath'],
    ['round', 'ln -s part part', 'prepare subPath'],
  ]
  for (const [name, script, step] of outside) {
    it(`hold up their container where a link leads elsewhere: ${script}`, async () => {
      const main = staying('main', { volumeMounts: [part('part')] })
      const pod = await node.createUntil(
        once(name, [main], [preparing(script)]),
        'refused',
        waitsFor('main', 'CreateContainerConfigError'),
      )
      assert.equal(waitingText(pod, 'main'), `failed to ${step} for volumeMount "data" of container "main"`)
      assert.deepEqual(targetsOf(pod), [])
    })
  }

  it('stay with a container that is started again, and go with the Pod, its volumes untouched', async () => {
    const kept = join(node.folder, 'kept')
    await mkdir(join(kept, 'part'), { recursive: true })
    await writeFile(join(kept, 'part/file'), '')
    const again = shell('again', 'echo run >>/part/runs; test $(wc -l </part/runs) = 2 || exit 1; ' + untilTold, {
      volumeMounts: [part('part'), part('part/file', { mountPath: '/file' }), { ...whole, mountPath: '/all' }],
    })
    const manifest = podManifest('again', [again], { volumes: [{ name: 'data', hostPath: { path: kept } }] })
    const pod = await node.createUntil(
      manifest,
      'ready once more',
      (seen) => isReady(seen) && statusOf(seen, 'again').restartCount === 1,
    )
    assert.deepEqual(targetsOf(pod).toSorted(), ['data/again/0', 'data/again/1'])
    await node.kubectl.run('delete', 'pod', 'again')
    assert.deepEqual(targetsOf(pod), [])
    assert.deepEqual((await readdir(join(kept, 'part'))).toSorted(), ['file', 'runs'])
    await assert.rejects(stat(join(node.rootDir, 'pods', pod.metadata.uid)), { code: 'ENOENT' })
  })

  it('of a ConfigMap stay what they were when their container began, and are only read', async () => {
    const settings = (color: string): object => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings' },
      data: { color },
    })
    await node.kubectl.feed('create', settings('red'))
    const script = `cat /color; touch /color 2>/dev/null || echo refused; echo; ${untilTold}`
    const main = shell('main', script, {
      volumeMounts: [part('color', { mountPath: '/color' }), { ...whole, mountPath: '/settings' }],
    })
    const manifest = podManifest('settings', [main], { volumes: [{ name: 'data', configMap: { name: 'settings' } }] })
    const pod = await node.createUntil(manifest, 'ready', isReady)
    assert.equal(await node.untilPrinted(pod, 'main', '\n\n'), 'redrefused\n\n')
    await node.kubectl.feed('replace', settings('blue'))
    await node.exec(pod, 'main', 'sh', '-c', 'until [ $(cat /settings/color) = blue ]; do sleep 0.1; done')
    assert.equal(await node.exec(pod, 'main', 'cat', '/color'), 'red')
    await node.exec(pod, 'main', 'kill', '1')
    const isAgain = (seen: Pod): boolean => isReady(seen) && statusOf(seen, 'main').restartCount === 1
    const again = await node.until('settings', 'ready once more', isAgain)
    assert.equal(await node.untilPrinted(again, 'main', '\n\n'), 'bluerefused\n\n')
  })

  it('go with the Pod also when the part has been removed from its volume', async () => {
    const main = staying('main', { volumeMounts: [part('part'), whole] })
    const pod = await node.createUntil(podManifest('removed', [main], { volumes: data }), 'ready', isReady)
    await node.exec(pod, 'main', 'rm', '-r', '/whole/part')
    await node.kubectl.run('delete', 'pod', 'removed')
    assert.deepEqual(targetsOf(pod), [])
  })

  it('go with a Pod that is deleted while the agent is away', async () => {
    await using lonely = await TestNode.start()
    const main = staying('main', { volumeMounts: [part('part')] })
    const manifest = podManifest('away', [main], { volumes: data })
    const pod = await lonely.createUntil(manifest, 'ready', isReady)
    const folder = join(lonely.rootDir, 'pods', pod.metadata.uid)
    assert.equal(mountsBelow(folder).length, 1)
    await lonely.agent.kill()
    await lonely.kubectl.run('delete', 'pod', 'away', '--wait=false')
    lonely.restartAgent()
    await lonely.untilGone('away')
    assert.deepEqual(mountsBelow(folder), [])
  })
})

describe('Parts of volumes that variables name', { concurrency: 8 }, () => {
  const env = (value: string): Partial<ContainerSpec> => ({ env: [{ name: 'NAME', value }] })

  it('are those that the container is told of', async () => {
    const look = shell('look', 'test -d /whole/logs/foo && echo made', {
      ...env('foo'),
      volumeMounts: [named('logs/$(NAME)'), whole],
    })
    const pod = await node.createUntil(once('told', [look]), 'over', hasPhase('Succeeded'))
    assert.equal(await node.logs(pod, 'look'), 'made')
  })

  const refused: readonly (readonly [name: string, value: string, message: string])[] = [
    ['backsteps', '..', "unable to provision SubPath `..`: must not contain '..'"],
    ['absolute', '/tmp', 'error SubPath `/tmp` must not be an absolute path'],
    ['empty', '', 'missing value for NAME'],
  ]
  for (const [name, value, message] of refused) {
    it(`hold up their container where they name ${JSON.stringify(value)}`, async () => {
      const main = staying('main', { ...env(value), volumeMounts: [named('$(NAME)')] })
      const pod = await node.createUntil(once(name, [main]), 'refused', waitsFor('main', 'CreateContainerConfigError'))
      assert.equal(waitingText(pod, 'main'), message)
    })
  }

  it('are looked at anew when the Pod changes', async () => {
    const main = staying('main', {
      env: [
        { name: 'NAME', value: 'foo' },
        { name: 'ANNOTATION', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['mysubpath']" } } },
      ],
      volumeMounts: [named('$(ANNOTATION)/$(NAME)'), whole],
    })
    const manifest = podManifest('annotated', [main], { volumes: data })
    const pod = await node.createUntil(manifest, 'refused', waitsFor('main', 'CreateContainerConfigError'))
    assert.equal(waitingText(pod, 'main'), 'missing value for ANNOTATION')
    await node.kubectl.run('annotate', 'pod', 'annotated', 'mysubpath=mypath')
    const ready = await node.until('annotated', 'ready', isReady)
    await node.exec(ready, 'main', 'touch', '/whole/mypath/foo/test.log')
    assert.equal(await node.exec(ready, 'main', 'ls', '/part'), 'test.log')
    await node.kubectl.run('annotate', '--overwrite', 'pod', 'annotated', 'mysubpath=mynewpath')
    await node.kubectl.run('delete', 'pod', 'annotated')
  })
})

describe('A volume of the host with links to all of it', () => {
  it('shows nothing of it', async () => {
    const folder = join(node.folder, 'with-links')
    await mkdir(folder)
    await symlink('/', join(folder, 'host'))
    const volumes: readonly VolumeSpec[] = [{ name: 'data', hostPath: { path: folder } }]
    const main = staying('main', { volumeMounts: [part('host/etc')] })
    const manifest = podManifest('links', [main], { volumes })
    const pod = await node.createUntil(manifest, 'refused', waitsFor('main', 'CreateContainerConfigError'))
    assert.equal(waitingText(pod, 'main'), 'failed to prepare subPath for volumeMount "data" of container "main"')
  })

  it('shows nothing of it while they come and go in the place of the part that is mounted', async () => {
    const volumes: readonly VolumeSpec[] = [{ name: 'data', hostPath: { path: join(node.folder, 'swapped') } }]
    const swap = 'cd /data; while :; do mkdir part; rm -rf part; ln -s / part; rm part; done 2>/dev/null'
    const swapper = shell('swapper', swap, { volumeMounts: [{ ...whole, mountPath: '/data' }] })
    await node.createUntil(podManifest('swapper', [swapper], { volumes }), 'ready', isReady)
    const names = Array.from({ length: 8 }, (_, index) => `victim-${index}`)
    await node.createAll(
      names.map((name) => {
        const victims = ['etc', 'usr', '.'].map((path, index) =>
          shell(`victim-${index}`, 'ls -A /part', { volumeMounts: [part(`part/${path}`)] }),
        )
        return podManifest(name, victims, { restartPolicy: 'Never', volumes })
      }),
    )
    for (const name of names) {
      const pod = await node.until(name, 'tried', isTried)
      const ran = pod.spec.containers.filter((victim) => statusOf(pod, victim.name).state?.terminated !== undefined)
      for (const victim of ran) assert.equal(await node.logs(pod, victim.name), '')
    }
    await node.kubectl.run('delete', 'pod', 'swapper', ...names, '--grace-period=1')
  })
})

/** Each of its containers has run, or has been refused. */
function isTried({ status }: Pod): boolean {
  const { containerStatuses = [] } = status ?? {}
  return (
    containerStatuses.length > 0 &&
    containerStatuses.every(
      ({ state }) => state?.terminated !== undefined || state?.waiting?.reason === 'CreateContainerConfigError',
    )
  )
}
