import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { PodCgroups } from '../../../src/cgroup/pod-cgroups.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { aStaticPod } from './reporting/mirrored.ts'
import { told } from './told.ts'

/** Cgroups in memory: which Pods have one, and all that was done, the calls to Docker among it. */
class RecordedCgroups implements PodCgroups {
  readonly done: string[] = []
  readonly uids = new Set<string>()
  fault: string | undefined
  /** Where the Pods' directories are. */
  folder = ''

  async ensure({ metadata: { uid } }: Pod): Promise<string> {
    if (this.fault !== undefined) throw new KubeletError('internal', this.fault)
    if (!this.uids.has(uid))
      this.done.push(existsSync(join(this.folder, uid)) ? 'cgroup made in its directory' : 'cgroup made')
    this.uids.add(uid)
    return `/kubepods/pod${uid}`
  }

  limitsOf(): undefined {
    return undefined
  }

  async resize(): Promise<void> {
    this.done.push('cgroup resized')
  }

  tune(_: Pod, { name }: { readonly name: string }): void {
    this.done.push(`${name} tuned`)
  }

  async release(uid: string): Promise<void> {
    await this.remove(uid)
  }

  async remove(uid: string): Promise<void> {
    if (this.fault !== undefined) throw new KubeletError('internal', this.fault)
    if (this.uids.delete(uid)) this.done.push('cgroup removed')
  }
}

const changing = ['create', 'start', 'stop', 'remove']

/** A node whose calls to Docker that change something are told of among what is done with cgroups. */
async function nodeWith(t: Parameters<typeof aNode>[0], cgroups: RecordedCgroups): Promise<NodeInMemory> {
  const node = await aNode(t, {
    hasManifests: true,
    cgroups,
    programs: { once: { kind: 'exits', exitCode: 0 } },
    onCall: (moment, { method }) => {
      if (moment === 'before' && changing.includes(method)) cgroups.done.push(method)
    },
  })
  cgroups.folder = join(node.root, 'pods')
  await node.manifestsSynced()
  return node
}

const once = { restartPolicy: 'Never', containers: [aContainer({ name: 'once' })] }

describe('The cgroup of a Pod', () => {
  it('is made before its sandbox, in its directory’s lifetime, and is where its containers are', async (t) => {
    const cgroups = new RecordedCgroups()
    await using node = await nodeWith(t, cgroups)
    await node.run({ name: 'web' })
    const steps = ['create', 'start', 'create', 'start', 'main tuned']
    assert.deepEqual(cgroups.done, ['cgroup made in its directory', ...steps])
    const parents = node.docker.containers.map(({ request }) => request.body.HostConfig.CgroupParent)
    assert.deepEqual(
      parents,
      [...cgroups.uids, ...cgroups.uids].map((uid) => `/kubepods/pod${uid}`),
    )
  })

  it('is removed when nothing of the Pod runs any more, though its object and its records stay', async (t) => {
    const cgroups = new RecordedCgroups()
    await using node = await nodeWith(t, cgroups)
    await node.run({ name: 'job', spec: once })
    assert.deepEqual(cgroups.done.slice(-2), ['stop', 'cgroup removed'])
    assert.equal(node.containers.length, 2)
    const pod = aStaticPod('static')
    await node.addStatic({ ...pod, spec: { ...pod.spec, ...once } })
    await node.settled()
    assert.deepEqual(cgroups.done.slice(-2), ['stop', 'cgroup removed'])
  })

  it('keeps the Pod’s object and directory until it is gone', async (t) => {
    const cgroups = new RecordedCgroups()
    await using node = await nodeWith(t, cgroups)
    await node.run({ name: 'web' })
    const [uid = ''] = cgroups.uids
    cgroups.fault = 'failed to delete cgroup paths for /kubepods: device or resource busy'
    node.server.deletePodGracefully('default', 'web', 1)
    await node.settled()
    assert.deepEqual(node.containers, [])
    assert.notEqual(node.server.pod('default', 'web'), undefined)
    assert.equal(existsSync(join(node.root, 'pods', uid)), true)
    cgroups.fault = undefined
    await node.advance(60_000)
    assert.deepEqual([node.server.pod('default', 'web'), [...cgroups.uids]], [undefined, []])
    assert.equal(existsSync(join(node.root, 'pods', uid)), false)
  })

  it('is removed by the next agent where this one was killed before it, and Docker knows nothing of the Pod', async (t) => {
    const cgroups = new RecordedCgroups()
    await using node = await nodeWith(t, cgroups)
    await node.run({ name: 'web' })
    cgroups.fault = 'device or resource busy'
    node.server.deletePodGracefully('default', 'web', 1)
    await node.settled()
    node.kill()
    const left = node.server.pod('default', 'web')
    assert.ok(left)
    node.server.deletePodNow(left)
    cgroups.fault = undefined
    await node.restart()
    await node.manifestsSynced()
    assert.deepEqual([...cgroups.uids], [])
  })

  it('holds the Pod up where it cannot be made, and is tried again', async (t) => {
    const cgroups = new RecordedCgroups()
    cgroups.fault = 'failed to create container for [kubepods pod1] : EINVAL: invalid argument'
    await using node = await nodeWith(t, cgroups)
    await node.run({ name: 'web' })
    const fault = `unable to ensure pod container exists: ${cgroups.fault}`
    assert.ok(told(node.takeEvents()).includes(`Warning FailedCreatePodContainer ${fault}`))
    assert.deepEqual(node.containers, [])
    cgroups.fault = undefined
    await node.advance(10_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })
})
