import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DiskLedger } from '../../../../src/stats/disk/disk-ledger.ts'

/** A ledger of lengths of names, whose clock is moved by the test. */
class Desk implements Disposable {
  readonly measured: string[] = []
  readonly life = new AbortController()
  nowMs = 1_000_000
  /** How long a measurement takes. */
  lastsMs = 0
  readonly ledger = new DiskLedger<string, number>({
    keyOf: (name) => name,
    measure: async (name) => {
      this.measured.push(name)
      this.nowMs += this.lastsMs
      return name.length
    },
    nowMs: () => this.nowMs,
    signal: this.life.signal,
  });

  [Symbol.dispose](): void {
    this.life.abort()
  }
}

describe('What lies on disks', () => {
  it('is measured behind the back of who asks first, and known to who asks next', async () => {
    using desk = new Desk()
    assert.equal(desk.ledger.get('abc'), undefined)
    await desk.ledger.settled()
    assert.equal(desk.ledger.get('abc'), 3)
    assert.deepEqual(desk.measured, ['abc'])
  })

  it('is measured again when it is old, and shown as it was until then', async () => {
    using desk = new Desk()
    desk.ledger.get('abc')
    await desk.ledger.settled()
    desk.nowMs += 44_000
    assert.equal(desk.ledger.get('abc'), 3)
    await desk.ledger.settled()
    assert.equal(desk.measured.length, 1)
    desk.nowMs += 1000
    assert.equal(desk.ledger.get('abc'), 3)
    await desk.ledger.settled()
    assert.equal(desk.measured.length, 2)
  })

  it('is measured again where somebody wants to know it newer than it is', async () => {
    using desk = new Desk()
    desk.ledger.get('abc')
    await desk.ledger.settled()
    desk.nowMs += 4999
    desk.ledger.get('abc', 5000)
    await desk.ledger.settled()
    assert.equal(desk.measured.length, 1)
    desk.nowMs += 1
    assert.equal(desk.ledger.get('abc', 5000), 3)
    await desk.ledger.settled()
    assert.equal(desk.measured.length, 2)
  })

  it('is measured the less often the longer that takes', async () => {
    using desk = new Desk()
    desk.lastsMs = 10_000
    desk.ledger.get('abc')
    await desk.ledger.settled()
    for (let second = 0; second < 199; second += 1) {
      desk.nowMs += 1000
      assert.equal(desk.ledger.get('abc'), 3)
    }
    await desk.ledger.settled()
    assert.equal(desk.measured.length, 1)
  })

  it('is not shown when nobody has asked for it for long: it says nothing of now', async () => {
    using desk = new Desk()
    desk.ledger.get('abc')
    await desk.ledger.settled()
    desk.nowMs += 121_000
    assert.equal(desk.ledger.get('abc'), undefined)
    await desk.ledger.settled()
    assert.equal(desk.ledger.get('abc'), 3)
  })

  it('is queued once, however many ask', async () => {
    using desk = new Desk()
    for (let asked = 0; asked < 5; asked += 1) desk.ledger.get('abc')
    await desk.ledger.settled()
    assert.deepEqual(desk.measured, ['abc'])
  })

  it('is not measured any more when the agent ends', async () => {
    using desk = new Desk()
    desk.ledger.get('late')
    desk.life.abort()
    await desk.ledger.settled()
    assert.deepEqual(desk.measured, [])
  })
})
