import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DockerMount } from '../../../src/model/docker.ts'
import type { Pod, VolumeMountSpec, VolumeSpec } from '../../../src/model/kube.ts'
import { containerMounts, type MountFacts } from '../../../src/translate/mounts.ts'
import type { MountedVolume } from '../../../src/translate/volumes/mounted-volume.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'

const paths = { root: '/var/lib/minikubelet', podLogs: '/var/log/pods' }
const podRoot = `/var/lib/minikubelet/pods/${aPodUid}`
type PathVolume = Extract<MountedVolume, { kind: 'path' }>
const directory = (path: string): PathVolume => ({ kind: 'path', path, readOnly: false, mayBeMissing: false })
const volumes: ReadonlyMap<string, MountedVolume> = new Map([
  ['cache', directory('/cache-of-the-pod')],
  ['data', directory('/data')],
  ['untyped', { ...directory('/maybe'), mayBeMissing: true }],
  ['fixed', { ...directory('/fixed'), readOnly: true }],
])

const facts: MountFacts = {
  attempt: 0,
  paths,
  volumes,
  recursiveReadOnly: true,
  variables: new Map([['POD_NAME', 'web']]),
}

const hosts: DockerMount = { Type: 'bind', Source: `${podRoot}/etc-hosts`, Target: '/etc/hosts' }
const message: DockerMount = {
  Type: 'bind',
  Source: `${podRoot}/containers/main/00000000`,
  Target: '/dev/termination-log',
}

/** What is mounted into the Pod's only container, with these mounts. */
function mountsOf(volumeMounts: readonly VolumeMountSpec[], specs: readonly VolumeSpec[] = []) {
  const container = aContainer({ volumeMounts })
  return containerMounts(aPod({ spec: { volumes: specs, containers: [container] } }), container, facts)
}

describe('containerMounts', () => {
  it('mounts the managed hosts file and the termination message file into every container', () => {
    assert.deepEqual(containerMounts(aPod(), aContainer(), facts), [hosts, message])
  })

  it('gives every instance a termination message file of its own', () => {
    assert.deepEqual(containerMounts(aPod(), aContainer(), { ...facts, attempt: 26 })[1], {
      ...message,
      Source: `${podRoot}/containers/main/0000001a`,
    })
  })

  it('mounts the message file where the container wants it, and none where it wants none', () => {
    assert.deepEqual(containerMounts(aPod(), aContainer({ terminationMessagePath: '/tmp/end' }), facts), [
      hosts,
      { ...message, Target: '/tmp/end' },
    ])
    assert.deepEqual(containerMounts(aPod(), aContainer({ terminationMessagePath: '' }), facts), [hosts])
  })

  it('mounts the message file at the root where its path does not begin there', () => {
    const [, { Target } = message] = containerMounts(aPod(), aContainer({ terminationMessagePath: 'tmp/end' }), facts)
    assert.equal(Target, '/tmp/end')
  })

  it('mounts volumes first, in the order of the container', () => {
    const mounts = mountsOf([
      { name: 'data', mountPath: '/pod-data' },
      { name: 'cache', mountPath: '/cache' },
    ])
    assert.deepEqual(mounts, [
      { Type: 'bind', Source: '/data', Target: '/pod-data' },
      { Type: 'bind', Source: '/cache-of-the-pod', Target: '/cache' },
      hosts,
      message,
    ])
  })

  it('mounts one volume in several places', () => {
    const mounts = mountsOf([
      { name: 'data', mountPath: '/a' },
      { name: 'data', mountPath: '/b', readOnly: true },
    ])
    assert.deepEqual(
      mounts.map(({ Source, Target }) => `${Source}:${Target}`),
      ['/data:/a', '/data:/b', `${podRoot}/etc-hosts:/etc/hosts`, `${message.Source}:/dev/termination-log`],
    )
  })

  const details: readonly (readonly [title: string, mount: VolumeMountSpec, mounted: DockerMount])[] = [
    [
      'is read-only, and not recursively so, where the container asks for that',
      { name: 'data', mountPath: '/d', readOnly: true },
      { Type: 'bind', Source: '/data', Target: '/d', ReadOnly: true, BindOptions: { ReadOnlyNonRecursive: true } },
    ],
    [
      'starts at the root where the path of the container does not',
      { name: 'data', mountPath: 'relative/d' },
      { Type: 'bind', Source: '/data', Target: '/relative/d' },
    ],
    [
      'has a path of its own cleared up only where it is relative, as with the kubelet',
      { name: 'data', mountPath: './relative//d/../e' },
      { Type: 'bind', Source: '/data', Target: '/relative/e' },
    ],
    [
      'is recursively read-only where it asks for that and the runtime can',
      { name: 'data', mountPath: '/d', readOnly: true, recursiveReadOnly: 'Enabled' },
      {
        Type: 'bind',
        Source: '/data',
        Target: '/d',
        ReadOnly: true,
        BindOptions: { ReadOnlyForceRecursive: true },
      },
    ],
    [
      'shows a part of a volume from where that is bound, by the place of the mount in the list',
      { name: 'data', mountPath: '/d', subPath: 'a/b' },
      { Type: 'bind', Source: `${podRoot}/volume-subpaths/data/main/0`, Target: '/d' },
    ],
    [
      'shows the part that its variables name',
      { name: 'untyped', mountPath: '/d', subPathExpr: '$(POD_NAME)' },
      { Type: 'bind', Source: `${podRoot}/volume-subpaths/untyped/main/0`, Target: '/d' },
    ],
    [
      'says nothing of propagation None',
      { name: 'data', mountPath: '/d', mountPropagation: 'None' },
      { Type: 'bind', Source: '/data', Target: '/d' },
    ],
    [
      'is rslave for propagation HostToContainer',
      { name: 'data', mountPath: '/d', mountPropagation: 'HostToContainer' },
      { Type: 'bind', Source: '/data', Target: '/d', BindOptions: { Propagation: 'rslave' } },
    ],
    [
      'is rshared for propagation Bidirectional',
      { name: 'data', mountPath: '/d', mountPropagation: 'Bidirectional' },
      { Type: 'bind', Source: '/data', Target: '/d', BindOptions: { Propagation: 'rshared' } },
    ],
    [
      'is read-only where the volume is',
      { name: 'fixed', mountPath: '/d' },
      { Type: 'bind', Source: '/fixed', Target: '/d', ReadOnly: true, BindOptions: { ReadOnlyNonRecursive: true } },
    ],
    [
      'has Docker make the source of a volume that may be missing',
      { name: 'untyped', mountPath: '/d' },
      { Type: 'bind', Source: '/maybe', Target: '/d', BindOptions: { CreateMountpoint: true } },
    ],
  ]
  for (const [title, mount, mounted] of details) {
    it(`a mount ${title}`, () => {
      assert.deepEqual(mountsOf([mount])[0], mounted)
    })
  }

  it('leaves /etc/hosts to a volume that stands exactly there', () => {
    assert.deepEqual(mountsOf([{ name: 'data', mountPath: '/etc/hosts' }]), [
      { Type: 'bind', Source: '/data', Target: '/etc/hosts' },
      message,
    ])
    assert.deepEqual(
      mountsOf([{ name: 'data', mountPath: '/etc//hosts/' }]).map(({ Target }) => Target),
      ['/etc//hosts/', message.Target],
    )
    assert.deepEqual(mountsOf([{ name: 'data', mountPath: '/etc' }]), [
      { Type: 'bind', Source: '/data', Target: '/etc' },
      hosts,
      message,
    ])
  })

  const faults: readonly (readonly [title: string, mount: VolumeMountSpec, code: string, text: string])[] = [
    [
      "a volume that the Pod doesn't have",
      { name: 'absent', mountPath: '/d' },
      'invalid',
      'cannot find volume "absent" to mount into container "main"',
    ],
    [
      'a propagation that does not exist',
      { name: 'data', mountPath: '/d', mountPropagation: 'Sideways' },
      'invalid',
      'invalid MountPropagation mode: "Sideways"',
    ],
  ]
  it('refuses what cannot be recursively read-only, because it can be written to', () => {
    assert.throws(() => mountsOf([{ name: 'data', mountPath: '/d', recursiveReadOnly: 'Enabled' }]), {
      code: 'invalid',
    })
  })

  for (const [title, mount, code, text] of faults) {
    it(`refuses ${title}`, () => {
      assert.throws(() => mountsOf([mount]), { code, message: text })
    })
  }

  it('changes nothing of the Pod', () => {
    const pod: Pod = aPod({ spec: { volumes: [{ name: 'data', hostPath: { path: '/data' } }] } })
    const before = structuredClone(pod)
    containerMounts(pod, aContainer({ volumeMounts: [{ name: 'data', mountPath: '/d' }] }), facts)
    assert.deepEqual(pod, before)
  })
})
