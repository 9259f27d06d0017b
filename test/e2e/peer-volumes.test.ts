import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { Kubectl } from '../support/kubectl.ts'
import { PeerKubelet } from '../support/peer-kubelet.ts'
import { SpareDocker } from '../support/spare-docker.ts'
import { TestNode } from '../support/test-node.ts'
import { differences, isStated, type Difference } from './peer/differences.ts'
import { HostFolder } from './peer/host-folder.ts'
import { makeVolumes, type MadeVolumes, type VolumeNode } from './peer/made-volumes.ts'
import { statedVolumeDifferences } from './peer/volume-differences.ts'
import { faultyPods } from './peer/volume-faults.ts'
import { volumeNames } from './peer/volume-objects.ts'
import { volumePods } from './peer/volume-pods.ts'

/** Each node has a folder of the host for itself: what is in it belongs to whoever mounts it. */
async function made(node: Omit<VolumeNode, 'host'>): Promise<MadeVolumes> {
  await using host = await HostFolder.make()
  try {
    return await makeVolumes({ ...node, host })
  } finally {
    await node.kubectl.run('delete', 'pv', ...volumeNames(node.name), '--ignore-not-found', '--wait=false')
  }
}

async function madeByPeer(docker: SpareDocker): Promise<MadeVolumes> {
  await using peer = await PeerKubelet.start(docker.host)
  const kubectl = await Kubectl.connect(peer.name)
  await kubectl.makeNamespace()
  try {
    return await made({ name: peer.name, rootDir: peer.rootDir, docker, kubectl })
  } finally {
    await kubectl.run('delete', 'pods', '--all', '--force', '--grace-period=0', '--wait=false')
    await kubectl.run('delete', 'namespace', peer.name, '--wait=false')
  }
}

describe('The volumes of the same Pods, made by the real kubelet and by this one', () => {
  let theirs: MadeVolumes = new Map()
  let ours: MadeVolumes = new Map()
  let found: readonly Difference[] = []

  before(async () => {
    await using docker = await SpareDocker.start('busybox:1.36')
    theirs = await madeByPeer(docker)
    await using node = await TestNode.start(`--docker-host=${docker.host}`, '--cluster-dns=10.96.0.10')
    ours = await made({ name: node.name, rootDir: node.rootDir, docker, kubectl: node.kubectl })
    found = differences(theirs, ours)
  })

  it('were looked at on disk, from inside, after a change, and when all were gone', () => {
    assert.deepEqual([...ours.keys()].toSorted(), [...theirs.keys()].toSorted())
    const pods = [...volumePods('/'), ...faultyPods('/')].map(({ metadata }) => metadata.name)
    const looked = [...ours.keys()].map((key) => key.replace(/^changed | .*$/gu, ''))
    assert.deepEqual([...new Set(looked)].toSorted(), [...pods, 'left'].toSorted())
    assert.equal(ours.get('config-maps main')?.get('/volumes/whole/colour'), 'symbolic link 777 0:0 -> ..data/colour')
  })

  it('differ in nothing but what is stated', () => {
    const unstated = found.filter((each) => !statedVolumeDifferences.some((stated) => isStated(each, stated)))
    assert.deepEqual(unstated, [])
  })

  for (const stated of statedVolumeDifferences.filter(({ isSeldom }) => isSeldom !== true)) {
    it(`differ in ${stated.what}: ${stated.why}`, () =>
      assert.ok(found.some((difference) => isStated(difference, stated))))
  }
})
