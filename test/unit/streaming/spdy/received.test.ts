import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Received } from '../../../../src/streaming/spdy/received.ts'

const kib = 1024

describe('What came on a stream', () => {
  it('is given in its order, small chunks in one', () => {
    const received = new Received()
    for (let count = 0; count < 1000; count += 1) received.add(Buffer.from(`${count % 10}`))
    const taken = received.take()
    assert.equal(taken?.toString(), '0123456789'.repeat(100))
    assert.equal(received.take(), undefined)
    assert.equal(received.cost, 0)
  })

  it('is given in chunks that stay small', () => {
    const received = new Received()
    for (let count = 0; count < 10; count += 1) received.add(Buffer.alloc(3 * kib))
    const lengths = []
    for (let taken = received.take(); taken !== undefined; taken = received.take()) lengths.push(taken.length)
    assert.deepEqual(lengths, [6 * kib, 6 * kib, 6 * kib, 6 * kib, 6 * kib])
  })

  it('keeps no more in memory than itself, and a large chunk without a copy', () => {
    const received = new Received()
    const read = Buffer.from(new ArrayBuffer(64 * kib))
    received.add(read.subarray(0, 10 * kib))
    received.add(read.subarray(10 * kib))
    assert.ok((received.take()?.buffer.byteLength ?? 0) < 64 * kib)
    assert.equal(received.take()?.buffer, read.buffer)
  })

  it('costs something even when it is little', () => {
    const received = new Received()
    for (let count = 0; count < 100; count += 1) received.add(Buffer.alloc(1))
    assert.ok(received.cost > 1000)
    received.clear()
    assert.equal(received.cost, 0)
    assert.equal(received.isEmpty, true)
  })
})
