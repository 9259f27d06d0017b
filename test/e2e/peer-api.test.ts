import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { Kubectl } from '../support/kubectl.ts'
import { PeerKubelet } from '../support/peer-kubelet.ts'
import { SpareDocker } from '../support/spare-docker.ts'
import { TestNode } from '../support/test-node.ts'
import { statedAnswers } from './peer/api-differences.ts'
import { askAll, type Asked } from './peer/asked.ts'
import { differences, isStated, type Difference } from './peer/differences.ts'

/** Of /stats/summary: what is about the same of one Pod and another of its kind, and of one machine. */
const sameSized = [
  '.node.cpu.usageCoreNanoSeconds',
  '.node.memory.availableBytes',
  '.node.memory.workingSetBytes',
  '.node.fs.availableBytes',
  '.node.fs.capacityBytes',
  '.node.fs.usedBytes',
  '.node.fs.inodesFree',
  '.node.runtime.imageFs.capacityBytes',
  '.node.runtime.imageFs.usedBytes',
  '.node.rlimit.maxpid',
  '.pods[talks].memory.workingSetBytes',
  '.pods[talks].network.rxBytes',
  '.pods[talks].volume[disk].capacityBytes',
  '.pods[talks].containers[main].cpu.usageCoreNanoSeconds',
  '.pods[talks].containers[main].memory.availableBytes',
  '.pods[talks].containers[main].memory.workingSetBytes',
  '.pods[talks].containers[main].rootfs.usedBytes',
  '.pods[talks].containers[main].logs.usedBytes',
]

async function askedOfPeer(docker: SpareDocker): Promise<Asked> {
  await using peer = await PeerKubelet.start(docker.host)
  const kubectl = await Kubectl.connect(peer.name)
  await kubectl.makeNamespace()
  try {
    return await askAll(kubectl)
  } finally {
    await kubectl.run('delete', 'pods', '--all', '--force', '--grace-period=0', '--wait=false')
    await kubectl.run('delete', 'namespace', peer.name, '--wait=false')
  }
}

describe('The same questions, answered by the HTTPS port of the real kubelet and by this one', () => {
  const nothing: Asked = { answers: new Map(), numbers: new Map() }
  let [theirs, ours] = [nothing, nothing]
  let found: readonly Difference[] = []

  before(async () => {
    await using docker = await SpareDocker.start('busybox:1.36')
    theirs = await askedOfPeer(docker)
    await using node = await TestNode.start(`--docker-host=${docker.host}`)
    ours = await askAll(node.kubectl)
    found = differences(theirs.answers, ours.answers)
    await node.kubectl.run('delete', 'pods', '--all', '--grace-period=1')
  })

  it('were all answered', () => {
    assert.deepEqual([...ours.answers.keys()].toSorted(), [...theirs.answers.keys()].toSorted())
    assert.equal(ours.answers.get('GET /containerLogs/<node>/half/dead')?.get('body'), 'bye\n')
  })

  it('tell of numbers of the same size', () => {
    const paths = sameSized.filter((path) => {
      const [their = 0, our = 0] = [theirs.numbers.get(path), ours.numbers.get(path)]
      return !(their > 0 && our > 0 && Math.abs(Math.log10(their / our)) < 1)
    })
    assert.deepEqual(paths, [])
  })

  it('differ in nothing but what is stated', () => {
    const unstated = found.filter((each) => !statedAnswers.some((stated) => isStated(each, stated)))
    assert.deepEqual(unstated, [])
  })

  for (const stated of statedAnswers) {
    it(`differ in ${stated.what}: ${stated.why}`, () =>
      assert.ok(found.some((difference) => isStated(difference, stated))))
  }
})
