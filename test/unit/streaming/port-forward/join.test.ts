import assert from 'node:assert/strict'
import { duplexPair, type Duplex } from 'node:stream'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { join } from '../../../../src/streaming/port-forward/join.ts'
import { rejects } from '../../../contract/engine/expect.ts'
import { quiet } from '../../../support/quiet.ts'

describe('A client and a port that are joined', () => {
  it('hear each other, and are through when both have ended their data', async () => {
    const { client, port, joined } = joinedPair()
    client.write('question')
    assert.equal(await said(port), 'question')
    port.end('answer')
    assert.equal(await said(client), 'answer')
    client.end('thanks')
    assert.equal(await said(port), 'thanks')
    await joined
  })

  it('go on when the client has ended its data, for as long as the port has some', async (test) => {
    stopTimers(test)
    const { client, port, joined } = joinedPair()
    client.end('question')
    assert.equal(await said(port), 'question')
    test.mock.timers.tick(3_600_000)
    await quiet()
    port.end('answer')
    assert.equal(await said(client), 'answer')
    await joined
  })

  it('go on when the port has ended its data, while the client has not been silent for a second', async (test) => {
    stopTimers(test)
    const { client, port, joined } = joinedPair()
    port.end()
    await quiet()
    for (const word of ['I', 'still', 'talk']) {
      test.mock.timers.tick(999)
      client.write(word)
      assert.equal(await said(port), word)
    }
    test.mock.timers.tick(999)
    await quiet()
    assert.equal(port.closed, false)
    test.mock.timers.tick(1)
    await joined
  })

  it('wait for what the port has not taken yet, however long it takes', async (test) => {
    stopTimers(test)
    const { client, port, joined } = joinedPair()
    port.end()
    const much = Buffer.alloc(1_000_000)
    client.end(much)
    await quiet()
    test.mock.timers.tick(10_000)
    await quiet()
    let taken = 0
    for await (const chunk of port) taken += chunk.length
    assert.equal(taken, much.length)
    await joined
  })

  it('are through when the port is gone, though the client has not ended its data', async () => {
    const { port, joined } = joinedPair()
    port.destroy()
    await joined
  })

  it('fail as the connection to the port does', async () => {
    const { joined, server } = joinedPair()
    server.destroy(new KubeletError('unavailable', 'read: connection reset by peer'))
    await rejects(joined, 'unavailable', /^read: connection reset by peer$/u)
  })

  it('let the port go when the client has gone', async () => {
    const { client, joined, server } = joinedPair()
    client.destroy()
    await joined
    assert.ok(server.destroyed)
  })

  it('let the port go where the client had gone before', async () => {
    const [client] = duplexPair()
    client.destroy()
    const [port] = duplexPair()
    await quiet()
    await join(client, port)
    assert.ok(port.destroyed)
  })

  it('hold up whoever says more than the other one takes', async () => {
    const { client, port } = joinedPair()
    for (const [from, to] of [
      [client, port],
      [port, client],
    ] as const) {
      let rounds = 0
      for (; rounds < 1000 && !from.writableNeedDrain; rounds += 1) {
        from.write(Buffer.alloc(65_536))
        await quiet()
      }
      assert.ok(rounds < 20, `took ${rounds} times 64 KiB`)
      to.resume()
      await quiet()
      assert.ok(!from.writableNeedDrain)
    }
  })
})

function stopTimers(test: TestContext): void {
  test.mock.timers.enable({ apis: ['setTimeout'] })
}

/** The far ends of both, and `server`, our end of the connection to the port. A far end that goes takes ours with it. */
function joinedPair() {
  const [ours, client] = duplexPair({ allowHalfOpen: true })
  const [server, port] = duplexPair({ allowHalfOpen: true })
  for (const [far, near] of [
    [client, ours],
    [port, server],
  ] as const) {
    near.on('error', () => {})
    far.once('close', () => void (near.destroyed || isOver(near) || near.destroy()))
    near.once('close', () => far.destroy())
  }
  return { client, port, server, joined: join(ours, server) }
}

function isOver(stream: Duplex): boolean {
  return stream.readableEnded && stream.writableFinished
}

/** What comes next, all that is there by then. */
async function said(stream: Duplex): Promise<string> {
  await quiet()
  return String(stream.read())
}
