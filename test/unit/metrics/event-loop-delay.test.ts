import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventLoopDelay } from '../../../src/metrics/event-loop-delay.ts'
import { Feed } from '../../support/feed.ts'

/** Milliseconds between two samples, as Node reports them: a second, and what the thread was held up for. */
class Samples {
  max = 0
  enabled = false
  readonly resets = new Feed<number>('Looks at the samples')

  held(ms: number): void {
    this.max = (1000 + ms) * 1e6
  }

  enable(): boolean {
    this.enabled = true
    return true
  }

  disable(): boolean {
    this.enabled = false
    return true
  }

  reset(): void {
    this.max = 0
    this.resets.push(this.resets.items.length)
  }

  /** Waits for two more looks: the first of them may have been under way. */
  async looked(): Promise<void> {
    const before = this.resets.items.length
    await this.resets.until('two more looks', ({ length }) => (length >= before + 2 ? true : undefined))
  }
}

function values(delay: EventLoopDelay): readonly (number | undefined)[] {
  return delay.families().map(({ samples }) => [...samples][0]?.value)
}

describe('What the agent is held up for', () => {
  it('is measured, now and at its longest, and told of when it is a second or more', async () => {
    const samples = new Samples()
    const told: unknown[] = []
    const warn = (message: string, fields: unknown): void => void told.push([message, fields])
    const delay = new EventLoopDelay({ log: { warn }, histogram: samples, intervalMs: 1 })
    assert.deepEqual(values(delay), [0, 0])
    const ending = new AbortController()
    const run = delay.run(ending.signal)
    assert.equal(samples.enabled, true)
    samples.held(300)
    assert.deepEqual(values(delay), [0.3, 0.3])
    await samples.looked()
    assert.deepEqual([values(delay), told], [[0, 0.3], []])
    samples.held(2500)
    await samples.looked()
    assert.deepEqual(values(delay), [0, 2.5])
    assert.deepEqual(told, [['The agent was held up: everything had to wait', { ms: 2500 }]])
    ending.abort()
    await run
    assert.equal(samples.enabled, false)
  })
})
