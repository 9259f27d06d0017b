import assert from 'node:assert/strict'
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { PodFiles } from '../../../src/volume/pod-files.ts'
import { aPod, aPodUid } from '../../builders/pod.ts'
import { diskCalls } from '../../support/disk-calls.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withUmask } from './with-umask.ts'

interface Bed {
  readonly files: PodFiles
  /** `<root>/pods/<uid>` of the default Pod. */
  readonly folder: string
  readonly root: string
  /** What was said of what is none of the agent's. */
  readonly told: readonly string[]
}

async function aBed(test: TestContext): Promise<Bed> {
  const root = await temporaryFolder(test)
  const paths = { root, podLogs: '/var/log/pods' }
  const told: string[] = []
  const files = new PodFiles({
    paths,
    clusterDomain: 'cluster.local',
    onStranger: (message) => void told.push(message),
  })
  return { files, folder: join(root, 'pods', aPodUid), root, told }
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o7777
}

describe('the hosts file', () => {
  it('can be read by everybody, whatever the umask', async (test) => {
    const { files, folder } = await aBed(test)
    withUmask(test, 0o077)
    await files.makeHosts(aPodUid)
    assert.equal(await modeOf(join(folder, 'etc-hosts')), 0o644)
    assert.equal(await modeOf(folder), 0o700)
  })

  it('leaves a hosts file that is there as it is', async (test) => {
    const { files, folder } = await aBed(test)
    await files.makeHosts(aPodUid)
    assert.equal(await readFile(join(folder, 'etc-hosts'), 'utf8'), '')
    await writeFile(join(folder, 'etc-hosts'), 'written')
    await files.makeHosts(aPodUid)
    assert.equal(await readFile(join(folder, 'etc-hosts'), 'utf8'), 'written')
  })

  it('is written in place, so that containers that have it mounted see the change', async (test) => {
    const { files, folder } = await aBed(test)
    const pod = aPod({ spec: { hostname: 'db-0', subdomain: 'db' } })
    await files.makeHosts(aPodUid)
    const before = await stat(join(folder, 'etc-hosts'))
    await files.writeHosts(pod, ['10.1.0.5'])
    await files.writeHosts(pod, ['10.1.0.6'])
    const lines = (await readFile(join(folder, 'etc-hosts'), 'utf8')).split('\n')
    assert.deepEqual(lines.slice(-2), ['10.1.0.6\tdb-0.db.default.svc.cluster.local\tdb-0', ''])
    const after = await stat(join(folder, 'etc-hosts'))
    assert.deepEqual([after.ino, after.mode], [before.ino, before.mode])
  })

  it("is the node's on the host's network", async (test) => {
    const { files, folder } = await aBed(test)
    const pod = aPod({ spec: { hostNetwork: true } })
    await files.makeHosts(aPodUid)
    await files.writeHosts(pod, ['192.0.2.10'])
    assert.equal(
      await readFile(join(folder, 'etc-hosts'), 'utf8'),
      `# Kubernetes-managed hosts file (host network).\n${await readFile('/etc/hosts', 'utf8')}`,
    )
  })
})

describe('the file of a termination message', () => {
  it('is empty, for one instance, and writable by everybody whatever the umask', async (test) => {
    const { files, folder } = await aBed(test)
    withUmask(test, 0o077)
    await files.makeTerminationMessageFile(aPodUid, 'main', 1)
    const path = join(folder, 'containers/main/00000001')
    assert.equal(await modeOf(path), 0o666)
    assert.equal(await readFile(path, 'utf8'), '')
  })
})

describe('the last instances that were started', () => {
  it('are known by container', async (test) => {
    const { files, folder } = await aBed(test)
    assert.deepEqual(await files.lastStarted(aPodUid), new Map())
    for (const [name, attempt] of [
      ['main', 0],
      ['side', 7],
      ['main', 12],
    ] as const) {
      await files.makeTerminationMessageFile(aPodUid, name, attempt)
      await files.noteStarted(aPodUid, name, attempt)
    }
    await files.makeTerminationMessageFile(aPodUid, 'made', 3)
    assert.deepEqual(
      await files.lastStarted(aPodUid),
      new Map([
        ['main', 12],
        ['side', 7],
      ]),
    )
    await writeFile(join(folder, 'containers/side/last-started'), 'garbage')
    assert.deepEqual(await files.lastStarted(aPodUid), new Map([['main', 12]]))
  })
})

describe('listing the Pods that have a folder', () => {
  it('finds what an agent has made, be it empty still, or with all that there can be', async (test) => {
    const { files, folder, root, told } = await aBed(test)
    await files.makeHosts(aPodUid)
    for (const name of ['containers', 'plugins', 'volumes', 'volume-subpaths']) await mkdir(join(folder, name))
    for (const name of ['etc-resolv.conf', 'resize.json', 'resize.json.new']) await writeFile(join(folder, name), '')
    await mkdir(join(root, 'pods/7c9e6679f7425c1ea0d5a2ab2b6d1f0e'))
    assert.deepEqual((await files.list()).toSorted(), ['7c9e6679f7425c1ea0d5a2ab2b6d1f0e', aPodUid].toSorted())
    assert.deepEqual(told, [])
  })

  it('looks into none of a Pod that is known: of hundreds it is one call', async (test) => {
    const { files, root } = await aBed(test)
    const unknown = '7c9e6679f7425c1ea0d5a2ab2b6d1f0e'
    for (const name of [aPodUid, unknown]) await mkdir(join(root, 'pods', name), { recursive: true })
    assert.deepEqual(await files.list((uid) => uid === aPodUid), [unknown])
    assert.equal(await diskCalls(async () => void (await files.list(() => true))), 1)
  })

  it("leaves out whatever else is among the Pods' directories, and says so once", async (test) => {
    const { files, folder, root, told } = await aBed(test)
    await files.makeHosts(aPodUid)
    const pods = join(root, 'pods')
    await mkdir(join(pods, 'backup/of/mine'), { recursive: true })
    await mkdir(join(pods, '4f5e0c2a-1111-4222-8333-444455556666/volumes'), { recursive: true })
    await writeFile(join(pods, '4f5e0c2a-1111-4222-8333-444455556666/notes.txt'), '')
    await writeFile(join(pods, 'file'), '')
    await symlink(folder, join(pods, 'link'))
    await mkdir(join(pods, '.hidden'))
    for (let time = 0; time < 2; time += 1) assert.deepEqual(await files.list(), [aPodUid])
    const none = 'it is no directory of a Pod'
    const holds = "it holds what no Pod's directory does"
    assert.deepEqual(
      told.toSorted(),
      [
        ['.hidden', none],
        ['4f5e0c2a-1111-4222-8333-444455556666', `${holds} (notes.txt)`],
        ['backup', `${holds} (of)`],
        ['file', none],
        ['link', none],
      ].map(([name, why]) => `orphaned pod "${name}" found, but ${why}: it is left alone`),
    )
  })

  it('throws what else goes wrong', async (test) => {
    const { files, root } = await aBed(test)
    await writeFile(join(root, 'pods'), 'no folder')
    await assert.rejects(files.list(), { code: 'ENOTDIR' })
  })
})
