import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { Pod, PodSpec, VolumeSpec } from '../../../src/model/kube.ts'
import type { VolumeFailure } from '../../../src/model/volume-failure.ts'
import { PodVolumes } from '../../../src/volume/pod-volumes.ts'
import { FakeMounts } from '../../fakes/fake-mounts.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'
import { volumeFacts } from '../../builders/volumes.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withUmask } from './with-umask.ts'

interface Bed {
  readonly volumes: PodVolumes
  /** `<root>/pods/<uid>` of the default Pod. */
  readonly folder: string
  readonly root: string
}

async function aBed(test: TestContext): Promise<Bed> {
  const root = await temporaryFolder(test)
  const paths = { root, podLogs: '/var/log/pods' }
  return {
    volumes: new PodVolumes({ paths, mounts: new FakeMounts({ root }), emit: () => {} }),
    folder: join(root, 'pods', aPodUid),
    root,
  }
}

/** A Pod whose container mounts each of these volumes. */
function aPodWith(volumes: readonly VolumeSpec[], spec: Partial<PodSpec> = {}): Pod {
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
  return aPod({ spec: { volumes, containers: [aContainer({ volumeMounts })], ...spec } })
}

/** Sets up the Pod's volumes, and returns what failed. */
async function failuresOf(volumes: PodVolumes, pod: Pod): Promise<readonly VolumeFailure[]> {
  return (await volumes.setUp(pod, volumeFacts(), new AbortController().signal)).failures
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o7777
}

describe('preparing the volumes of a Pod', () => {
  for (const umask of [0, 0o022, 0o077]) {
    it(`makes emptyDirs that everybody may write to, under umask ${umask.toString(8)}`, async (test) => {
      const { volumes, folder } = await aBed(test)
      withUmask(test, umask)
      const names = ['a', 'b']
      assert.deepEqual(await failuresOf(volumes, aPodWith(names.map((name) => ({ name, emptyDir: {} })))), [])
      const emptyDirs = join(folder, 'volumes/kubernetes.io~empty-dir')
      assert.deepEqual((await readdir(emptyDirs)).toSorted(), names)
      for (const name of names) assert.equal(await modeOf(join(emptyDirs, name)), 0o777)
      assert.equal(await modeOf(folder), 0o750 & ~umask)
    })
  }

  it("gives an emptyDir to the Pod's group, and so what is made in it", async (test) => {
    const { volumes, folder } = await aBed(test)
    withUmask(test, 0o077)
    await failuresOf(volumes, aPodWith([{ name: 'a', emptyDir: {} }], { securityContext: { fsGroup: 2345 } }))
    const path = join(folder, 'volumes/kubernetes.io~empty-dir/a')
    assert.equal(await modeOf(path), 0o2777)
    await writeFile(join(path, 'file'), 'text')
    assert.deepEqual([(await stat(path)).gid, (await stat(join(path, 'file'))).gid], [2345, 2345])
  })

  it('leaves an emptyDir that is there as its containers have made it', async (test) => {
    const { volumes, folder } = await aBed(test)
    const pod = aPodWith([{ name: 'a', emptyDir: {} }])
    await failuresOf(volumes, pod)
    const path = join(folder, 'volumes/kubernetes.io~empty-dir/a')
    await writeFile(join(path, 'file'), 'text')
    await chmod(path, 0o700)
    assert.deepEqual(await failuresOf(volumes, pod), [])
    assert.equal(await modeOf(path), 0o700)
    assert.deepEqual(await readdir(path), ['file'])
  })

  it('waits for no disk of the host any more when the Pod is to end', async (test) => {
    const { volumes, root } = await aBed(test)
    const pod = aPodWith([{ name: 'data', hostPath: { path: root } }])
    await assert.rejects(volumes.setUp(pod, volumeFacts(), AbortSignal.abort()), { code: 'aborted' })
  })

  it('makes no folder for a hostPath, and one where the hostPath asks for it', async (test) => {
    const { volumes, folder, root } = await aBed(test)
    const path = join(root, 'data')
    const hostPath: VolumeSpec = { name: 'data', hostPath: { path, type: 'DirectoryOrCreate' } }
    assert.deepEqual(await failuresOf(volumes, aPodWith([hostPath])), [])
    assert.equal((await stat(path)).isDirectory(), true)
    assert.deepEqual(await readdir(join(folder, 'volumes')), [])
  })

  it('does nothing for a volume that no container mounts', async (test) => {
    const { volumes, folder } = await aBed(test)
    const pod = aPod({ spec: { volumes: [{ name: 'unused', persistentVolumeClaim: { claimName: 'c' } }] } })
    assert.deepEqual(await failuresOf(volumes, pod), [])
    assert.deepEqual((await readdir(folder, { recursive: true })).toSorted(), ['plugins', 'volumes'])
    // Nobody else may look into them.
    for (const name of ['plugins', 'volumes']) assert.equal((await modeOf(join(folder, name))) & 0o7, 0)
  })

  it('tells every volume that failed, and sets up the others', async (test) => {
    const { volumes, folder, root } = await aBed(test)
    const absent = join(root, 'absent')
    const failures = await failuresOf(
      volumes,
      aPodWith([
        { name: 'config', csi: { driver: 'c' } },
        { name: 'memory', emptyDir: { medium: 'Cloud' } },
        { name: 'host', hostPath: { path: absent, type: 'Directory' } },
        { name: 'file', hostPath: { path: `${absent}/file`, type: 'FileOrCreate' } },
        { name: 'good', emptyDir: {} },
      ]),
    )
    assert.ok(failures.every(({ step, volumeName, shownAs }) => step === 'set-up' && volumeName === shownAs))
    const told = failures.map(({ volumeName, message }) => ({ volumeName, message }))
    assert.deepEqual(told, [
      { volumeName: 'config', message: 'minikubelet does not support a volume of type csi (driver "c")' },
      { volumeName: 'memory', message: 'unknown storage medium "Cloud"' },
      { volumeName: 'host', message: `hostPath type check failed: ${absent} is not a directory` },
      { volumeName: 'file', message: `open ${absent}/file: no such file or directory` },
    ])
    assert.deepEqual(await readdir(join(folder, 'volumes/kubernetes.io~empty-dir')), ['good'])
  })

  it('leaves alone what has failed not long ago', async (test) => {
    const { volumes, root } = await aBed(test)
    const pod = aPodWith([
      { name: 'early', hostPath: { path: join(root, 'early'), type: 'DirectoryOrCreate' } },
      { name: 'due', hostPath: { path: join(root, 'due'), type: 'DirectoryOrCreate' } },
    ])
    const facts = volumeFacts({ leftAlone: new Set(['early']) })
    const { mounted, failures } = await volumes.setUp(pod, facts, new AbortController().signal)
    assert.deepEqual([[...mounted.keys()], failures], [['due'], []])
    await assert.rejects(stat(join(root, 'early')), { code: 'ENOENT' })
  })
})

describe('removing a Pod', () => {
  it('removes all that it has, follows no link, and leaves other Pods alone', async (test) => {
    const { volumes, folder, root } = await aBed(test)
    await failuresOf(volumes, aPodWith([{ name: 'a', emptyDir: {} }]))
    await failuresOf(volumes, aPod({ metadata: { uid: 'other' } }))
    await writeFile(join(root, 'precious'), 'text')
    await symlink(root, join(folder, 'volumes/kubernetes.io~empty-dir/a/link'))
    assert.deepEqual((await readdir(join(root, 'pods'))).toSorted(), [aPodUid, 'other'])
    await volumes.remove(aPodUid, test.signal)
    assert.deepEqual(await readdir(join(root, 'pods')), ['other'])
    assert.equal(await readFile(join(root, 'precious'), 'utf8'), 'text')
  })

  it('that is gone already is done', async (test) => {
    const { volumes, root } = await aBed(test)
    await volumes.remove(aPodUid, test.signal)
    assert.deepEqual(await readdir(root), [])
  })

  it("refuses a UID that would lead out of the Pods' folder", async (test) => {
    const { volumes, root } = await aBed(test)
    await mkdir(join(root, 'pods'))
    await writeFile(join(root, 'precious'), 'text')
    for (const uid of ['..', '../..', '']) await assert.rejects(volumes.remove(uid, test.signal), { code: 'invalid' })
    assert.deepEqual((await readdir(root)).toSorted(), ['pods', 'precious'])
  })
})
