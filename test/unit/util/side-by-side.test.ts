import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sideBySide } from '../../../src/util/side-by-side.ts'

async function* later(...items: readonly number[]): AsyncGenerator<number> {
  for (const item of items) {
    await Promise.resolve()
    yield item
  }
}

const items = Array.from({ length: 20 }, (_, index) => index)

describe('sideBySide', () => {
  for (const [kind, source] of [
    ['that are there', () => items],
    ['that come by and by', () => later(...items)],
  ] as const) {
    it(`does the work for all items ${kind}, no more of them at a time than it may`, async () => {
      const done: number[] = []
      let [running, most] = [0, 0]
      await sideBySide(3, source(), async (item) => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
        done.push(item)
      })
      assert.deepEqual([done.toSorted((a, b) => a - b), running, most], [items, 0, 3])
    })
  }

  it('throws the first failure when what was under way has ended, and begins no more', async () => {
    const begun: number[] = []
    const ended: number[] = []
    const work = sideBySide(2, later(...items), async (item) => {
      begun.push(item)
      await new Promise((resolve) => setImmediate(resolve))
      if (item === 1) throw new Error('no')
      ended.push(item)
    })
    await assert.rejects(work, { message: 'no' })
    assert.ok(begun.length < 5, begun.join())
    assert.deepEqual(
      ended,
      begun.filter((item) => item !== 1),
    )
  })

  it('asks for no more items, and lets go of where they come from, when one has failed', async () => {
    let isClosed = false
    async function* source(): AsyncGenerator<number> {
      try {
        yield* items
      } finally {
        isClosed = true
      }
    }
    await assert.rejects(
      sideBySide(2, source(), async () => Promise.reject(new Error('no'))),
      { message: 'no' },
    )
    assert.equal(isClosed, true)
  })

  it('throws what keeps the items from coming', async () => {
    async function* source(): AsyncGenerator<number> {
      yield 1
      throw new Error('broken')
    }
    await assert.rejects(
      sideBySide(2, source(), async () => {}),
      { message: 'broken' },
    )
  })
})
