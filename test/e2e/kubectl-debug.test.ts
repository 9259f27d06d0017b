import assert from 'node:assert/strict'
import { readlink } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { Session } from '../support/session.ts'
import { TestNode } from '../support/test-node.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

describe('kubectl debug of a node', { timeout: 120_000 }, () => {
  it('looks at it from a Pod that has all of its namespaces and its disk', async () => {
    await node.agent.log.first('registered', ({ msg }) => msg === 'The node is registered')
    const flags = ['debug', `node/${node.name}`, '-i', '--image=busybox:1.36']
    await using looks = Session.start(node.kubectl, ...flags, '--', 'sh')
    // Its stdin stays open: Docker ends an attachment to a container that may have more of them when its input ends.
    looks.write(`test -e /host/${node.folder} && echo "has the disk"; readlink /proc/self/ns/net; exit\n`)
    const { code, stdout } = await looks.ended()
    assert.equal(code, 0)
    assert.deepEqual(stdout.split('\n').slice(-3), ['has the disk', await readlink('/proc/self/ns/net'), ''])
  })
})
