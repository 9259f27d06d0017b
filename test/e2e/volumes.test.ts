import assert from 'node:assert/strict'
import { once } from 'node:events'
import { access, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { VolumeMountSpec, VolumeSpec } from '../../src/model/kube.ts'
import { run } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying, statusOf, untilTold } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

function hostPath(name: string, path: string, type?: string): VolumeSpec {
  return { name, hostPath: { path, ...(type === undefined ? {} : { type }) } }
}

function mountAt(mountPath: string, name: string, change: Partial<VolumeMountSpec> = {}): VolumeMountSpec {
  return { name, mountPath, ...change }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

describe('Volumes', { concurrency: 8 }, () => {
  it("an emptyDir is one folder for all containers that mount it, under the agent's root, and goes with the Pod", async () => {
    const writer = shell('writer', `echo handed over >/out/message; ${untilTold}`, {
      volumeMounts: [mountAt('/out', 'hand')],
    })
    const reader = shell('reader', `until cat /in/message; do sleep 0.1; done; ${untilTold}`, {
      volumeMounts: [mountAt('/in', 'hand', { readOnly: true })],
    })
    const manifest = podManifest('handover', [writer, reader], { volumes: [{ name: 'hand', emptyDir: {} }] })
    const pod = await node.createUntil(manifest, 'ready', isReady)
    assert.equal(await node.untilPrinted(pod, 'reader', '\n'), 'handed over\n')

    const directory = join(node.rootDir, 'pods', pod.metadata.uid)
    const volume = join(directory, 'volumes', 'kubernetes.io~empty-dir', 'hand')
    assert.equal(await readFile(join(volume, 'message'), 'utf8'), 'handed over\n')
    assert.equal((await stat(volume)).mode & 0o777, 0o777)

    await node.kubectl.run('delete', 'pod', 'handover')
    assert.equal(await exists(directory), false)
  })

  it('an emptyDir keeps its content while containers come and go', async () => {
    const again = shell('again', 'echo once >>/data/runs; test $(wc -l </data/runs) = 2', {
      volumeMounts: [mountAt('/data', 'data')],
    })
    const manifest = podManifest('keeping', [again], {
      restartPolicy: 'OnFailure',
      volumes: [{ name: 'data', emptyDir: {} }],
    })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    assert.equal(statusOf(pod, 'again').restartCount, 1)
  })

  it('a hostPath of every type shows what is there, or what was made for it', async (test) => {
    const at = (name: string): string => join(node.folder, 'types', name)
    await mkdir(at('directory'), { recursive: true })
    await writeFile(at('directory/file'), 'in the directory\n')
    await writeFile(at('file'), 'in the file\n')
    await run('mknod', at('block'), 'b', '7', '200')
    const server = createServer().listen(at('socket'))
    test.after(() => server.close())
    await once(server, 'listening')
    const volumes = [
      hostPath('any', at('made/for/any')),
      hostPath('directory', at('directory'), 'Directory'),
      hostPath('new-directory', at('new/directory'), 'DirectoryOrCreate'),
      hostPath('file', at('file'), 'File'),
      hostPath('new-file', at('new-file'), 'FileOrCreate'),
      hostPath('socket', at('socket'), 'Socket'),
      hostPath('char', '/dev/null', 'CharDevice'),
      hostPath('block', at('block'), 'BlockDevice'),
    ]
    const volumeMounts = volumes.map(({ name }) => mountAt(`/types/${name}`, name))
    const look = shell('look', 'cd /types; cat directory/file file; stat -c "%n %F" *', { volumeMounts })
    const pod = await node.createUntil(
      podManifest('types', [look], { restartPolicy: 'Never', volumes }),
      'over',
      hasPhase('Succeeded'),
    )
    assert.deepEqual((await node.logs(pod, 'look')).split('\n'), [
      'in the directory',
      'in the file',
      'any directory',
      'block block special file',
      'char character special file',
      'directory directory',
      'file regular file',
      'new-directory directory',
      'new-file regular empty file',
      'socket socket',
    ])
  })

  it('a hostPath outlives the Pod', async () => {
    const path = join(node.folder, 'outlives')
    const volumes = [hostPath('data', path, 'DirectoryOrCreate')]
    const write = shell('write', 'echo kept >/data/file', { volumeMounts: [mountAt('/data', 'data')] })
    await node.createUntil(
      podManifest('leaving', [write], { restartPolicy: 'Never', volumes }),
      'over',
      hasPhase('Succeeded'),
    )
    await node.kubectl.run('delete', 'pod', 'leaving')
    assert.equal(await readFile(join(path, 'file'), 'utf8'), 'kept\n')
  })

  it('a hostPath of the wrong type holds up its Pod, with an event that says why, until it is put right', async () => {
    const path = join(node.folder, 'late')
    const volumes = [hostPath('late', path, 'Directory')]
    const main = staying('main', { volumeMounts: [mountAt('/late', 'late')] })
    await node.create(podManifest('wrong-type', [main], { volumes }))
    const event = await node.untilEvent('wrong-type', 'FailedMount')
    assert.deepEqual(
      [event.type, event.message],
      [
        'Warning',
        `MountVolume.SetUp failed for volume "late" : hostPath type check failed: ${path} is not a directory`,
      ],
    )
    const waiting = await node.until('wrong-type', 'reported', ({ status }) => status?.containerStatuses !== undefined)
    assert.equal(waiting.status?.phase, 'Pending')
    assert.equal(statusOf(waiting, 'main').state?.waiting?.reason, 'ContainerCreating')
    await mkdir(path)
    await node.until('wrong-type', 'ready', isReady)
  })

  it('a read-only mount cannot be written to, while others of the same volume can', async () => {
    const script = [
      'echo no >/read/file && echo written through /read',
      'echo yes >/write/file && echo written through /write',
      'cat /read/file',
    ].join('; ')
    const main = shell('main', script, {
      volumeMounts: [mountAt('/read', 'data', { readOnly: true }), mountAt('/write', 'data')],
    })
    const manifest = podManifest('read-only', [main], {
      restartPolicy: 'Never',
      volumes: [{ name: 'data', emptyDir: {} }],
    })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    assert.equal(await node.logs(pod, 'main'), 'written through /write\nyes')
  })
})
