import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { PortForwardNode } from '../../../support/port-forward-node.ts'

const echo = (connection: Duplex): void => void connection.pipe(connection)
/** Port 80, 0x0050, as a channel begins: as text, which the client makes of it. */
const eighty = 'P\0'

describe('Ports forwarded over the channels of a WebSocket', () => {
  it('begin with their number on both their channels', async () => {
    await using node = await PortForwardNode.open({ ports: { 80: echo, 443: echo } })
    using client = await node.channels('/portForward/default/web?port=80,443', 'v4.channel.k8s.io')
    assert.equal(client.protocol, 'v4.channel.k8s.io')
    await client.until(0, /^P\0$/u)
    await client.until(1, /^P\0$/u)
    client.send(0, 'to the first')
    client.send(2, 'to the second')
    await client.until(0, /to the first$/u)
    assert.ok((await client.until(2, /to the second$/u)).endsWith('\u0001to the second'))
    assert.equal(client.of(1), eighty)
  })

  it('are spoken in base64 where that is asked for', async () => {
    await using node = await PortForwardNode.open({ ports: { 80: echo } })
    using client = await node.channels('/portForward/default/web?port=80', 'v4.base64.channel.k8s.io')
    client.sendText(0, 'hello')
    assert.equal(await client.until(0, /hello$/u), `${eighty}hello`)
  })

  it('are told of what went wrong, with the others unharmed', async () => {
    await using node = await PortForwardNode.open({ ports: { 80: echo } })
    using client = await node.channels('/portForward/default/web?port=9&port=80')
    const error = await client.until(1, /refused/u)
    assert.ok(error.includes(`error forwarding port 9 to pod ${node.sandbox}, uid : failed to connect to localhost:9 `))
    client.send(0, 'to nobody'.repeat(100_000))
    client.send(2, 'hello')
    await client.until(2, /hello$/u)
  })

  it('are closed when the last of them has ended', async () => {
    await using node = await PortForwardNode.open({
      ports: { 80: (connection) => connection.end('bye'), 81: (connection) => connection.end('and bye') },
    })
    using client = await node.channels('/portForward/default/web?port=80&port=81')
    assert.equal(await client.closed, 1000)
    assert.equal(client.of(0), `${eighty}bye`)
    assert.ok(client.of(2).endsWith('and bye'))
  })

  it('get the last of what a client has sent when it closes, and then its end', async () => {
    const heard = Promise.withResolvers<string>()
    await using node = await PortForwardNode.open({ ports: { 80: (port) => heard.resolve(text(port)) } })
    using client = await node.channels('/portForward/default/web?port=80')
    client.send(0, 'the last')
    client.webSocket.close()
    assert.equal(await heard.promise, 'the last')
    await client.closed
  })

  it('are let go of with a client that vanishes', async () => {
    const port = Promise.withResolvers<Duplex>()
    await using node = await PortForwardNode.open({ ports: { 80: port.resolve } })
    const client = await node.channels('/portForward/default/web?port=80')
    const connection = await port.promise
    client.webSocket.terminate()
    await new Promise((resolve) => connection.once('close', resolve))
  })

  it('drop what is sent on no channel of theirs', async () => {
    await using node = await PortForwardNode.open({ ports: { 80: echo } })
    using client = await node.channels('/portForward/default/web?port=80')
    for (const channel of [1, 2, 255]) client.send(channel, 'lost')
    client.webSocket.send(Buffer.alloc(0))
    client.send(0, 'hello')
    assert.equal(await client.until(0, /hello$/u), `${eighty}hello`)
    assert.equal(client.of(1), eighty)
  })
})
