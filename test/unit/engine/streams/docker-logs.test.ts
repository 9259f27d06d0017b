import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { outputFrames, outputParts, wholeOutput } from '../../../../src/engine/docker-stream.ts'
import { tail } from '../../../../src/engine/streams/docker-logs.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { dockerFrame } from '../../../support/docker-frames.ts'

describe('tail', () => {
  it('keeps the last 64 KiB, from the beginning of a character on', async () => {
    const text = 'a'.repeat(70_000) + 'ä'.repeat(32 * 1024)
    assert.equal(await tailOf(text), 'ä'.repeat(32 * 1024))
    assert.equal(await tailOf(`${text}b`), `${'ä'.repeat(32 * 1024 - 1)}b`)
  })

  it('is empty for an empty log', async () => {
    assert.equal(await tail(outputFrames(Readable.from([]))), '')
  })
})

describe('outputFrames', () => {
  it('throws what Docker says has gone wrong, after what came before', async () => {
    const parts = outputFrames(Readable.from([dockerFrame(1, 'one\n'), dockerFrame(3, 'Error grabbing logs: EOF\n')]))
    assert.equal((await parts.next()).value?.payload.toString(), 'one\n')
    await assert.rejects(parts.next(), new KubeletError('internal', 'Error grabbing logs: EOF'))
  })
})

function tailOf(text: string): Promise<string> {
  return tail(outputParts(Readable.from([Buffer.from(text)]), wholeOutput))
}
