import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { queryObjects } from 'node:v8'
import { WatchedObject } from '../../../src/cluster/objects/watched-object.ts'
import { PodMemory } from '../../../src/sync/pod-memory.ts'
import { PodWorker } from '../../../src/sync/pod-worker.ts'
import { Bell } from '../../../src/util/bell.ts'
import { aContainer, containersNamed } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'

/** How many of them anything in this process still holds; what nothing holds is collected first. */
function held(): Readonly<Record<string, unknown>> {
  return Object.fromEntries([PodWorker, PodMemory, WatchedObject, Bell].map((kind) => [kind.name, queryObjects(kind)]))
}

/** Pods that run, restart, fail, wait for an image or a ConfigMap and wait to be started again, and their end. */
async function lead(node: NodeInMemory): Promise<void> {
  await node.run({ name: 'runs', spec: { initContainers: containersNamed('setup') } })
  await node.run({ name: 'crashes', spec: { containers: containersNamed('crashing') } })
  await node.run({ name: 'fails', spec: { restartPolicy: 'Never', containers: containersNamed('crashing') } })
  await node.run({ name: 'pulls', spec: { containers: [aContainer({ image: 'far:1' })] } })
  const envFrom = [{ configMapRef: { name: 'missing' } }, { secretRef: { name: 'there' } }]
  node.server.objects.put({ kind: 'Secret', namespace: 'default', name: 'there', data: {} })
  await node.run({ name: 'reads', spec: { containers: [aContainer({ envFrom })] } })
  await node.advance(30_000, 5000)
  for (const { metadata } of node.server.pods) node.server.deletePodGracefully('default', metadata.name)
  await node.advance(60_000, 5000)
  assert.deepEqual(node.server.pods, [])
}

describe('an agent whose Pods are gone', () => {
  it('holds nothing of them in memory', async (t) => {
    await using node = await aNode(t, {
      programs: { setup: { kind: 'exits', exitCode: 0 }, crashing: { kind: 'exits', exitCode: 1 } },
    })
    const before = held()
    await lead(node)
    assert.deepEqual(held(), before)
  })
})
