import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { aNode } from '../../support/node-in-memory.ts'
import type { NodeInMemory } from '../../support/node-in-memory.ts'

/** What log collectors find on the node. */
async function links(node: NodeInMemory): Promise<readonly string[]> {
  const found = await Promise.all(
    ['pod-logs', 'container-logs'].map(async (folder) => {
      const entries = await readdir(join(node.root, folder), { recursive: true }).catch(() => [])
      return entries.filter((name) => name.endsWith('.log'))
    }),
  )
  return found.flat().toSorted()
}

function byNames(node: NodeInMemory, container: string): string {
  return `web_default_main-${node.container(container).id}.log`
}

describe('The log of a container', () => {
  it('is found while the container is there, and its Pod has a folder until it is gone', async (t) => {
    await using node = await aNode(t)
    const { metadata } = await node.run({ name: 'web' })
    const folder = `default_web_${metadata.uid}`
    assert.deepEqual(await links(node), [`${folder}/main/0.log`, byNames(node, 'main 0')])
    await node.exit('main 0', 1)
    assert.deepEqual(await links(node), [
      `${folder}/main/0.log`,
      `${folder}/main/1.log`,
      ...[byNames(node, 'main 0'), byNames(node, 'main 1')].toSorted(),
    ])
    await node.delete('web')
    await node.advance(40_000)
    assert.deepEqual(await links(node), [])
    assert.deepEqual(await readdir(join(node.root, 'pod-logs')), [])
  })

  it('goes with the instance that is the last but two', async (t) => {
    await using node = await aNode(t)
    const { metadata } = await node.run({ name: 'web' })
    for (const instance of ['main 0', 'main 1']) {
      await node.exit(instance, 1)
      await node.advance(60_000)
    }
    const folder = `default_web_${metadata.uid}`
    assert.deepEqual(await links(node), [
      `${folder}/main/1.log`,
      `${folder}/main/2.log`,
      ...[byNames(node, 'main 1'), byNames(node, 'main 2')].toSorted(),
    ])
  })

  it('is found of a container that an agent before this one has started', async (t) => {
    await using node = await aNode(t, {
      onCall: (moment, { method }, life) => {
        if (moment === 'after' && method === 'start' && life.containers.some((line) => line === 'main 0 running')) {
          life.kill()
        }
      },
    })
    const { metadata } = await node.run({ name: 'web' })
    assert.deepEqual(await links(node), [])
    await node.restart()
    assert.deepEqual(await links(node), [`default_web_${metadata.uid}/main/0.log`, byNames(node, 'main 0')])
  })

  it('is there by number only of a container that could not be started', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'cannot-run', message: 'no such file' } } })
    const { metadata } = await node.run({ name: 'web' })
    const found = await links(node)
    assert.ok(found.length > 0 && found.every((name) => name.startsWith(`default_web_${metadata.uid}/main/`)))
  })
})
