import assert from 'node:assert/strict'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { clearPodDirectory, removePodDirectory, tearDownVolumes } from '../../../src/volume/tear-down.ts'
import { aPodUid } from '../../builders/pod.ts'
import { FakeMounts, type MountCall } from '../../fakes/fake-mounts.ts'
import { temporaryFolder } from './temporary-folder.ts'

interface Bed {
  readonly root: string
  readonly folder: string
  readonly mounts: FakeMounts
  readonly calls: MountCall[]
  readonly disk: Parameters<typeof tearDownVolumes>[0]
  /** Makes a file, and its folders, in the Pod's directory. */
  readonly put: (...paths: readonly string[]) => Promise<void>
  /** Mounts something at folders of the Pod's directory. */
  readonly mount: (...paths: readonly string[]) => Promise<void>
  /** All that is left in the Pod's directory. */
  readonly left: () => Promise<readonly string[]>
}

async function aBed(test: TestContext): Promise<Bed> {
  const root = await temporaryFolder(test)
  const folder = join(root, 'pods', aPodUid)
  const calls: MountCall[] = []
  const mounts = new FakeMounts({ root, before: (call) => void calls.push(call.replace(folder, '')) })
  const put = async (...paths: readonly string[]): Promise<void> => {
    for (const path of paths) {
      await mkdir(join(folder, path, '..'), { recursive: true })
      await writeFile(join(folder, path), 'content')
    }
  }
  const mount = async (...paths: readonly string[]): Promise<void> => {
    for (const path of paths) {
      await mkdir(join(folder, path), { recursive: true })
      mounts.plant(join(folder, path))
    }
  }
  const left = async (): Promise<readonly string[]> =>
    (await readdir(folder, { recursive: true }).catch(() => ['the directory is gone'])).toSorted()
  return { root, folder, mounts, calls, disk: { paths: { root, podLogs: '' }, mounts }, put, mount, left }
}

const emptyDir = 'volumes/kubernetes.io~empty-dir'
const marks = 'plugins/kubernetes.io~empty-dir'

describe('The volumes of a Pod', () => {
  it('go with their marks, and what else is in its directory stays', async (t) => {
    const { disk, put, left, calls } = await aBed(t)
    await put(`${emptyDir}/a/file`, `${marks}/a/ready`, `${marks}/wrapped_b/ready`, 'volume-subpaths/a/main/0')
    await put('volumes/kubernetes.io~configmap/b/..2026/key', 'containers/main/00000000', 'etc-hosts')
    await tearDownVolumes(disk, aPodUid, t.signal)
    assert.deepEqual(await left(), [
      'containers',
      'containers/main',
      'containers/main/00000000',
      'etc-hosts',
      'plugins',
      'plugins/kubernetes.io~empty-dir',
      'volumes',
      'volumes/kubernetes.io~configmap',
      'volumes/kubernetes.io~empty-dir',
    ])
    assert.deepEqual(calls, [])
  })

  it('are none of a Pod that has no directory', async (t) => {
    const { disk, left } = await aBed(t)
    await tearDownVolumes(disk, aPodUid, t.signal)
    assert.deepEqual(await left(), ['the directory is gone'])
  })

  it('are unmounted first, what lies on top before what it lies on', async (t) => {
    const { disk, mount, left, calls, mounts } = await aBed(t)
    await mount(`${emptyDir}/a`, `${emptyDir}/a/deep`, `${emptyDir}/a`, 'volumes/kubernetes.io~nfs/b')
    await mount('volume-subpaths/a/main/0')
    await clearPodDirectory(disk, aPodUid, t.signal)
    assert.deepEqual(calls, [
      'unmount /volume-subpaths/a/main/0',
      'unmount /volumes/kubernetes.io~nfs/b',
      `unmount /${emptyDir}/a`,
      `unmount /${emptyDir}/a/deep`,
      `unmount /${emptyDir}/a`,
    ])
    assert.deepEqual([await left(), mounts.table.mounts], [[], []])
  })

  it('stay where they are in use, with what they lie on; the others go, and it says why', async (t) => {
    const { disk, put, mount, left, calls, folder, mounts } = await aBed(t)
    await mount(`${emptyDir}/busy`, `${emptyDir}/busy/deep`, `${emptyDir}/idle`)
    await put(`${emptyDir}/busy/file`, `${emptyDir}/idle/file`, `${emptyDir}/plain/file`)
    mounts.table.busy.add(join(folder, emptyDir, 'busy/deep'))
    const why = {
      code: 'conflict',
      message: new RegExp(`^Volumes of the Pod ${aPodUid} are not cleaned up: .*busy`, 'u'),
    }
    for (const takeDown of [tearDownVolumes, clearPodDirectory, removePodDirectory]) {
      await assert.rejects(takeDown(disk, aPodUid, t.signal), why)
    }
    assert.deepEqual(
      (await left()).filter((path) => path.startsWith(`${emptyDir}/`)),
      ['busy', 'busy/deep', 'busy/file'].map((path) => `${emptyDir}/${path}`),
    )
    const [first, second, ...later] = calls
    assert.deepEqual([first, second], [`unmount /${emptyDir}/idle`, `unmount /${emptyDir}/busy/deep`])
    assert.ok(!later.includes(`unmount /${emptyDir}/busy`))
    mounts.table.busy.clear()
    await removePodDirectory(disk, aPodUid, t.signal)
    assert.deepEqual(await left(), ['the directory is gone'])
  })

  it("lose nothing that is not the Pod's own: files where only something was mounted stay, and are told of", async (t) => {
    const { disk, put, left } = await aBed(t)
    await put('volumes/kubernetes.io~nfs/share/precious')
    await mkdir(join(disk.paths.root, 'pods', aPodUid, 'volumes/kubernetes.io~local-volume/disk'), { recursive: true })
    await assert.rejects(tearDownVolumes(disk, aPodUid, t.signal), {
      code: 'conflict',
      message: /kubernetes\.io~nfs\/share\/precious: it is no folder, and not ours to remove$/u,
    })
    assert.deepEqual(await left(), [
      'volumes',
      'volumes/kubernetes.io~local-volume',
      'volumes/kubernetes.io~nfs',
      'volumes/kubernetes.io~nfs/share',
      'volumes/kubernetes.io~nfs/share/precious',
    ])
  })

  it('lose nothing of others with the whole directory either, however deep it lies, and the rest goes', async (t) => {
    const { disk, folder, put, left } = await aBed(t)
    const share = 'volumes/kubernetes.io~nfs/share'
    const deep = Array.from({ length: 80 }, () => 'd').join('/')
    await put(
      `${share}/${deep}/precious`,
      `${share}/precious`,
      `${emptyDir}/a/${deep}/file`,
      `${marks}/a/ready`,
      'etc-hosts',
    )
    await assert.rejects(clearPodDirectory(disk, aPodUid, t.signal), {
      code: 'conflict',
      message: /not ours to remove/u,
    })
    assert.deepEqual(await readdir(folder), ['volumes'])
    const files = (await left()).filter((path) => path.endsWith('precious'))
    assert.equal(files.length, 2, files.join())
    assert.ok(files.every((path) => path.startsWith(share)))
  })

  for (const planted of ['volumes', 'plugins', 'volumes/kubernetes.io~empty-dir', 'volume-subpaths', `${emptyDir}/a`]) {
    it(`are not looked for behind a link that is put in the place of ${planted}`, async (t) => {
      const { disk, root, folder, left } = await aBed(t)
      const outside = join(root, 'outside/kubernetes.io~empty-dir/a')
      await mkdir(outside, { recursive: true })
      await writeFile(join(outside, 'precious'), '')
      await mkdir(join(folder, planted, '..'), { recursive: true })
      await symlink(join(root, 'outside'), join(folder, planted))
      await tearDownVolumes(disk, aPodUid, t.signal)
      await removePodDirectory(disk, aPodUid, t.signal)
      assert.deepEqual(await left(), ['the directory is gone'])
      assert.deepEqual(await readdir(outside), ['precious'])
    })
  }

  it('are left where they are when the agent stops', async (t) => {
    const { disk, mount } = await aBed(t)
    await mount(`${emptyDir}/a`)
    await assert.rejects(tearDownVolumes(disk, aPodUid, AbortSignal.abort()), (error) =>
      KubeletError.is(error, 'aborted'),
    )
  })
})
