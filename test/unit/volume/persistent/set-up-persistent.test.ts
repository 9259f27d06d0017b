import assert from 'node:assert/strict'
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { PersistentVolume, Pod, PodSpec } from '../../../../src/model/kube.ts'
import { LocalVolumes, type GroupConflict } from '../../../../src/volume/persistent/local-volumes.ts'
import { setUpPersistent, type FailedStep } from '../../../../src/volume/persistent/set-up-persistent.ts'
import type { MountedVolume } from '../../../../src/translate/volumes/mounted-volume.ts'
import { aPod, aPodUid } from '../../../builders/pod.ts'
import { FakeMounts, type FakeMountsOptions } from '../../../fakes/fake-mounts.ts'
import { temporaryFolder } from '../temporary-folder.ts'

type Spec = PersistentVolume['spec']

interface SetUp {
  readonly pod?: Pod
  readonly readOnly?: boolean
  readonly name?: string
  readonly annotations?: Readonly<Record<string, string>>
}

async function aBed(test: TestContext, options: Partial<FakeMountsOptions> = {}) {
  const base = await temporaryFolder(test)
  const paths = { root: join(base, 'root'), podLogs: '/var/log/pods' }
  const mounts = new FakeMounts({ ...options, root: paths.root })
  const locals = new LocalVolumes(paths, mounts)
  const conflicts: GroupConflict[] = []
  const disk = join(base, 'disk')
  await mkdir(disk)
  const node = { metadata: { name: 'node-1', labels: { disk: 'ssd' } } }
  const setUp = (spec: Spec, { pod = aPod(), readOnly = false, name = 'pv-1', annotations = {} }: SetUp = {}) =>
    setUpPersistent(
      {
        pod,
        volume: { metadata: { name, annotations }, spec },
        readOnly,
        node,
        paths,
        mounts,
        locals,
        onConflict: (conflict) => conflicts.push(conflict),
        onSlow: () => {},
      },
      test.signal,
    )
  /** Where it is mounted, and how. */
  const mounted = (): readonly string[] =>
    mounts.table.mounts.map(
      ({ source, root, target, options: own, superOptions }) =>
        `${root === '/' ? source : root.slice(base.length)} ${target.slice(paths.root.length)} ${[...own, ...superOptions.slice(1)].join()}`,
    )
  return { base, disk, mounts, setUp, mounted, conflicts, root: paths.root }
}

function failed(step: FailedStep['step'], message: string): FailedStep {
  return { kind: 'failed', step, message }
}

function shown(path: string, change: Partial<MountedVolume> = {}): object {
  return { kind: 'path', path, readOnly: false, mayBeMissing: false, ...change }
}

function aPodOf(uid: string, securityContext: PodSpec['securityContext'] = {}): Pod {
  return aPod({ metadata: { uid }, spec: { securityContext } })
}

const volumes = (uid: string = aPodUid): string => `/pods/${uid}/volumes`

describe('a PersistentVolume', () => {
  it('is only for nodes that it selects', async (test) => {
    const { disk, setUp } = await aBed(test)
    const on = (value: string): Spec => {
      const matchExpressions = [{ key: 'disk', operator: 'In', values: [value] }]
      return { hostPath: { path: disk }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } }
    }
    assert.deepEqual(await setUp(on('ssd')), shown(disk, { mayBeMissing: true }))
    assert.deepEqual(await setUp(on('hdd')), failed('node-affinity', 'no matching NodeSelectorTerms'))
  })

  it('of a kind that only a driver serves is refused by its name', async (test) => {
    const { setUp } = await aBed(test)
    const csi: Spec & { readonly csi: object } = { csi: { driver: 'disk.example.com', volumeHandle: '1' } }
    const what = 'minikubelet does not support a PersistentVolume of type'
    assert.deepEqual(await setUp(csi), failed('set-up', `${what} csi (driver "disk.example.com")`))
    const iscsi: Spec & { readonly iscsi: object } = { iscsi: { iqn: 'x' }, accessModes: ['ReadWriteOnce'] }
    assert.deepEqual(await setUp(iscsi), failed('set-up', `${what} iscsi`))
  })
})

describe('a PersistentVolume of a group', () => {
  it('has all processes of its Pods be in the group', async (test) => {
    const { disk, root, setUp } = await aBed(test)
    const annotations = { 'pv.beta.kubernetes.io/gid': '1234' }
    const nfs = { server: 'files.example.com', path: '/export' }
    const at = (plugin: string): string => `${root}${volumes()}/kubernetes.io~${plugin}/pv-1`
    for (const [spec, expected] of [
      [{ hostPath: { path: disk } }, { ...shown(disk), mayBeMissing: true }],
      [{ local: { path: disk } }, shown(at('local-volume'))],
      [{ nfs }, shown(at('nfs'))],
    ] as const) {
      assert.deepEqual(await setUp(spec, { annotations }), { ...expected, group: 1234 })
    }
  })
})

describe('a PersistentVolume on a path of the host', () => {
  it('is that path, checked by its type, for reading only where the Pod says so', async (test) => {
    const { base, disk, setUp, mounted } = await aBed(test)
    const spec = { hostPath: { path: disk, type: 'Directory' } }
    assert.deepEqual(await setUp(spec, { readOnly: true }), shown(disk, { readOnly: true }))
    const path = join(base, 'absent')
    assert.deepEqual(
      await setUp({ hostPath: { path, type: 'Directory' } }),
      failed('set-up', `hostPath type check failed: ${path} is not a directory`),
    )
    assert.deepEqual(mounted(), [])
  })

  it('takes no mount options', async (test) => {
    const { disk, setUp } = await aBed(test)
    assert.deepEqual(
      await setUp({ hostPath: { path: disk }, mountOptions: ['noexec'] }),
      failed('mount-options', 'mount options are not supported for this volume type'),
    )
  })
})

describe('a local PersistentVolume', () => {
  it("is shown in the Pod's directory under its own name, once, with its options", async (test) => {
    const { disk, root, setUp, mounted } = await aBed(test)
    const spec = { local: { path: disk }, mountOptions: ['noexec', 'noatime', 'noexec'] }
    const target = `${volumes()}/kubernetes.io~local-volume/pv-1`
    assert.deepEqual(await setUp(spec), shown(root + target))
    assert.deepEqual(await setUp(spec), shown(root + target))
    assert.deepEqual(mounted(), [`/disk ${target} rw,noatime,noexec`])
  })

  it('is shown for reading only where the Pod says so', async (test) => {
    const { disk, root, setUp, mounted } = await aBed(test)
    const target = `${volumes()}/kubernetes.io~local-volume/pv-1`
    assert.deepEqual(
      await setUp({ local: { path: disk } }, { readOnly: true }),
      shown(root + target, { readOnly: true }),
    )
    assert.deepEqual(mounted(), [`/disk ${target} ro`])
  })

  it('must be a directory, where a link may lead to it', async (test) => {
    const { base, disk, setUp, mounted } = await aBed(test)
    const absent = join(base, 'absent')
    assert.deepEqual(await setUp({ local: { path: absent } }), failed('new-mounter', `path "${absent}" does not exist`))
    await writeFile(join(base, 'file'), '')
    assert.deepEqual(
      await setUp({ local: { path: join(base, 'file') } }),
      failed('new-mounter', 'only directory and block device are supported'),
    )
    const upwards = `${disk}/../disk`
    assert.deepEqual(
      await setUp({ local: { path: upwards } }),
      failed('set-up', `invalid path: ${upwards} must not contain '..'`),
    )
    await symlink(disk, join(base, 'link'))
    await setUp({ local: { path: join(base, 'link') } })
    assert.equal(mounted().length, 1)
  })

  it('leaves no folder behind when it cannot be mounted', async (test) => {
    const { disk, root, setUp } = await aBed(test, {
      before: () => {
        throw new Error('mount failed: exit status 32')
      },
    })
    assert.deepEqual(await setUp({ local: { path: disk } }), failed('set-up', 'mount failed: exit status 32'))
    assert.deepEqual(await readdir(join(root, volumes(), 'kubernetes.io~local-volume')), [])
  })

  it('is for one Pod at a time where that is all that it allows', async (test) => {
    const { disk, setUp } = await aBed(test)
    const spec = { local: { path: disk }, accessModes: ['ReadWriteOncePod'] }
    for (const kind of ['path', 'path']) assert.equal((await setUp(spec, { pod: aPodOf('one') })).kind, kind)
    assert.deepEqual(
      await setUp(spec, { pod: aPodOf('two') }),
      failed('set-up', 'volume uses the ReadWriteOncePod access mode and is already in use by another pod'),
    )
    const either = { ...spec, accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] }
    assert.equal((await setUp(either, { pod: aPodOf('two') })).kind, 'path')
    // Whoever has it keeps it.
    assert.equal((await setUp(spec, { pod: aPodOf('one') })).kind, 'path')
  })
})

describe('an NFS volume', () => {
  const target = `${volumes()}/kubernetes.io~nfs/pv-1`

  it("is mounted in the Pod's directory, once, with its options", async (test) => {
    const { root, setUp, mounted } = await aBed(test)
    const spec = { nfs: { server: 'files.example.com', path: '/export' }, mountOptions: ['nolock', 'hard'] }
    for (let times = 0; times < 2; times += 1) assert.deepEqual(await setUp(spec), shown(root + target))
    assert.deepEqual(mounted(), [`files.example.com:/export ${target} rw,hard,nolock`])
  })

  it('is mounted for reading only where the Pod says so, and not by its own word, as for the kubelet', async (test) => {
    const { root, setUp, mounted } = await aBed(test)
    const spec = { nfs: { server: '2001:db8::1', path: '/', readOnly: true } }
    assert.deepEqual(await setUp(spec, { name: 'pv-2' }), shown(`${root}${volumes()}/kubernetes.io~nfs/pv-2`))
    assert.deepEqual(await setUp(spec, { readOnly: true }), shown(root + target, { readOnly: true }))
    assert.deepEqual(mounted(), [
      `[2001:db8::1]:/ ${volumes()}/kubernetes.io~nfs/pv-2 rw`,
      `[2001:db8::1]:/ ${target} rw,ro`,
    ])
  })

  it('leaves nothing behind when it cannot be mounted, even if that fails when it has been', async (test) => {
    const { root, setUp, mounted } = await aBed(test, {
      after: (call) => {
        if (call.startsWith('mount ')) throw new Error('mount failed: exit status 32')
      },
    })
    const spec = { nfs: { server: 'files.example.com', path: '/export' } }
    assert.deepEqual(await setUp(spec), failed('set-up', 'mount failed: exit status 32'))
    assert.deepEqual(mounted(), [])
    assert.deepEqual(await readdir(join(root, volumes(), 'kubernetes.io~nfs')), [])
  })
})

describe('the group of a local PersistentVolume', () => {
  const target = (root: string, uid: string): string => join(root, volumes(uid), 'kubernetes.io~local-volume/pv-1')

  it("is that of the first Pod that has one, and another Pod's only when nobody else has the volume", async (test) => {
    const { disk, root, mounts, setUp, conflicts } = await aBed(test)
    const spec = { local: { path: disk } }
    const groupAt = async (uid: string): Promise<number> => (await stat(target(root, uid))).gid
    await setUp(spec, { pod: aPodOf('one', { fsGroup: 1234 }) })
    assert.deepEqual([await groupAt('one'), (await stat(target(root, 'one'))).mode & 0o7777], [1234, 0o2770])
    await setUp(spec, { pod: aPodOf('two', { fsGroup: 4321 }) })
    // Mounts in memory show what lies beneath them: nobody has changed that.
    assert.notEqual(await groupAt('two'), 4321)
    await mounts.unmount(target(root, 'one'))
    await mounts.unmount(target(root, 'two'))
    await setUp(spec, { pod: aPodOf('three', { fsGroup: 4321 }) })
    assert.equal(await groupAt('three'), 4321)
    const { gid: found } = await stat(disk)
    assert.deepEqual(conflicts, [{ volumeName: 'pv-1', wanted: 4321, found }])
  })

  it('is set when an agent that was killed had mounted it and no more, and left alone from then on', async (test) => {
    const { disk, root, mounts, setUp } = await aBed(test)
    const pod = aPodOf('one', { fsGroup: 1234 })
    await mkdir(target(root, 'one'), { recursive: true })
    await mounts.bind(disk, target(root, 'one'), {}, test.signal)
    await setUp({ local: { path: disk } }, { pod })
    assert.equal((await stat(target(root, 'one'))).gid, 1234)
    await writeFile(join(target(root, 'one'), 'own'), '', { mode: 0o600 })
    await setUp({ local: { path: disk } }, { pod })
    assert.equal((await stat(join(target(root, 'one'), 'own'))).mode & 0o777, 0o600)
  })

  it('is nobody’s business where the Pod only reads', async (test) => {
    const { disk, root, setUp } = await aBed(test)
    await setUp({ local: { path: disk } }, { pod: aPodOf('one', { fsGroup: 1234 }), readOnly: true })
    assert.notEqual((await stat(target(root, 'one'))).gid, 1234)
  })
})
