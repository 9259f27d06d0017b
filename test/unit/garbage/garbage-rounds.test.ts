import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GarbageRounds } from '../../../src/garbage/garbage-rounds.ts'
import { KubeletError } from '../../../src/model/errors.ts'

/** Rounds that go as `containers` and `images` say, one after the other, until both are through. */
async function rounds(containers: readonly string[], images: readonly string[]): Promise<readonly string[]> {
  const end = new AbortController()
  const told: string[] = []
  const left = { containers: [...containers], images: [...images] }
  const round = (what: keyof typeof left) => async (): Promise<void> => {
    const message = left[what].shift()
    if (left.containers.length + left.images.length === 0 && message === undefined) end.abort()
    if (message !== undefined && message !== '') throw new KubeletError('unavailable', message)
  }
  const collector = new GarbageRounds({
    containers: round('containers'),
    images: round('images'),
    tell: (reason, message) => told.push(`${reason} ${message}`),
    onRound: (what, error) => told.push(`${what} ${error?.message ?? 'well again'}`),
    containersEveryMs: 0,
    imagesEveryMs: 0,
  })
  collector.begin()
  await collector.run(end.signal)
  return told
}

describe('rounds of garbage collection', () => {
  it('tell of nothing where all goes well', async () => {
    assert.deepEqual(await rounds(['', ''], ['', '']), [])
  })

  it('tell of each failure with containers', async () => {
    const told = await rounds(['no Docker', 'no Docker', '', ''], [])
    const failed = ['ContainerGCFailed no Docker', 'containers no Docker']
    assert.deepEqual(told, [...failed, ...failed, 'containers well again'])
  })

  it('tell of a failure with images only from the second in a row on', async () => {
    const told = await rounds([], ['first', '', 'first', 'second', ''])
    assert.deepEqual(told, [
      'images first',
      'images well again',
      'images first',
      'ImageGCFailed second',
      'images second',
      'images well again',
    ])
  })

  it('do not begin before it is known which Pods there are', async () => {
    const end = new AbortController()
    let collected = 0
    const collect = async (): Promise<void> => void (collected += 1)
    const options = { containers: collect, images: collect, tell: assert.fail, onRound: assert.fail }
    const running = new GarbageRounds(options).run(end.signal)
    end.abort()
    await running
    assert.equal(collected, 0)
  })
})
