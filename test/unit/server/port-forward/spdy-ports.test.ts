import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, it } from 'node:test'
import { PortForwardNode } from '../../../support/port-forward-node.ts'
import { quiet } from '../../../support/quiet.ts'
import type { SpdyClient } from '../../../support/spdy-client.ts'

const path = '/portForward/default/web'
const echo = (connection: Duplex): void => void connection.pipe(connection)

for (const [name, connect] of [
  ['SPDY', async (node: PortForwardNode) => ({ spdy: await node.spdy(path) })],
  ['SPDY in a WebSocket', (node: PortForwardNode) => node.tunnel(path)],
] as const) {
  describe(`Ports forwarded over ${name}`, () => {
    it('carry each connection both ways, with the end of its data', async () => {
      await using node = await PortForwardNode.open({ ports: { 80: echo, 81: echo } })
      const { spdy } = await connect(node)
      const [first, second] = [openPair(spdy, '0', '80'), openPair(spdy, '1', '81')]
      const much = Buffer.alloc(300_000, 'x')
      spdy.data(first.data, much, { fin: true })
      spdy.data(second.data, 'little', { fin: true })
      await spdy.until(() => spdy.hasEnded(first.data) && spdy.hasEnded(second.error))
      assert.ok(spdy.received(first.data).equals(much))
      assert.equal(spdy.received(second.data).toString(), 'little')
      spdy.end()
      await spdy.over()
    })

    it('carry 200 connections at once, and nothing of them is left', async () => {
      const open = new Set<Duplex>()
      const remember = (connection: Duplex): void => {
        open.add(connection)
        connection.once('close', () => open.delete(connection)).pipe(connection)
      }
      await using node = await PortForwardNode.open({ ports: { 80: remember } })
      const { spdy } = await connect(node)
      const pairs = Array.from({ length: 200 }, (_, index) => ({ index, ...openPair(spdy, `${index}`, '80') }))
      for (const { index, data } of pairs) spdy.data(data, `word ${index} `)
      await spdy.until(() => pairs.every(({ data }) => spdy.received(data).length > 0))
      assert.equal(open.size, 200)
      for (const { index, data } of pairs) spdy.data(data, `again ${index}`, { fin: true })
      await spdy.until(() => pairs.every(({ data, error }) => spdy.hasEnded(data) && spdy.hasEnded(error)))
      for (const { index, data } of pairs) {
        assert.equal(spdy.received(data).toString(), `word ${index} again ${index}`)
      }
      spdy.end()
      await spdy.over()
      await quiet()
      assert.equal(open.size, 0)
    })

    it('are told at once that nothing listens, and go on', async () => {
      await using node = await PortForwardNode.open({ ports: { 80: echo } })
      const { spdy } = await connect(node)
      const refused = openPair(spdy, '0', '9')
      await spdy.until(() => spdy.hasReset(refused.data) && spdy.hasEnded(refused.error))
      const text = spdy.received(refused.error).toString()
      assert.ok(text.startsWith(`error forwarding port 9 to pod ${node.sandbox}, uid : failed to connect`), text)
      assert.match(text, /connection refused/u)
      const next = openPair(spdy, '1', '80')
      spdy.data(next.data, 'hello', { fin: true })
      await spdy.until(() => spdy.hasEnded(next.data))
      assert.equal(spdy.received(next.data).toString(), 'hello')
      spdy.end()
    })

    it('are let go of without a word when the client resets the data, with the others unharmed', async () => {
      const ports: Duplex[] = []
      const give = (connection: Duplex): void => {
        ports.push(connection)
        connection.write('much to say')
      }
      await using node = await PortForwardNode.open({ ports: { 80: give, 81: echo } })
      const { spdy } = await connect(node)
      const { data, error } = openPair(spdy, '0', '80')
      await spdy.until(() => spdy.received(data).length > 0)
      spdy.send({ kind: 'rst-stream', streamId: data, status: 5 })
      await spdy.until(() => spdy.hasEnded(error))
      assert.equal(spdy.received(error).toString(), '')
      await quiet()
      assert.ok(ports.every(({ destroyed }) => destroyed))
      const next = openPair(spdy, '1', '81')
      spdy.data(next.data, 'works', { fin: true })
      await spdy.until(() => spdy.hasEnded(next.data))
      assert.equal(spdy.received(next.data).toString(), 'works')
      spdy.end()
    })

    it('are let go of with their client', async () => {
      const port = Promise.withResolvers<Duplex>()
      await using node = await PortForwardNode.open({ ports: { 80: port.resolve } })
      const { spdy } = await connect(node)
      openPair(spdy, '0', '80')
      const connection = await port.promise
      spdy.end()
      await once(connection, 'close')
    })

    it('are told when their Pod goes', async () => {
      await using node = await PortForwardNode.open({ ports: { 80: echo } })
      const { spdy } = await connect(node)
      const { data } = openPair(spdy, '0', '80')
      spdy.data(data, 'hello')
      await spdy.until(() => spdy.received(data).length > 0)
      node.docker.exit(node.sandbox, { exitCode: 0 })
      await spdy.until(() => spdy.hasEnded(data))
      const next = openPair(spdy, '1', '80')
      await spdy.until(() => spdy.hasReset(next.data))
      assert.match(spdy.received(next.error).toString(), /container not running/u)
      spdy.end()
    })
  })
}

describe('A tunnel', () => {
  it('is asked for and agreed on by its whole name, and ends with 1000', async () => {
    await using node = await PortForwardNode.open()
    const { webSocket, spdy, protocol } = await node.tunnel(path)
    assert.equal(protocol, 'SPDY/3.1+portforward.k8s.io')
    spdy.send({ kind: 'goaway', lastStreamId: 0, status: 0 })
    assert.deepEqual((await once(webSocket, 'close'))[0], 1000)
  })

  it('carries the bytes of frames cut anywhere', async () => {
    await using node = await PortForwardNode.open({ ports: { 80: echo } })
    const { spdy, webSocket, wire } = await node.tunnel(path)
    wire.write = (bytes: Buffer) => {
      for (const byte of bytes) webSocket.send(Buffer.of(byte))
      return true
    }
    const { data } = openPair(spdy, '0', '80')
    spdy.data(data, 'in pieces', { fin: true })
    await spdy.until(() => spdy.hasEnded(data))
    assert.equal(spdy.received(data).toString(), 'in pieces')
    webSocket.terminate()
  })

  it('is cut where a client sends text', async () => {
    await using node = await PortForwardNode.open()
    const { webSocket } = await node.tunnel(path)
    webSocket.send('text')
    assert.deepEqual((await once(webSocket, 'close'))[0], 1006)
  })
})

/** Opens the pair of streams of a connection, as kubectl does. */
function openPair(
  spdy: SpdyClient,
  requestID: string,
  port: string,
): { readonly error: number; readonly data: number } {
  const error = spdy.open({ streamType: 'error', port, requestID })
  spdy.data(error, '', { fin: true })
  return { error, data: spdy.open({ streamType: 'data', port, requestID }) }
}
