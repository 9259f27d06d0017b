import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { podUid } from '../../../src/model/ids.ts'
import type { Pod } from '../../../src/model/kube.ts'
import type { ObservedPod } from '../../../src/model/observed.ts'
import { PodDisks } from '../../../src/stats/disk/pod-disks.ts'
import { ImageBytes } from '../../../src/stats/image-bytes.ts'
import { NodeStats } from '../../../src/stats/node-stats.ts'
import { MachineFacts } from '../../../src/stats/proc/machine-facts.ts'
import { anObservedContainer, anObservedPod } from '../../builders/observed.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'
import { usualInfo } from '../../fakes/usual-info.ts'
import { HostInFiles } from '../../support/host-in-files.ts'

const pods = '/kubepods'
const started = { startTime: '2026-11-21T09:00:00Z' }

/** A node with one Pod, whose containers are on the host as `placed` has them. */
class Node implements Disposable {
  readonly host = new HostInFiles('1')
  readonly life = new AbortController()
  readonly stats: NodeStats
  imageLists = 0
  reads = 0

  constructor(pod: Pod | undefined, observed: ObservedPod, parent: string) {
    const { tree } = this.host
    for (const [pid, id] of [
      [4711, 'sandbox-0'],
      [4712, 'main-0'],
    ] as const) {
      this.host.cgroup(`${parent}/${id}`)
      this.host.process(pid, `${parent}/${id}`, join(tree.path, 'layer'))
    }
    this.host.cgroup(parent)
    this.host.cgroup(pods)
    tree.write({
      'layer/outside.txt': 'some bytes',
      'docker/containers/main-0/main-0-json.log': 'x',
      [`root/pods/${aPodUid}/volumes/kubernetes.io~empty-dir/scratch/file`]: 'x',
      [`root/pods/${aPodUid}/etc-hosts`]: 'x',
    })
    const paths = { root: join(tree.path, 'root'), podLogs: '/nowhere' }
    const dockerRoot = join(tree.path, 'docker')
    const { signal } = this.life
    this.stats = new NodeStats({
      nodeName: 'node-1',
      known: {
        uids: () => [podUid(aPodUid)],
        observed: () => {
          this.reads += 1
          return observed
        },
        pods: () => (pod === undefined ? [] : [pod]),
        mounted: () => new Map(),
      },
      source: this.host.source(pods),
      disks: new PodDisks({ paths, dockerRoot, signal }),
      images: new ImageBytes(
        {
          listImages: async () => {
            this.imageLists += 1
            return []
          },
        },
        signal,
      ),
      machine: new MachineFacts(usualInfo, this.host.proc),
      rootDirectory: paths.root,
      dockerRoot,
      sandboxImage: 'pause:1',
      signal,
    })
  }

  [Symbol.dispose](): void {
    this.life.abort()
    this.host[Symbol.dispose]()
  }
}

const containers = [anObservedContainer({ state: { phase: 'running', startedAtMs: 5, pid: 4712 } })]
const observed = anObservedPod({ containers })
const pod = aPod({
  spec: {
    containers: [aContainer({ volumeMounts: [{ name: 'scratch', mountPath: '/v' }] })],
    volumes: [{ name: 'scratch', emptyDir: {} }],
  },
  status: started,
})
const ownCgroup = `${pods}/besteffort/pod${aPodUid}`

describe('What a node reads of itself', () => {
  it('is whole at the first time: what lies on disks is waited for a moment', async () => {
    using node = new Node(pod, observed, ownCgroup)
    const reading = await node.stats.read('summary')
    const [read] = reading.pods
    assert.ok(read !== undefined)
    assert.deepEqual(
      read.containers.map(({ name, startedAtMs }) => [name, startedAtMs]),
      [['main', 5]],
    )
    assert.equal(read.startedAtMs, Date.parse(started.startTime))
    assert.deepEqual([read.row?.id, read.hasCgroup], [ownCgroup, true])
    assert.equal(read.containers[0]?.rootfs?.inodes, 2)
    assert.equal(read.containers[0].log?.inodes, 1)
    assert.deepEqual(
      read.volumes.map(({ name, content }) => [name, content.inodes]),
      [['scratch', 2]],
    )
    assert.equal(read.hostsFile?.inodes, 1)
    assert.ok((reading.disks?.node?.capacity ?? 0) > 0)
    assert.deepEqual([reading.threads?.max, reading.threads?.count], [4000, 80])
    assert.equal(node.imageLists, 1)
  })

  it('is measured anew on disks for whoever has to choose by it', async () => {
    using node = new Node(pod, observed, ownCgroup)
    await node.stats.read('summary')
    node.host.tree.write({ [`root/pods/${aPodUid}/volumes/kubernetes.io~empty-dir/scratch/another`]: 'x' })
    const scratch = async (reading: ReturnType<NodeStats['read']>) =>
      (await reading).pods[0]?.volumes[0]?.content.inodes
    assert.equal(await scratch(node.stats.read('summary')), 2)
    assert.equal(await scratch(node.stats.readFresh({ maxAgeMs: 0, patienceMs: 10_000 })), 3)
  })

  it('is what it uses of all but disks for whoever chooses by something else', async () => {
    using node = new Node(pod, observed, ownCgroup)
    const [read] = (await node.stats.readFresh('no-disks')).pods
    assert.deepEqual([read?.volumes, read?.containers[0]?.rootfs, node.imageLists], [[], undefined, 0])
    assert.ok((read?.row?.usage.memory.workingSet ?? 0) > 0)
  })

  it('asks Docker for nothing again, however often it is read', async () => {
    using node = new Node(pod, observed, ownCgroup)
    for (let time = 0; time < 5; time += 1) await node.stats.read('metrics')
    assert.equal(node.imageLists, 1)
  })

  it('is read once for all who ask at the same time', async () => {
    using node = new Node(pod, observed, ownCgroup)
    await Promise.all([node.stats.read('resources'), node.stats.read('resources'), node.stats.read('resources')])
    assert.equal(node.reads, 1)
  })

  it('walks no disk where only CPU and memory are wanted', async () => {
    using node = new Node(pod, observed, ownCgroup)
    const reading = await node.stats.read('resources')
    assert.deepEqual(
      [reading.disks, reading.pods[0]?.volumes, reading.pods[0]?.containers[0]?.rootfs, node.imageLists],
      [undefined, [], undefined, 0],
    )
  })

  it('has of a Pod without a cgroup what its containers use together', async () => {
    using node = new Node(pod, observed, '/docker')
    const [read] = (await node.stats.read('resources')).pods
    assert.deepEqual([read?.hasCgroup, read?.row?.usage.memory.workingSet], [false, 2 * 712_704])
  })

  it('has a Pod whose object is gone, without what its object says', async () => {
    using node = new Node(undefined, observed, ownCgroup)
    const [read] = (await node.stats.read('summary')).pods
    assert.deepEqual([read?.startedAtMs, read?.volumes, read?.containers.length], [undefined, [], 1])
  })

  it('names the image of the sandbox, which Docker does not say by its name', async () => {
    using node = new Node(pod, observed, ownCgroup)
    assert.equal((await node.stats.read('metrics')).pods[0]?.sandbox?.image, 'pause:1')
  })

  it('has for /metrics what disks have told by then, and asks for the rest', async () => {
    using node = new Node(pod, observed, ownCgroup)
    assert.deepEqual(
      node.stats.podDisks().map(({ logs, volumes }) => [logs.size, volumes.length]),
      [[0, 0]],
    )
    await node.stats.read('summary')
    const [disks] = node.stats.podDisks()
    assert.equal(disks?.logs.get('main')?.inodes, 1)
    assert.deepEqual(
      disks.volumes.map(({ name }) => name),
      ['scratch'],
    )
  })
})
