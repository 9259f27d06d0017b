import assert from 'node:assert/strict'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ContainerSpec, VolumeMountSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import type { NewPod } from '../../fakes/fake-api-server.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'

const disk = { name: 'disk', emptyDir: {} }

/** A Pod `web` whose container mounts this of its volume. */
function aPodWith(mount: Partial<VolumeMountSpec>, change: Partial<ContainerSpec> = {}): Omit<NewPod, 'nodeName'> {
  const volumeMounts = [{ name: 'disk', mountPath: '/disk', ...mount }]
  return { name: 'web', spec: { volumes: [disk], containers: [aContainer({ volumeMounts, ...change })] } }
}

/** The numbers that the kernel has given to what is bound, and where that is. */
function bound(node: NodeInMemory): readonly (readonly [number, string])[] {
  return node.mounts.table.mounts.map(({ id, target }) => [id, target.split('volume-subpaths/')[1] ?? target])
}

/** What Docker was asked to mount at /disk. */
function sourceOf(node: NodeInMemory, container: string): string {
  const { Mounts = [] } = node.container(container).request.body.HostConfig
  return Mounts.find(({ Target }) => Target === '/disk')?.Source ?? ''
}

describe('A part of a volume that a container mounts', () => {
  it('is bound before the container is made, once, and goes with the Pod', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run(aPodWith({ subPath: 'part' }))
    assert.deepEqual(bound(node), [[1, 'disk/main/0']])
    assert.equal(sourceOf(node, 'main 0'), join(node.root, 'pods', pod.metadata.uid, 'volume-subpaths/disk/main/0'))
    await node.exit('main 0', 1)
    assert.equal(sourceOf(node, 'main 1'), sourceOf(node, 'main 0'))
    assert.deepEqual(bound(node), [[1, 'disk/main/0']])
    await node.delete('web')
    assert.deepEqual([bound(node), await node.folders()], [[], []])
  })

  it('is bound anew for the next instance where it is another one by then', async (t) => {
    await using node = await aNode(t)
    const pod = await node.run(aPodWith({ subPath: 'part' }))
    const volume = join(node.root, 'pods', pod.metadata.uid, 'volumes/kubernetes.io~empty-dir/disk')
    await rename(join(volume, 'part'), join(volume, 'other'))
    await mkdir(join(volume, 'part'))
    await node.restart()
    await node.exit('main 0', 1)
    assert.deepEqual(bound(node), [[2, 'disk/main/0']])
  })

  it('is nothing that is mounted where the container mounts whole volumes', async (t) => {
    await using node = await aNode(t)
    await node.run(aPodWith({}))
    assert.deepEqual(bound(node), [])
  })

  it('holds up its container while a variable has no value, and is tried at once when the Pod gives it one', async (t) => {
    await using node = await aNode(t)
    const fieldRef = { fieldPath: "metadata.annotations['part']" }
    const env = [{ name: 'PART', valueFrom: { fieldRef } }]
    await node.run(aPodWith({ subPathExpr: '$(PART)' }, { env }))
    await node.advance(1000)
    assert.deepEqual(node.status('web')?.containerStatuses?.[0]?.state?.waiting, {
      reason: 'CreateContainerConfigError',
      message: 'missing value for PART',
    })
    node.server.updatePod('default', 'web', { metadata: { annotations: { part: 'here' } } })
    await node.advance(1000)
    assert.deepEqual(bound(node), [[1, 'disk/main/0']])
    assert.ok(node.status('web')?.containerStatuses?.[0]?.state?.running)
  })

  it('is none that would lead out of the volume', async (t) => {
    await using node = await aNode(t)
    await node.run(aPodWith({ subPathExpr: '$(PART)' }, { env: [{ name: 'PART', value: '../up' }] }))
    await node.advance(1000)
    assert.equal(
      node.status('web')?.containerStatuses?.[0]?.state?.waiting?.message,
      "unable to provision SubPath `../up`: must not contain '..'",
    )
    assert.deepEqual(bound(node), [])
  })
})
