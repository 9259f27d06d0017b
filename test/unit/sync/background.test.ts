import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Background } from '../../../src/sync/background.ts'

/** Resolves when the signal fires. */
function untilEnded(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  return promise
}

function noFault(error: unknown): void {
  throw error
}

describe('what goes on in the background', () => {
  it('is ended with its worker, which waits for it', async () => {
    const background = new Background(new AbortController().signal, noFault)
    const ended: string[] = []
    for (const name of ['one', 'two']) {
      background.begin(async (signal) => {
        await untilEnded(signal)
        ended.push(name)
      })
    }
    assert.deepEqual(ended, [])
    await background.end()
    assert.deepEqual(ended, ['one', 'two'])
  })

  it('is ended with the agent, and each of its works with a signal of its own', async () => {
    const agent = new AbortController()
    const own = new AbortController()
    const background = new Background(agent.signal, noFault)
    const ended: string[] = []
    const work = (name: string) => async (signal: AbortSignal) => {
      await untilEnded(signal)
      ended.push(name)
    }
    background.begin(work('one'), own.signal)
    background.begin(work('two'))
    own.abort()
    await Promise.resolve()
    assert.deepEqual(ended, ['one'])
    agent.abort()
    await background.end()
    assert.deepEqual(ended, ['one', 'two'])
  })

  it('tells of a work that throws, and goes on with the others', async () => {
    const faults: unknown[] = []
    const background = new Background(new AbortController().signal, (error) => faults.push(error))
    const fault = new Error('against its promise')
    background.begin(async () => {
      throw fault
    })
    await background.end()
    assert.deepEqual(faults, [fault])
  })
})
