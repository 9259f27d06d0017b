import assert from 'node:assert/strict'
import { access, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { emptyDirPod } from './empty-dir-pod.ts'
import { aNode } from '../../support/node-in-memory.ts'

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

describe('The volumes of a Pod that is over', () => {
  it('are taken down while its object stays, and its termination messages with it', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run(emptyDirPod())
    const folder = join(node.root, 'pods', pod.metadata.uid)
    const content = join(folder, 'volumes/kubernetes.io~empty-dir/disk/content')
    await writeFile(content, '')
    assert.equal(node.mounts.table.mounts.length, 1)
    await node.exit('main 0', 0)
    await node.settled()
    assert.equal(node.status('web')?.phase, 'Succeeded')
    assert.deepEqual(node.mounts.table.mounts, [])
    assert.equal(await isThere(content), false)
    assert.deepEqual(await readdir(join(folder, 'volumes/kubernetes.io~empty-dir')), [])
    assert.equal(await isThere(join(folder, 'containers/main/00000000')), true)
    await node.restart()
    assert.equal(node.status('web')?.phase, 'Succeeded')
    await node.delete('web')
    assert.deepEqual([node.status('web'), await node.folders()], [undefined, []])
  })

  it('stay while they are in use, and go when that is over', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run(emptyDirPod())
    const memory = join(node.root, 'pods', pod.metadata.uid, 'volumes/kubernetes.io~empty-dir/memory')
    node.mounts.table.busy.add(memory)
    await node.exit('main 0', 0)
    await node.advance(30_000)
    assert.equal(node.status('web')?.phase, 'Succeeded')
    assert.equal(node.mounts.table.mounts.length, 1)
    node.mounts.table.busy.clear()
    await node.advance(12_000)
    assert.deepEqual(node.mounts.table.mounts, [])
  })
})

describe('A Pod that is deleted', () => {
  it('stays until its volumes are gone, which is tried again and again, and told', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run(emptyDirPod())
    const memory = join(node.root, 'pods', pod.metadata.uid, 'volumes/kubernetes.io~empty-dir/memory')
    node.mounts.table.busy.add(memory)
    await node.delete('web')
    node.takeEvents()
    await node.advance(60_000)
    assert.ok(node.server.pod('default', 'web')?.metadata.deletionTimestamp)
    assert.deepEqual(await node.folders(), [pod.metadata.uid])
    const told = node.takeEvents().filter((event) => event.kind === 'sync-failed')
    assert.ok(told.length > 4 && told.length < 12, `${told.length} times`)
    assert.match(told[0]?.message ?? '', /^Volumes of the Pod \S+ are not cleaned up: .*memory: target is busy/u)
    node.mounts.table.busy.clear()
    await node.advance(12_000)
    assert.deepEqual([node.status('web'), await node.folders(), node.mounts.table.mounts], [undefined, [], []])
  })
})

describe('What an agent finds on the disk', () => {
  it('of Pods that are gone is unmounted and removed', async (t) => {
    await using node = await aNode(t)
    await node.run(emptyDirPod())
    node.kill()
    node.server.deletePodGracefully('default', 'web', 0)
    await node.restart()
    await node.advance(2000)
    assert.deepEqual([await node.folders(), node.mounts.table.mounts], [[], []])
  })

  it('of Pods that are gone stays while it is in use, and goes when that is over', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run(emptyDirPod())
    const memory = join(node.root, 'pods', pod.metadata.uid, 'volumes/kubernetes.io~empty-dir/memory')
    node.mounts.table.busy.add(memory)
    node.kill()
    node.server.deletePodGracefully('default', 'web', 0)
    await node.restart()
    await node.advance(30_000)
    assert.deepEqual(await node.folders(), [pod.metadata.uid])
    node.mounts.table.busy.clear()
    await node.advance(12_000)
    assert.deepEqual([await node.folders(), node.mounts.table.mounts], [[], []])
  })

  it("that is no Pod's is left alone, and told once", async (t) => {
    await using node = await aNode(t)
    const stranger = join(node.root, 'pods/4f5e0c2a-1111-4222-8333-444455556666')
    await mkdir(stranger, { recursive: true })
    await writeFile(join(stranger, 'notes.txt'), 'precious')
    await node.restart()
    await node.advance(180_000, 10_000)
    assert.equal(await isThere(join(stranger, 'notes.txt')), true)
    assert.equal(node.logged.filter((line) => line.startsWith('orphaned pod "4f5e0c2a-')).length, 1)
  })
})
