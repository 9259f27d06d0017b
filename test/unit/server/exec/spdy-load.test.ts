import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { copiesInput } from '../../../fakes/fake-session.ts'
import type { SpdyAnswer } from '../../../support/connect-spdy.ts'
import { bytesInUse } from '../../../support/collect-garbage.ts'
import { ExecNode } from '../../../support/exec-node.ts'

const sessions = 200
const path = '/exec/default/web/main?command=cat&input=1&output=1&error=1'
const said = Buffer.alloc(16 * 1024, 'said')
const mib = 1024 * 1024
/** The process may open one of its own meanwhile; a leak would have one for each session. */
const fewDescriptors = 5

describe('200 sessions over SPDY at once', { timeout: 120_000 }, () => {
  let node: ExecNode

  before(async () => {
    node = await ExecNode.open({ command: () => ({ kind: 'talks', talk: copiesInput }) })
  })
  after(() => node[Symbol.asyncDispose]())

  it('are all served, and leave nothing behind: no descriptor, no memory', async () => {
    // The first ones load what is loaded once.
    await wave(finish)
    const [descriptors, bytes] = [await openDescriptors(), await bytesInUse()]
    await wave(finish)
    assert.ok((await openDescriptors()) - descriptors < fewDescriptors)
    const left = (await bytesInUse()) - bytes
    assert.ok(left < 2 * mib, `${left} bytes are left`)
  })

  it('leave nothing behind when they vanish in the middle, either', async () => {
    const [descriptors, bytes] = [await openDescriptors(), await bytesInUse()]
    await wave(async ({ socket }) => void socket.destroy())
    assert.ok((await openDescriptors()) - descriptors < fewDescriptors)
    const left = (await bytesInUse()) - bytes
    assert.ok(left < 2 * mib, `${left} bytes are left`)
  })

  /** Opens all sessions, talks with each while all are there, then ends each by `end`. */
  async function wave(end: (session: SpdyAnswer) => Promise<void>): Promise<void> {
    const before = openSockets()
    const open = await Promise.all(Array.from({ length: sessions }, () => node.spdy(path, 'POST', 'v4.channel.k8s.io')))
    await Promise.all(
      open.map(async ({ client }) => {
        for (const streamType of ['error', 'stdin', 'stdout', 'stderr']) client.open({ streamType })
        client.data(3, said)
        await client.until(() => client.received(5).length === said.length)
      }),
    )
    await Promise.all(open.map(end))
    while (openSockets() > before) await new Promise((resolve) => setImmediate(resolve))
  }

  async function finish({ client }: SpdyAnswer): Promise<void> {
    client.data(3, '', { fin: true })
    await client.until(() => client.hasEnded(1) && client.hasEnded(5))
    assert.equal(client.received(1).toString(), '{"status":"Success"}')
    client.end()
    await client.over()
  }
})

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length
}

async function openDescriptors(): Promise<number> {
  return (await readdir('/proc/self/fd')).length
}
