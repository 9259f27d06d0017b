import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'

const names = Array.from({ length: 30 }, (_, index) => `web-${index}`)

async function restarted(node: NodeInMemory): Promise<readonly string[]> {
  for (const name of names) node.server.createPod({ nodeName: node.nodeName, name })
  await node.settled()
  await node.advance(1000)
  assert.ok(names.every((name) => node.status(name)?.phase === 'Running'))
  node.takeCalls()
  await node.restart()
  await node.advance(1000)
  return node.takeCalls()
}

describe('an agent that starts where Pods run', () => {
  it('looks at each of their containers once, and tells the API server nothing that stands there', async (t) => {
    await using node = await aNode(t, { node: { status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } } } })
    const calls = await restarted(node)
    assert.deepEqual(
      calls.filter((call) => call !== 'list').toSorted(),
      names.flatMap(() => ['inspect main 0', 'inspect sandbox 0']).toSorted(),
    )
    assert.equal(calls.filter((call) => call === 'list').length, 2)
    assert.deepEqual(
      (['patchPodStatus', 'getPod', 'getNode', 'deletePod'] as const).map((method) => node.cluster.count(method)),
      [0, 0, 0, 0],
    )
  })
})
