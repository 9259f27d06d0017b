import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { quiet } from '../../../support/quiet.ts'
import { SpdyPair } from '../../../support/spdy-pair.ts'

describe('A SPDY connection', () => {
  it('hands out the streams that its client opens, with their headers, and answers each', async () => {
    const pair = new SpdyPair()
    const first = await pair.open({ streamType: 'data', port: '80' })
    const second = await pair.open({ streamType: 'error' })
    assert.deepEqual([first.id, second.id], [1, 3])
    assert.equal(first.headers.get('streamtype'), 'data')
    assert.equal(first.headers.get('port'), '80')
    assert.equal(second.headers.get('streamtype'), 'error')
    await pair.client.until((client) => client.ofKind('syn-reply').length === 2)
    assert.deepEqual(
      pair.client.ofKind('syn-reply').map(({ streamId }) => streamId),
      [1, 3],
    )
  })

  it('carries data both ways, and each direction ends by itself', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    pair.client.data(1, 'hello, ')
    pair.client.data(1, 'server', { fin: true })
    assert.equal(await text(stream), 'hello, server')
    assert.equal(stream.destroyed, false)
    stream.end('hello, client')
    await pair.client.until((client) => client.hasEnded(1))
    assert.equal(pair.client.received(1).toString(), 'hello, client')
    assert.equal(pair.client.hasReset(1), false)
  })

  it('goes on sending after its client has ended its direction with the opening frame', async () => {
    const pair = new SpdyPair()
    pair.client.open({}, { fin: true })
    const stream = await pair.next()
    assert.equal(await text(stream), '')
    stream.end('still here')
    await pair.client.until((client) => client.hasEnded(1))
    assert.equal(pair.client.received(1).toString(), 'still here')
  })

  it('sends nothing on a stream that takes nothing', async () => {
    const pair = new SpdyPair()
    pair.client.open({}, { unidirectional: true })
    const stream = await pair.next()
    assert.equal(stream.writable, false)
    pair.client.data(1, 'one way', { fin: true })
    assert.equal(await text(stream), 'one way')
    assert.deepEqual(pair.client.ofKind('data'), [])
  })

  it('cuts what is too long for one frame', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    const bytes = Buffer.alloc(300_000, 'abcdefg')
    stream.end(bytes)
    await pair.client.until((client) => client.hasEnded(1))
    assert.ok(pair.client.received(1).equals(bytes))
    assert.ok(pair.client.ofKind('data').every(({ payload }) => payload.length <= 65_536))
  })

  it('answers the pings of its client, and not the answers to its own', async () => {
    const pair = new SpdyPair()
    pair.client.send({ kind: 'ping', id: 2 })
    pair.client.send({ kind: 'ping', id: 7 })
    await pair.client.until((client) => client.ofKind('ping').length > 0)
    assert.deepEqual(pair.client.ofKind('ping'), [{ kind: 'ping', id: 7 }])
  })

  it('does not care for settings, windows and replies', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    pair.client.send({ kind: 'settings', settings: [{ id: 7, value: 1 }] })
    pair.client.send({ kind: 'window-update', streamId: 1, bytes: 1 })
    pair.client.send({ kind: 'syn-reply', streamId: 1, fin: true, headers: new Map() })
    pair.client.data(1, 'goes on', { fin: true })
    assert.equal(await text(stream), 'goes on')
  })

  it('waits for no window: spdystream never opens one', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    const bytes = Buffer.alloc(1024 * 1024)
    stream.end(bytes)
    await pair.client.until((client) => client.hasEnded(1))
    assert.equal(pair.client.received(1).length, bytes.length)
  })

  it('takes headers that end a stream for its end', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    pair.client.send({ kind: 'headers', streamId: 1, fin: true, headers: new Map([['more', 'x']]) })
    assert.equal(await text(stream), '')
  })

  it('reads what came behind the request', async () => {
    const sender = new SpdyPair()
    const sent: Buffer[] = []
    sender.client.raw = (bytes) => void sent.push(bytes)
    sender.client.open({ streamtype: 'stdin' })
    sender.client.data(1, 'early', { fin: true })
    const pair = new SpdyPair({ head: Buffer.concat(sent) })
    const stream = await pair.next()
    assert.equal(stream.headers.get('streamtype'), 'stdin')
    assert.equal(await text(stream), 'early')
  })
})

describe('A stream of a SPDY connection', () => {
  it('is destroyed when its client resets it, and the others go on', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    const other = await pair.open()
    pair.client.send({ kind: 'rst-stream', streamId: 1, status: 5 })
    await assert.rejects(text(stream), /the client has reset stream 1/)
    pair.client.data(1, 'lost')
    pair.client.data(3, 'arrives', { fin: true })
    assert.equal(await text(other), 'arrives')
    assert.equal(pair.client.hasReset(1), false)
  })

  it('tells its client when it is reset, and takes nothing more', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    const other = await pair.open()
    stream.reset()
    await pair.client.until((client) => client.hasReset(1))
    pair.client.data(1, 'lost')
    pair.client.data(3, 'arrives', { fin: true })
    assert.equal(await text(other), 'arrives')
    assert.equal(pair.client.ofKind('rst-stream').length, 1)
  })

  it('is not reset when both directions have ended and what came was read', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    stream.end()
    pair.client.data(1, '', { fin: true })
    assert.equal(await text(stream), '')
    await quiet()
    assert.equal(stream.destroyed, true)
    assert.equal(pair.client.hasReset(1), false)
  })

  it('is reset when its client goes on after its end', async () => {
    const pair = new SpdyPair()
    const stream = await pair.open()
    pair.client.data(1, 'end', { fin: true })
    pair.client.data(1, 'and more')
    await pair.client.until((client) => client.hasReset(1))
    assert.equal(stream.destroyed, true)
  })

  it('is refused when what it is opened with says so', async () => {
    const pair = new SpdyPair({ refuse: (headers) => (headers.has('port') ? undefined : '"port" header is required') })
    pair.client.open({})
    pair.client.open({ port: '1' })
    assert.equal((await pair.next()).id, 3)
    assert.equal(pair.client.hasReset(1), true)
    assert.deepEqual(
      pair.client.ofKind('syn-reply').map(({ streamId }) => streamId),
      [3],
    )
  })

  it('is refused when its id was there already, or is not a client\u2019s', async () => {
    const pair = new SpdyPair()
    const headers = new Map<string, string>()
    for (const streamId of [5, 5, 3, 6]) {
      pair.client.send({ kind: 'syn-stream', streamId, fin: false, unidirectional: false, headers })
    }
    await pair.client.until((client) => client.ofKind('rst-stream').length === 3)
    assert.deepEqual(
      pair.client.ofKind('rst-stream').map(({ streamId }) => streamId),
      [5, 3, 6],
    )
  })

  it('is refused when there are too many', async () => {
    const pair = new SpdyPair()
    for (let count = 0; count <= 2048; count += 1) pair.client.open()
    await pair.client.until((client) => client.ofKind('rst-stream').length > 0)
    assert.deepEqual(pair.client.ofKind('rst-stream'), [{ kind: 'rst-stream', streamId: 4097, status: 3 }])
    assert.equal(pair.client.ofKind('syn-reply').length, 2048)
  })
})
