/** What Pods leave of their volumes on the node: nothing, whatever they and others have done to them. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ContainerSpec, Pod, PodSpec } from '../../src/model/kube.ts'
import { mountOf, parseMountInfo } from '../../src/volume/mounts/mount-info.ts'
import { docker } from '../support/command.ts'
import { mountsBelow, unmountAndRemove } from '../support/mounts.ts'
import { TestNode } from '../support/test-node.ts'
import {
  dockerId,
  hasPhase,
  isReady,
  podManifest,
  shell,
  staying,
  untilTold,
  type PodManifest,
} from '../support/test-pod.ts'

const volumes: NonNullable<PodSpec['volumes']> = [
  { name: 'disk', emptyDir: {} },
  { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
]
const volumeMounts = [
  { name: 'disk', mountPath: '/disk' },
  { name: 'memory', mountPath: '/memory' },
  { name: 'disk', mountPath: '/part', subPath: 'part' },
]

function withVolumes(name: string, container: ContainerSpec, change: Partial<PodSpec> = {}): PodManifest {
  return podManifest(name, [{ ...container, volumeMounts }], { volumes, ...change })
}

await test('The volumes of Pods on a node', { concurrency: 8 }, async (suite) => {
  await using node = await TestNode.start()
  const outside = mkdtempSync(join(tmpdir(), 'minikubelet-outside-'))
  suite.after(() => unmountAndRemove(outside))
  const folderOf = ({ metadata: { uid } }: Pod): string => join(node.rootDir, 'pods', uid)
  const diskOf = (pod: Pod): string => join(folderOf(pod), 'volumes/kubernetes.io~empty-dir/disk')
  const memoryOf = (pod: Pod): string => join(folderOf(pod), 'volumes/kubernetes.io~empty-dir/memory')
  const up = (name: string): Promise<Pod> => node.createUntil(withVolumes(name, staying('main')), 'ready', isReady)
  const remove = (name: string, ...flags: readonly string[]): Promise<unknown> =>
    node.kubectl.run('delete', 'pod', name, '--wait=false', ...flags)
  const gone = async (pod: Pod): Promise<void> => {
    await node.untilGone(pod.metadata.name)
    assert.deepEqual([mountsBelow(folderOf(pod)), existsSync(folderOf(pod))], [[], false])
  }

  await Promise.all([
    suite.test('are mounted below a root directory that is shared, and gone with their Pod', async () => {
      const pod = await up('deleted')
      // Of itself where this machine has not shared what it lies on.
      assert.equal(mountOf(parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8')), node.rootDir)?.isShared, true)
      assert.deepEqual(mountsBelow(folderOf(pod)).toSorted(), [
        join(folderOf(pod), 'volume-subpaths/disk/main/2'),
        memoryOf(pod),
      ])
      assert.match(await node.exec(pod, 'main', 'df', '-k', '/memory'), /^tmpfs\s+1024 /mu)
      await remove('deleted')
      await gone(pod)
    }),

    suite.test('go when their Pod is over; its termination messages stay until it is deleted', async () => {
      const writes = shell('main', 'echo x >/disk/x; echo x >/memory/x; echo done >/dev/termination-log')
      const pod = await node.createUntil(
        withVolumes('over', writes, { restartPolicy: 'Never' }),
        'over',
        hasPhase('Succeeded'),
      )
      const plugin = join(folderOf(pod), 'volumes/kubernetes.io~empty-dir')
      await until('taken down', () => readdirSync(plugin).length === 0)
      assert.deepEqual(mountsBelow(folderOf(pod)), [])
      assert.equal(existsSync(join(folderOf(pod), 'containers/main/00000000')), true)
      await remove('over')
      // The API server asks nobody about the object of such a Pod.
      await until('removed', () => !existsSync(folderOf(pod)))
    }),

    suite.test('stay with their Pod as long as somebody is in one of them', async () => {
      const pod = await up('busy')
      const user = spawn('sleep', ['86400'], { cwd: memoryOf(pod) })
      try {
        await remove('busy')
        const line = await node.agent.logged('sync-failed', 'busy')
        assert.match(
          String(line['message']),
          /^Volumes of the Pod \S+ are not cleaned up: unmount failed: .*target is busy/su,
        )
        assert.deepEqual(mountsBelow(folderOf(pod)), [memoryOf(pod)])
        // What nobody uses is gone.
        assert.equal(existsSync(diskOf(pod)), false)
        assert.ok(node.pods().some(({ metadata }) => metadata.name === 'busy'))
      } finally {
        user.kill('SIGKILL')
      }
      await gone(pod)
    }),

    suite.test('are removed by the hundred thousand files, while other Pods start', async () => {
      const fills = shell('main', `mkdir /disk/d && cd /disk/d && seq 100000 | xargs touch; ${untilTold}`, {
        readinessProbe: { exec: { command: ['test', '-e', '/disk/d/100000'] }, periodSeconds: 1 },
      })
      const pod = await node.createUntil(withVolumes('full', fills), 'full', isReady)
      await remove('full')
      await node.createUntil(podManifest('meanwhile', [staying('main')]), 'ready', isReady)
      await gone(pod)
    }),

    suite.test('take nothing with them that links in them lead to', async () => {
      writeFileSync(join(outside, 'precious'), '')
      const plants = shell(
        'main',
        `ln -s ${outside} /disk/link; mkdir -p /disk/a/b; ln -s / /disk/a/b/root; ${untilTold}`,
      )
      const pod = await node.createUntil(withVolumes('links', plants), 'ready', isReady)
      await until('planted', () => existsSync(join(diskOf(pod), 'a/b/root')))
      symlinkSync(outside, join(diskOf(pod), 'a/by-hand'))
      await remove('links')
      await gone(pod)
      assert.equal(existsSync(join(outside, 'precious')), true)
    }),

    suite.test('take nothing with them that somebody has mounted in them', async () => {
      const pod = await up('planted')
      const [source, onDisk] = [join(outside, 'source'), join(diskOf(pod), 'planted')]
      for (const folder of [source, onDisk, join(memoryOf(pod), 'planted')]) mkdirSync(folder)
      writeFileSync(join(source, 'precious'), '')
      execFileSync('mount', ['--bind', source, onDisk])
      execFileSync('mount', ['--bind', source, join(memoryOf(pod), 'planted')])
      await remove('planted')
      await gone(pod)
      assert.deepEqual(readdirSync(source), ['precious'])
    }),

    suite.test(
      'are unmounted with all that a container has mounted in them, where its mounts show on the node',
      async () => {
        const mounts =
          'mkdir /disk/a /disk/b; mount -t tmpfs a /disk/a; mkdir "/disk/a/x y"; mount --bind / "/disk/a/x y"'
        const main = shell('main', `${mounts}; for i in 1 2 3 4 5; do mount -t tmpfs b /disk/b; done; ${untilTold}`, {
          securityContext: { privileged: true },
          volumeMounts: [{ name: 'disk', mountPath: '/disk', mountPropagation: 'Bidirectional' }],
        })
        const pod = await node.createUntil(podManifest('mounting', [main], { volumes }), 'ready', isReady)
        await until('mounted', () => mountsBelow(diskOf(pod)).length === 7)
        assert.ok(mountsBelow(diskOf(pod)).includes(join(diskOf(pod), 'a/x y')))
        await remove('mounting')
        await gone(pod)
      },
    ),

    suite.test('go with a Pod that is deleted by force', async () => {
      const pod = await up('forced')
      await remove('forced', '--force', '--grace-period=0')
      await until('removed', () => !existsSync(folderOf(pod)))
      assert.deepEqual(mountsBelow(folderOf(pod)), [])
    }),
  ])

  await suite.test('are left as they are by an agent that is killed, and taken down by the next one', async () => {
    const [kept, orphan, over] = await Promise.all([
      up('kept'),
      up('orphan'),
      node.createUntil(withVolumes('ends', shell('main', 'sleep 3'), { restartPolicy: 'Never' }), 'ready', isReady),
    ])
    writeFileSync(join(memoryOf(kept), 'content'), 'kept')
    const stranger = join(node.rootDir, 'pods/4f5e0c2a-1111-4222-8333-444455556666')
    mkdirSync(stranger)
    writeFileSync(join(stranger, 'notes.txt'), 'precious')
    await node.agent.kill()
    await remove('orphan', '--force', '--grace-period=0')
    await docker('wait', dockerId(over, 'main'))
    assert.equal(mountsBelow(folderOf(orphan)).length, 2)
    node.restartAgent()
    await until('taken down', () => !existsSync(folderOf(orphan)) && mountsBelow(folderOf(over)).length === 0)
    assert.deepEqual(mountsBelow(folderOf(orphan)), [])
    assert.equal(await node.exec(kept, 'main', 'cat', '/memory/content'), 'kept')
    assert.equal(existsSync(join(stranger, 'notes.txt')), true)
    rmSync(stranger, { recursive: true })
  })
})

/** Asks again and again, as nobody tells of such things. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`In vain waited until it is ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
