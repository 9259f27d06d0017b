import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { SharedAnswers } from '../../../../src/server/auth/shared-answers.ts'

describe('answers that are shared', () => {
  it('are asked for once by all who ask at the same time', async ({ signal }) => {
    const answers = sharing(signal, 1000)
    const { promise, resolve } = Promise.withResolvers<string>()
    let asked = 0
    const ask = (): Promise<string> => {
      asked += 1
      return promise
    }
    const all = ['a', 'a', 'a'].map((key) => answers.get(key, ask, signal))
    assert.equal(asked, 1)
    resolve('yes')
    assert.deepEqual(await Promise.all(all), ['yes', 'yes', 'yes'])
  })

  it('are kept for as long as they are good, and no longer', async ({ mock, signal }) => {
    mock.timers.enable({ apis: ['Date'] })
    const answers = sharing(signal, 1000)
    assert.equal(await answers.get('a', async () => 'first', signal), 'first')
    mock.timers.tick(999)
    assert.equal(await answers.get('a', async () => 'second', signal), 'first')
    mock.timers.tick(1)
    assert.equal(await answers.get('a', async () => 'second', signal), 'second')
  })

  it('are asked for each time where they are good for no time', async ({ signal }) => {
    const answers = sharing(signal, 0)
    assert.equal(await answers.get('a', async () => 'first', signal), 'first')
    assert.equal(await answers.get('a', async () => 'second', signal), 'second')
  })

  it('are not kept where they are errors', async ({ signal }) => {
    const answers = sharing(signal, 1000)
    await assert.rejects(
      answers.get('a', () => Promise.reject(new Error('away')), signal),
      /away/u,
    )
    assert.equal(await answers.get('a', async () => 'here', signal), 'here')
  })

  it('go on being asked for by others when one who waits is gone', async ({ signal }) => {
    const answers = sharing(signal, 1000)
    const { promise, resolve } = Promise.withResolvers<string>()
    const first = new AbortController()
    const gone = answers.get('a', () => promise, first.signal)
    const other = answers.get('a', () => promise, signal)
    first.abort()
    await assert.rejects(gone, isAborted)
    resolve('yes')
    assert.equal(await other, 'yes')
  })

  it('are asked for no longer when nobody waits for them any more, and anew by the next', async ({ signal }) => {
    const answers = sharing(signal, 1000)
    const signals: AbortSignal[] = []
    const ask = (asking: AbortSignal): Promise<string> => {
      signals.push(asking)
      return new Promise((_, reject) => asking.addEventListener('abort', () => reject(new Error('ended'))))
    }
    const callers = [new AbortController(), new AbortController()]
    const gone = callers.map((caller) => answers.get('a', ask, caller.signal))
    const ended = (): readonly boolean[] => signals.map(({ aborted }) => aborted)
    const seen: (readonly boolean[])[] = []
    for (const [index, caller] of callers.entries()) {
      caller.abort()
      await assert.rejects(gone[index] ?? assert.fail(), isAborted)
      seen.push(ended())
    }
    assert.deepEqual(seen, [[false], [true]])
    assert.equal(await answers.get('a', async () => 'anew', signal), 'anew')
    assert.equal(signals.length, 1)
  })

  it('are forgotten when more come than may be kept, the longest unused first', async ({ signal }) => {
    const answers = sharing(signal, 1000)
    for (const key of ['a', 'b', 'c', 'a', 'd']) await answers.get(key, async () => `first ${key}`, signal)
    const again = (key: string) => answers.get(key, async () => `second ${key}`, signal)
    assert.deepEqual([await again('a'), await again('c'), await again('d')], ['first a', 'first c', 'first d'])
    assert.equal(await again('b'), 'second b')
  })

  it('are waited for no longer when the agent ends', async ({ signal }) => {
    const life = new AbortController()
    const answers = sharing(life.signal, 1000)
    const ended = answers.get(
      'a',
      (asking) => new Promise((_, reject) => asking.addEventListener('abort', () => reject(new Error('ended')))),
      signal,
    )
    life.abort()
    await assert.rejects(ended, /ended/u)
  })
})

function sharing(signal: AbortSignal, keepMs: number): SharedAnswers<string> {
  return new SharedAnswers({ capacity: 3, keepMs: () => keepMs, signal })
}

function isAborted(error: unknown): boolean {
  return KubeletError.is(error, 'aborted')
}
