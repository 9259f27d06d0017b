import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { Pod, PodSpec, VolumeSpec } from '../../../src/model/kube.ts'
import { PodVolumes } from '../../../src/volume/pod-volumes.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'
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
    volumes: new PodVolumes({ paths, clusterDomain: 'cluster.local' }),
    folder: join(root, 'pods', aPodUid),
    root,
  }
}

/** A Pod whose container mounts each of these volumes. */
function aPodWith(volumes: readonly VolumeSpec[], spec: Partial<PodSpec> = {}): Pod {
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
  return aPod({ spec: { volumes, containers: [aContainer({ volumeMounts })], ...spec } })
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
      assert.deepEqual(await volumes.prepare(aPodWith(names.map((name) => ({ name, emptyDir: {} })))), [])
      const emptyDirs = join(folder, 'volumes/kubernetes.io~empty-dir')
      assert.deepEqual((await readdir(emptyDirs)).toSorted(), names)
      for (const name of names) assert.equal(await modeOf(join(emptyDirs, name)), 0o777)
      assert.equal(await modeOf(join(folder, 'etc-hosts')), 0o644)
      assert.equal(await modeOf(folder), 0o750 & ~umask)
    })
  }

  it("gives an emptyDir to the Pod's group, and so what is made in it", async (test) => {
    const { volumes, folder } = await aBed(test)
    withUmask(test, 0o077)
    await volumes.prepare(aPodWith([{ name: 'a', emptyDir: {} }], { securityContext: { fsGroup: 2345 } }))
    const path = join(folder, 'volumes/kubernetes.io~empty-dir/a')
    assert.equal(await modeOf(path), 0o2777)
    await writeFile(join(path, 'file'), 'text')
    assert.deepEqual([(await stat(path)).gid, (await stat(join(path, 'file'))).gid], [2345, 2345])
  })

  it('leaves an emptyDir that is there as its containers have made it', async (test) => {
    const { volumes, folder } = await aBed(test)
    const pod = aPodWith([{ name: 'a', emptyDir: {} }])
    await volumes.prepare(pod)
    const path = join(folder, 'volumes/kubernetes.io~empty-dir/a')
    await writeFile(join(path, 'file'), 'text')
    await chmod(path, 0o700)
    assert.deepEqual(await volumes.prepare(pod), [])
    assert.equal(await modeOf(path), 0o700)
    assert.deepEqual(await readdir(path), ['file'])
  })

  it('finishes an emptyDir of which an agent that was killed had made half', async (test) => {
    const { volumes, folder } = await aBed(test)
    await mkdir(join(folder, 'volumes/kubernetes.io~empty-dir/a.new'), { recursive: true, mode: 0o700 })
    assert.deepEqual(await volumes.prepare(aPodWith([{ name: 'a', emptyDir: {} }])), [])
    assert.deepEqual(await readdir(join(folder, 'volumes/kubernetes.io~empty-dir')), ['a'])
    assert.equal(await modeOf(join(folder, 'volumes/kubernetes.io~empty-dir/a')), 0o777)
  })

  it('leaves a hosts file that is there as it is', async (test) => {
    const { volumes, folder } = await aBed(test)
    await volumes.prepare(aPod())
    assert.equal(await readFile(join(folder, 'etc-hosts'), 'utf8'), '')
    await writeFile(join(folder, 'etc-hosts'), 'written')
    await volumes.prepare(aPod())
    assert.equal(await readFile(join(folder, 'etc-hosts'), 'utf8'), 'written')
  })

  it('makes no folder for a hostPath, and one where the hostPath asks for it', async (test) => {
    const { volumes, folder, root } = await aBed(test)
    const path = join(root, 'data')
    const hostPath: VolumeSpec = { name: 'data', hostPath: { path, type: 'DirectoryOrCreate' } }
    assert.deepEqual(await volumes.prepare(aPodWith([hostPath])), [])
    assert.equal((await stat(path)).isDirectory(), true)
    assert.deepEqual(await readdir(folder), ['etc-hosts'])
  })

  it('does nothing for a volume that no container mounts, and for a token that nobody asked for', async (test) => {
    const { volumes, folder } = await aBed(test)
    const mount = { name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
    const pod = aPod({
      spec: {
        volumes: [
          { name: 'unused', persistentVolumeClaim: { claimName: 'c' } },
          { name: 'token', projected: { sources: [] } },
        ],
        containers: [aContainer({ volumeMounts: [mount] })],
      },
    })
    assert.deepEqual(await volumes.prepare(pod), [])
    assert.deepEqual(await readdir(folder), ['etc-hosts'])
  })

  it('tells every volume that failed, and sets up the others', async (test) => {
    const { volumes, folder, root } = await aBed(test)
    const absent = join(root, 'absent')
    const failures = await volumes.prepare(
      aPodWith([
        { name: 'config', configMap: { name: 'c' } },
        { name: 'memory', emptyDir: { medium: 'Memory' } },
        { name: 'host', hostPath: { path: absent, type: 'Directory' } },
        { name: 'file', hostPath: { path: `${absent}/file`, type: 'FileOrCreate' } },
        { name: 'good', emptyDir: {} },
      ]),
    )
    assert.deepEqual(failures, [
      { volumeName: 'config', message: 'minikubelet does not support a volume of type configMap' },
      { volumeName: 'memory', message: 'minikubelet does not support a volume of type emptyDir.medium Memory' },
      { volumeName: 'host', message: `hostPath type check failed: ${absent} is not a directory` },
      { volumeName: 'file', message: `ENOENT: no such file or directory, open '${absent}/file'` },
    ])
    assert.deepEqual(await readdir(join(folder, 'volumes/kubernetes.io~empty-dir')), ['good'])
  })
})

describe('the hosts file', () => {
  it('is written in place, so that containers that have it mounted see the change', async (test) => {
    const { volumes, folder } = await aBed(test)
    const pod = aPod({ spec: { hostname: 'db-0', subdomain: 'db' } })
    await volumes.prepare(pod)
    const before = await stat(join(folder, 'etc-hosts'))
    await volumes.writeHosts(pod, ['10.1.0.5'])
    await volumes.writeHosts(pod, ['10.1.0.6'])
    const lines = (await readFile(join(folder, 'etc-hosts'), 'utf8')).split('\n')
    assert.deepEqual(lines.slice(-2), ['10.1.0.6\tdb-0.db.default.svc.cluster.local\tdb-0', ''])
    const after = await stat(join(folder, 'etc-hosts'))
    assert.deepEqual([after.ino, after.mode], [before.ino, before.mode])
  })

  it("is the node's on the host's network", async (test) => {
    const { volumes, folder } = await aBed(test)
    const pod = aPod({ spec: { hostNetwork: true } })
    await volumes.prepare(pod)
    await volumes.writeHosts(pod, ['192.0.2.10'])
    assert.equal(
      await readFile(join(folder, 'etc-hosts'), 'utf8'),
      `# Kubernetes-managed hosts file (host network).\n${await readFile('/etc/hosts', 'utf8')}`,
    )
  })
})

describe('the file of a termination message', () => {
  it('is empty, for one instance, and writable by everybody whatever the umask', async (test) => {
    const { volumes, folder } = await aBed(test)
    withUmask(test, 0o077)
    await volumes.makeTerminationMessageFile(aPodUid, 'main', 1)
    const path = join(folder, 'containers/main/00000001')
    assert.equal(await modeOf(path), 0o666)
    assert.equal(await readFile(path, 'utf8'), '')
  })
})

describe('the last instances that were started', () => {
  it('are known by container', async (test) => {
    const { volumes, folder } = await aBed(test)
    assert.deepEqual(await volumes.lastStarted(aPodUid), new Map())
    for (const [name, attempt] of [
      ['main', 0],
      ['side', 7],
      ['main', 12],
    ] as const) {
      await volumes.makeTerminationMessageFile(aPodUid, name, attempt)
      await volumes.noteStarted(aPodUid, name, attempt)
    }
    await volumes.makeTerminationMessageFile(aPodUid, 'made', 3)
    assert.deepEqual(
      await volumes.lastStarted(aPodUid),
      new Map([
        ['main', 12],
        ['side', 7],
      ]),
    )
    await writeFile(join(folder, 'containers/side/last-started'), 'garbage')
    assert.deepEqual(await volumes.lastStarted(aPodUid), new Map([['main', 12]]))
  })
})

describe('removing a Pod', () => {
  it('removes all that it has, follows no link, and leaves other Pods alone', async (test) => {
    const { volumes, folder, root } = await aBed(test)
    await volumes.prepare(aPodWith([{ name: 'a', emptyDir: {} }]))
    await volumes.prepare(aPod({ metadata: { uid: 'other' } }))
    await writeFile(join(root, 'precious'), 'text')
    await symlink(root, join(folder, 'volumes/kubernetes.io~empty-dir/a/link'))
    assert.deepEqual((await volumes.list()).toSorted(), [aPodUid, 'other'])
    await volumes.remove(aPodUid)
    assert.deepEqual(await volumes.list(), ['other'])
    assert.equal(await readFile(join(root, 'precious'), 'utf8'), 'text')
  })

  it('that is gone already is done', async (test) => {
    const { volumes } = await aBed(test)
    await volumes.remove(aPodUid)
    assert.deepEqual(await volumes.list(), [])
  })

  it("refuses a UID that would lead out of the Pods' folder", async (test) => {
    const { volumes, root } = await aBed(test)
    await mkdir(join(root, 'pods'))
    await writeFile(join(root, 'precious'), 'text')
    for (const uid of ['..', '../..', '']) await assert.rejects(volumes.remove(uid), { code: 'invalid' })
    assert.deepEqual((await readdir(root)).toSorted(), ['pods', 'precious'])
  })
})

describe("removing the agent's own folders", () => {
  it('takes those that are empty', async (test) => {
    const { volumes, root } = await aBed(test)
    await volumes.prepare(aPod())
    await volumes.remove(aPodUid)
    await volumes.removeEmptyFolders()
    await assert.rejects(stat(root), { code: 'ENOENT' })
  })

  it('leaves those that are not, and is content with none', async (test) => {
    const { volumes, root } = await aBed(test)
    await volumes.prepare(aPod())
    await volumes.removeEmptyFolders()
    assert.deepEqual(await volumes.list(), [aPodUid])
    await volumes.remove(aPodUid)
    await writeFile(join(root, 'precious'), 'text')
    await volumes.removeEmptyFolders()
    await volumes.removeEmptyFolders()
    assert.deepEqual(await readdir(root), ['precious'])
  })
})

describe('listing the Pods that have a folder', () => {
  it('throws what else goes wrong', async (test) => {
    const { volumes, root } = await aBed(test)
    await writeFile(join(root, 'pods'), 'no folder')
    await assert.rejects(volumes.list(), { code: 'ENOTDIR' })
  })
})
