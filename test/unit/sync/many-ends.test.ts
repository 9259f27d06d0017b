import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containersNamed } from '../../builders/pod.ts'
import { parallelEnds } from '../../support/agent-in-memory.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'

const names = Array.from({ length: 3 * parallelEnds }, (_, index) => `web-${index}`)

async function running(node: NodeInMemory, restartPolicy: string): Promise<void> {
  for (const name of names) await node.run({ name, spec: { restartPolicy, containers: containersNamed(name) } })
}

describe('many Pods that end at once', () => {
  it('are all told to stop at once, and removed a few at a time', async (t) => {
    await using node = await aNode(t)
    await running(node, 'Always')
    const release = node.engineGate.hold('remove')
    for (const name of names) await node.delete(name)
    assert.equal(node.engine.count('stop'), names.length)
    assert.equal(node.engine.count('remove'), parallelEnds)
    release()
    await node.settled()
    assert.equal(node.engine.count('remove'), 2 * names.length)
    assert.deepEqual([node.containers, node.server.pods], [[], []])
  })

  it('have their sandboxes stopped a few at a time when they are over', async (t) => {
    await using node = await aNode(t)
    await running(node, 'Never')
    const release = node.engineGate.hold('stop')
    for (const name of names) await node.exit(`${name} 0`, 0)
    assert.equal(node.engine.count('stop'), parallelEnds)
    release()
    await node.settled()
    assert.equal(node.engine.count('stop'), names.length)
  })
})
