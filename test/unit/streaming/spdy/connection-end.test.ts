import assert from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { acceptSpdy, type SpdyConnection } from '../../../../src/streaming/spdy/connection.ts'
import { Loopback } from '../../../support/loopback.ts'
import { quiet } from '../../../support/quiet.ts'
import { SpdyClient } from '../../../support/spdy-client.ts'
import { SpdyPair } from '../../../support/spdy-pair.ts'

describe('A SPDY connection ends', () => {
  it('when it is closed: open streams are reset, the client is told and then the socket ends', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    pair.connection.close()
    await pair.client.over()
    assert.equal(pair.client.hasReset(1), true)
    assert.deepEqual(pair.client.ofKind('goaway'), [{ kind: 'goaway', lastStreamId: 1, status: 0 }])
    assert.equal(stream.destroyed, true)
    assert.equal(await pair.isOver(), true)
    pair.client.end()
    await pair.connection.closed
  })

  it('with all sent that was to be sent', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    const bytes = Buffer.alloc(500_000, 'x')
    stream.end(bytes)
    await once(stream, 'finish')
    pair.connection.close()
    await pair.client.over()
    assert.equal(pair.client.received(1).length, bytes.length)
    assert.equal(pair.client.hasEnded(1), true)
  })

  it('soon, with a client that never closes its end', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const pair = new SpdyPair()
    pair.connection.close()
    await pair.client.over()
    test.mock.timers.tick(2000)
    await pair.connection.closed
  })

  it('after a while, with a client that does not read what is left for it', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const pair = new SpdyPair({ idleTimeoutMs: 60_000 })
    const stream = await pair.open()
    pair.wire.pause()
    stream.write(Buffer.alloc(500_000))
    await quiet()
    pair.connection.close()
    await quiet()
    test.mock.timers.tick(59_000)
    assert.equal(pair.socket.destroyed, false)
    test.mock.timers.tick(1000)
    await pair.connection.closed
  })

  it('when its client says goodbye: what follows is not looked at', async () => {
    const pair = new SpdyPair()
    pair.wire.cork()
    pair.client.send({ kind: 'goaway', lastStreamId: 0, status: 0 })
    pair.client.open()
    pair.wire.uncork()
    await pair.client.over()
    assert.deepEqual(pair.client.ofKind('syn-reply'), [])
    pair.client.end()
    await pair.connection.closed
  })

  it('when its client says goodbye', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    pair.client.send({ kind: 'goaway', lastStreamId: 0, status: 0 })
    pair.client.end()
    await assert.rejects(text(stream), /the client has gone away/)
    await pair.connection.closed
    assert.equal(await pair.isOver(), true)
  })

  it('when the socket is torn, with all its streams', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const pair = new SpdyPair()
    const streams = [await pair.open(), await pair.open()]
    streams[0]?.write('on its way')
    pair.wire.destroy()
    await quiet()
    test.mock.timers.tick(2000)
    await pair.connection.closed
    assert.deepEqual(
      streams.map(({ destroyed }) => destroyed),
      [true, true],
    )
    assert.equal(await pair.isOver(), true)
  })

  it('and leaves nothing on its signal', async () => {
    const { signal } = new AbortController()
    const pair = new SpdyPair({ signal })
    assert.equal(getEventListeners(signal, 'abort').length, 1)
    pair.client.end()
    await pair.connection.closed
    assert.deepEqual(getEventListeners(signal, 'abort'), [])
  })

  it('when its signal fires, before or after', async () => {
    const controller = new AbortController()
    const before = new SpdyPair({ signal: controller.signal })
    controller.abort()
    const after = new SpdyPair({ signal: controller.signal })
    for (const { client, connection } of [before, after]) {
      await client.over()
      client.end()
      await connection.closed
    }
  })

  it('after a frame that cannot be read, and says so', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    pair.client.raw(Buffer.from([0x80, 4, 0, 1, 0, 0, 0, 0]))
    await pair.client.until((client) => client.ofKind('goaway').length > 0)
    assert.deepEqual(pair.client.ofKind('goaway'), [{ kind: 'goaway', lastStreamId: 1, status: 1 }])
    assert.equal(stream.destroyed, true)
    assert.equal(pair.connection.fault?.message, 'a frame is of version 4 of SPDY, not 3')
  })

  it('when nothing went either way for too long, and not while something does', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const pair = new SpdyPair({ idleTimeoutMs: 1000 })
    const stream = await pair.open()
    test.mock.timers.tick(900)
    pair.client.send({ kind: 'ping', id: 1 })
    await quiet()
    test.mock.timers.tick(900)
    stream.write('x')
    await quiet()
    test.mock.timers.tick(900)
    assert.equal(stream.destroyed, false)
    test.mock.timers.tick(100)
    assert.equal(stream.destroyed, true)
    await pair.client.over()
  })
})

describe('A SPDY connection over TCP', () => {
  it('ends when the client is gone, though nobody reads what it has sent', async (test) => {
    test.mock.timers.enable({ apis: ['setInterval'] })
    const { promise, resolve } = Promise.withResolvers<SpdyConnection>()
    await using server = await Loopback.tcp((socket) => {
      resolve(acceptSpdy(socket, Buffer.alloc(0), { idleTimeoutMs: 3_600_000, signal: test.signal }))
    })
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    const client = new SpdyClient(socket)
    client.open()
    client.data(1, Buffer.alloc(1024 * 1024))
    const connection = await promise
    for await (const stream of connection.streams()) {
      await client.until(({ frames }) => frames.length > 0)
      await quiet()
      socket.resetAndDestroy()
      await quiet()
      assert.equal(stream.destroyed, false)
      test.mock.timers.tick(30_000)
      await connection.closed
      assert.equal(stream.destroyed, true)
    }
  })
})
