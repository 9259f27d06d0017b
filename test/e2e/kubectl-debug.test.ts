import assert from 'node:assert/strict'
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
    looks.close(
      `test -e /host/${node.folder} && echo "has the disk"; for pid in 1 self; do readlink /proc/$pid/ns/net; done\n`,
    )
    const { code, stdout } = await looks.ended()
    assert.equal(code, 0)
    const [disk, init, own] = stdout.split('\n').slice(-4)
    assert.equal(disk, 'has the disk')
    assert.equal(init, own)
  })
})
