import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TerminalSize } from '../../../src/engine/streams/container-session.ts'
import { terminalSizes } from '../../../src/streaming/terminal-sizes.ts'

async function* sent(...chunks: readonly string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

async function sizesIn(stream: AsyncIterable<Buffer>): Promise<readonly TerminalSize[]> {
  const sizes: TerminalSize[] = []
  for await (const size of terminalSizes(stream)) sizes.push(size)
  return sizes
}

async function* broken(): AsyncGenerator<Buffer> {
  yield Buffer.from('{"Width":1,"Height":2}')
  throw new Error('reset')
}

describe('The sizes in a resize stream', () => {
  it('are read wherever it is cut', async () => {
    assert.deepEqual(await sizesIn(sent('{"Width":80,"Hei', 'ght":24}\n{"Width":81,"Height":25}{"Wid')), [
      { width: 80, height: 24 },
      { width: 81, height: 25 },
    ])
  })

  it('below 1 are skipped', async () => {
    assert.deepEqual(await sizesIn(sent('{"Width":0,"Height":24}{"Height":3}{"Width":5,"Height":6}')), [
      { width: 5, height: 6 },
    ])
  })

  it('end at what is no size, with nothing kept of it', async () => {
    for (const nonsense of [
      '{"Width":"x"}',
      '{"Width":70000,"Height":1}',
      '}',
      '[1]}',
      '{"Width":1.5}',
      'x'.repeat(2000),
    ]) {
      const sizes = sizesIn(sent('{"Width":1,"Height":2}', nonsense, '{"Width":3,"Height":4}'))
      assert.deepEqual(await sizes, [{ width: 1, height: 2 }], nonsense)
    }
  })

  it('end with the client', async () => {
    assert.deepEqual(await sizesIn(broken()), [{ width: 1, height: 2 }])
  })
})
