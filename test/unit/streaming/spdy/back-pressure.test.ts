import assert from 'node:assert/strict'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { encodeControlFrame, encodeDataHeader } from '../../../../src/streaming/spdy/encode-frames.ts'
import { HeaderDeflater } from '../../../../src/streaming/spdy/header-compression.ts'
import { quiet } from '../../../support/quiet.ts'
import { SpdyPair } from '../../../support/spdy-pair.ts'

const kib = 1024
const mib = 1024 * kib

/** Sends frames until the wire takes no more, or `most` of them; gives how many. */
async function sendWhileTaken(pair: SpdyPair, frame: Buffer, most: number): Promise<number> {
  for (let sent = 1; sent <= most; sent += 1) {
    if (pair.wire.write(frame)) continue
    await quiet()
    if (pair.wire.writableNeedDrain) return sent
  }
  return most
}

function dataFrame(streamId: number, bytes: number): Buffer {
  return Buffer.concat([encodeDataHeader(streamId, bytes, false), Buffer.alloc(bytes, 'x')])
}

describe('A client that sends faster than its stream is read', () => {
  it('is not read any more, and goes on when it is', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    const frame = dataFrame(1, 32 * kib)
    const sent = await sendWhileTaken(pair, frame, 1000)
    assert.ok(sent * 32 * kib >= 256 * kib && sent * 32 * kib < mib, `${sent} frames were taken`)
    pair.client.data(1, '', { fin: true })
    assert.equal((await buffer(stream)).length, sent * 32 * kib)
  })

  it('is not read any more with bytes one by one, either', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    const frames = Buffer.concat(Array.from({ length: kib }, () => dataFrame(1, 1)))
    const sent = await sendWhileTaken(pair, frames, 1000)
    assert.ok(sent < 20, `${sent * kib} bytes were taken`)
    pair.client.data(1, '', { fin: true })
    assert.equal((await buffer(stream)).length, sent * kib)
  })

  it('has its other streams read until then, and after', async () => {
    const pair = new SpdyPair()
    const stalled = await pair.open()
    const other = await pair.open()
    pair.client.data(1, Buffer.alloc(200 * kib))
    pair.client.data(3, 'goes on, ')
    const [first] = await once(other, 'data')
    assert.equal(String(first), 'goes on, ')
    pair.client.data(1, Buffer.alloc(200 * kib), { fin: true })
    pair.client.data(3, 'and on', { fin: true })
    const rest = text(other)
    assert.equal((await buffer(stalled)).length, 400 * kib)
    assert.equal(await rest, 'and on')
  })

  it('is read again when the stream that stopped it is over', async () => {
    const pair = new SpdyPair()
    const stalled = await pair.open()
    const other = await pair.open()
    pair.client.data(1, Buffer.alloc(mib))
    pair.client.data(3, 'goes on', { fin: true })
    await quiet()
    assert.equal(pair.socket.isPaused(), true)
    stalled.reset()
    assert.equal(await text(other), 'goes on')
  })

  it('cannot fill the memory with many streams', async () => {
    const pair = new SpdyPair()
    for (let count = 0; count < 100; count += 1) pair.client.open()
    await quiet()
    let sent = 0
    for (let id = 1; id <= 199; id += 2) sent += (await sendWhileTaken(pair, dataFrame(id, 64 * kib), 3)) * 64 * kib
    assert.ok(sent > 5 * mib)
    assert.ok(sent - pair.wire.writableLength < 5 * mib, `${sent - pair.wire.writableLength} bytes were taken`)
    pair.wire.destroy()
  })
})

describe('A client that reads slower than is sent', () => {
  it('holds up the sender', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    pair.wire.pause()
    let written = 0
    while (written < 10 * mib && stream.write(Buffer.alloc(32 * kib))) written += 32 * kib
    await quiet()
    assert.ok(written < mib)
    assert.equal(stream.writableNeedDrain, true)
    assert.ok(pair.socket.writableLength < 256 * kib)
    const drained = once(stream, 'drain')
    pair.wire.resume()
    await drained
  })

  it('gets nothing more of a stream that is reset meanwhile', async () => {
    const pair = new SpdyPair()
    const [stalled, other] = [await pair.open(), await pair.open()]
    pair.wire.pause()
    stalled.write(Buffer.alloc(4 * mib))
    await quiet()
    stalled.reset()
    other.end('other')
    pair.wire.resume()
    await pair.client.until((client) => client.hasEnded(3))
    assert.equal(pair.client.hasReset(1), true)
    assert.ok(pair.client.received(1).length < mib)
  })

  it('gets every stream in its turn', async () => {
    const pair = new SpdyPair()
    const [large, small] = [await pair.open(), await pair.open()]
    pair.wire.pause()
    large.write(Buffer.alloc(4 * mib))
    small.end('small')
    pair.wire.resume()
    await pair.client.until((client) => client.hasEnded(3))
    const place = pair.client.ofKind('data').findIndex(({ streamId }) => streamId === 3)
    assert.ok(place <= 2, `${place} frames of the large one came before`)
  })

  it('is not answered for ever: its pings wait', async () => {
    const pair = new SpdyPair()
    pair.wire.pause()
    const ping = encodeControlFrame({ kind: 'ping', id: 1 }, new HeaderDeflater())
    const pings = Buffer.concat(Array.from({ length: 5000 }, () => ping))
    const sent = await sendWhileTaken(pair, pings, 1000)
    assert.ok(sent < 20, `${sent * 5000} pings were taken`)
    assert.ok(pair.socket.writableLength < mib)
    pair.wire.resume()
    await pair.client.until((client) => client.ofKind('ping').length === sent * 5000)
  })
})
