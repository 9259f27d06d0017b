import assert from 'node:assert/strict'
import { chmod, lstat, mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { containerId, podUid, type ContainerId } from '../../../src/model/ids.ts'
import type { PodRef } from '../../../src/model/pod.ts'
import { dockerLogFile, type LoggedContainer } from '../../../src/translate/log-links.ts'
import { LogLinks } from '../../../src/volume/log-links.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withUmask } from './with-umask.ts'

const ref: PodRef = { uid: podUid('u-1'), name: 'web', namespace: 'default' }
const first = idOf(0)
const second = idOf(1)

describe('The links to logs', () => {
  it('are there when a container has started, for everybody to read', async (t) => {
    const bed = await aBed(t)
    withUmask(t, 0o022)
    bed.links.add(instance(first), true)
    await bed.links.settled()
    assert.deepEqual(await bed.all(), [`containers/web_default_main-${first}.log`, 'pods/default_web_u-1/main/0.log'])
    const path = join(bed.folders.podLogs, 'default_web_u-1/main/0.log')
    assert.equal(await readlink(path), dockerLogFile(bed.dataRoot, first))
    assert.equal(await readlink(join(bed.folders.containerLogs, `web_default_main-${first}.log`)), path)
    for (const folder of [dirname(path), dirname(dirname(path))]) {
      assert.equal((await lstat(folder)).mode & 0o777, 0o755)
    }
  })

  it('are no more than the one by number where it could not be started', async (t) => {
    const bed = await aBed(t)
    bed.links.add(instance(first), false)
    await bed.links.settled()
    assert.deepEqual(await bed.all(), ['pods/default_web_u-1/main/0.log'])
  })

  it('take the place of what was there before', async (t) => {
    const bed = await aBed(t)
    const path = join(bed.folders.podLogs, 'default_web_u-1/main/0.log')
    await mkdir(dirname(path), { recursive: true })
    await symlink('/nowhere', path)
    bed.links.add(instance(first), true)
    bed.links.add(instance(first), true)
    await bed.links.settled()
    assert.equal(await readlink(path), dockerLogFile(bed.dataRoot, first))
    assert.deepEqual(bed.faults, [])
  })

  it('go with their container, whatever comes right after its start', async (t) => {
    const bed = await aBed(t)
    bed.links.add(instance(first), true)
    bed.links.add(instance(second, 1), true)
    await bed.links.remove(instance(first))
    assert.deepEqual(await bed.all(), [`containers/web_default_main-${second}.log`, 'pods/default_web_u-1/main/1.log'])
    await bed.links.remove(instance(first))
    assert.deepEqual(bed.faults, [])
  })

  it('of instances that somebody else has removed go with the next', async (t) => {
    const bed = await aBed(t)
    bed.links.add(instance(first), true)
    await rm(dirname(dockerLogFile(bed.dataRoot, first)), { recursive: true })
    bed.links.add(instance(second, 1), true)
    await bed.links.settled()
    assert.deepEqual(await bed.all(), [`containers/web_default_main-${second}.log`, 'pods/default_web_u-1/main/1.log'])
  })

  for (const known of [ref, { ...ref, name: '', namespace: '' }]) {
    it(`go with their Pod, ${known.name === '' ? 'of which only the UID is known' : 'which is known'}`, async (t) => {
      const { signal } = t
      const bed = await aBed(t)
      bed.links.add(instance(first), true)
      const other = { ...instance(second), owner: { ...instance(second).owner, podUid: podUid('u-2') } }
      bed.links.add(other, true)
      await bed.links.removePod(known, signal)
      assert.deepEqual(await bed.all(), [
        `containers/web_default_main-${second}.log`,
        'pods/default_web_u-2/main/0.log',
      ])
      await bed.links.removePod(known, signal)
      await bed.links.removePod({ ...ref, uid: podUid('u-2') }, signal)
      assert.deepEqual(await bed.all(), [])
      await bed.links.close()
      assert.deepEqual(await readdir(bed.folder), ['docker'])
      assert.deepEqual(bed.faults, [])
    })
  }

  it('go with all else that somebody has put into the folder of their Pod', async (t) => {
    const bed = await aBed(t)
    bed.links.add(instance(first), true)
    await bed.links.settled()
    const folder = join(bed.folders.podLogs, 'default_web_u-1')
    await writeFile(join(folder, 'main/0.log.20260101-000000.gz'), 'old')
    await writeFile(join(folder, 'note'), 'here')
    await bed.links.removePod(ref, t.signal)
    assert.deepEqual(await bed.all(), [])
    assert.deepEqual(bed.faults, [])
  })

  it('are not made where Docker writes no files, or for names that lead elsewhere', async (t) => {
    const bed = await aBed(t, { writesFiles: false })
    bed.links.add(instance(first), true)
    await bed.links.settled()
    const strange = await aBed(t)
    strange.links.add({ ...instance(first), name: '../../../x' }, true)
    await strange.links.settled()
    assert.deepEqual([...(await bed.all()), ...(await strange.all())], [])
  })

  it('keep nobody from anything where they cannot be made or removed', async (t) => {
    const bed = await aBed(t)
    await writeFile(bed.folders.podLogs, 'no folder')
    bed.links.add(instance(first), true)
    await bed.links.remove(instance(first))
    await bed.links.removePod(ref, t.signal)
    assert.ok(bed.faults.length > 0)
    await chmod(bed.folders.podLogs, 0o644)
  })

  it('that an agent which was killed has left are swept away, and nothing else', async (t) => {
    const bed = await aBed(t)
    bed.links.add(instance(first), true)
    const gone = { ...instance(second), owner: { ...instance(second).owner, podUid: podUid('u-2') } }
    bed.links.add(gone, true)
    await bed.links.settled()
    await rm(dirname(dockerLogFile(bed.dataRoot, second)), { recursive: true })
    const { podLogs, containerLogs } = bed.folders
    // Another runtime's, with files of its own, and what only looks like ours.
    await mkdir(join(podLogs, 'default_other_u-3/main'), { recursive: true })
    await writeFile(join(podLogs, 'default_other_u-3/main/0.log'), '')
    await mkdir(join(podLogs, 'default_empty_u-4'))
    await writeFile(join(podLogs, 'file'), '')
    await symlink('/gone', join(containerLogs, 'theirs.log'))
    await symlink(join(podLogs, 'default_late_u-5/main/0.log'), join(containerLogs, 'dangling.log'))
    await bed.links.sweep(t.signal)
    assert.deepEqual(await bed.all(), [
      'containers/theirs.log',
      `containers/web_default_main-${first}.log`,
      'pods/default_other_u-3/main/0.log',
      'pods/default_web_u-1/main/0.log',
      'pods/file',
    ])
    assert.deepEqual(bed.faults, [])
  })

  it("are left as they are where Docker's files are not to be seen", async (t) => {
    const bed = await aBed(t)
    bed.links.add(instance(first), true)
    await bed.links.settled()
    const before = await bed.all()
    await rm(bed.dataRoot, { recursive: true })
    await bed.links.sweep(t.signal)
    assert.deepEqual(await bed.all(), before)
  })

  it('are left as they are where Docker is elsewhere, and another has its folder here', async (t) => {
    const bed = await aBed(t, { isDockerHere: false })
    bed.links.add(instance(first), true)
    await bed.links.settled()
    const before = await bed.all()
    await rm(dirname(dockerLogFile(bed.dataRoot, first)), { recursive: true })
    await bed.links.sweep(t.signal)
    assert.deepEqual(await bed.all(), before)
  })
})

function idOf(number: number): ContainerId {
  return containerId(String(number).repeat(64))
}

function instance(id: ContainerId, attempt = 0): LoggedContainer {
  const { uid, name, namespace } = ref
  return { id, attempt, name: 'main', owner: { podUid: uid, podName: name, podNamespace: namespace } }
}

/** Folders of a test's own, and the files of two containers in Docker. */
async function aBed(t: TestContext, { writesFiles = true, isDockerHere = true } = {}) {
  const folder = await temporaryFolder(t)
  const folders = { podLogs: join(folder, 'pods'), containerLogs: join(folder, 'containers') }
  const dataRoot = join(folder, 'docker')
  for (const id of [first, second]) {
    await mkdir(dirname(dockerLogFile(dataRoot, id)), { recursive: true })
    await writeFile(dockerLogFile(dataRoot, id), '')
  }
  const faults: unknown[] = []
  const onFault = (error: unknown): void => void faults.push(error)
  const links = new LogLinks({ folders, dataRoot: writesFiles ? dataRoot : undefined, isDockerHere, onFault })
  /** All links and files, by their paths. */
  const all = async (): Promise<readonly string[]> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.parentPath.startsWith(dataRoot))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .toSorted()
  }
  return { folder, folders, dataRoot, faults, links, all }
}
