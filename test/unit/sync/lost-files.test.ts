import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { containersNamed } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'

const scratch = { name: 'scratch', emptyDir: {} }
const [main = assert.fail()] = containersNamed('main')
const spec = {
  containers: [{ ...main, volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }],
  volumes: [scratch],
}

async function folderOf(node: NodeInMemory): Promise<string> {
  const [uid = assert.fail('there is no Pod')] = await node.folders()
  return join(node.root, 'pods', uid)
}

/** Its container ends, and is to be started again. */
async function restarts(node: NodeInMemory): Promise<void> {
  await node.exit('main 0', 1)
  await node.advance(30_000)
  assert.ok(node.containers.includes('main 1 running'), node.containers.join(', '))
}

describe('a Pod of which somebody has removed', () => {
  it('the hosts file, has it again with the next start of a container', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    const path = join(await folderOf(node), 'etc-hosts')
    await rm(path)
    await restarts(node)
    assert.match(await readFile(path, 'utf8'), /\tweb\n$/u)
  })

  it('a volume, gets it anew with the next start of a container', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    const path = join(await folderOf(node), 'volumes', 'kubernetes.io~empty-dir', 'scratch')
    await rm(path, { recursive: true })
    await restarts(node)
    assert.ok((await stat(path)).isDirectory())
  })

  it('the whole folder, gets that anew, and leaves nothing when it goes', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    await rm(await folderOf(node), { recursive: true })
    await restarts(node)
    await node.delete('web', 0)
    assert.deepEqual([await node.folders(), node.containers], [[], []])
  })

  it('what its sandbox was made with, gets all of it anew with another sandbox', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    await rm(await folderOf(node), { recursive: true })
    node.docker.remove(node.container('sandbox 0').id)
    await node.advance(60_000)
    assert.ok(node.containers.includes('main 1 running'), node.containers.join(', '))
  })
})

describe('a Pod whose folder somebody removes before the start of', () => {
  for (const name of ['sandbox 0', 'main 0']) {
    it(`${name}, gets it anew, and that with it`, async (t) => {
      let isRemoved = false
      await using node = await aNode(t, {
        onCall: (moment, { method, subject }) => {
          if (isRemoved || moment !== 'before' || method !== 'start') return
          if (node.docker.find(subject)?.id !== node.container(name).id) return
          isRemoved = true
          rmSync(join(node.root, 'pods'), { recursive: true })
        },
      })
      const dnsConfig = { nameservers: ['192.0.2.1'] }
      await node.run({ name: 'web', spec: { ...spec, restartPolicy: 'Never', dnsPolicy: 'None', dnsConfig } })
      await node.advance(60_000)
      assert.deepEqual([isRemoved, node.status('web')?.phase], [true, 'Running'])
      assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
      assert.equal(node.status('web')?.containerStatuses?.[0]?.restartCount, 0)
    })
  }
})

describe('the hosts file of a Pod', () => {
  it('is not written again where it says what it should', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    const path = join(await folderOf(node), 'etc-hosts')
    const before = await stat(path, { bigint: true })
    await restarts(node)
    assert.equal((await stat(path, { bigint: true })).mtimeNs, before.mtimeNs)
  })
})
