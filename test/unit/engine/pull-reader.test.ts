import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PullReader } from '../../../src/engine/pull-reader.ts'
import type { PullProgress } from '../../../src/model/pull-progress.ts'

interface Line {
  readonly id?: string
  readonly status: string
  readonly progress?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
}

function bytes(id: string, status: string, current: number, total: number): Line {
  return { id, status, progressDetail: { current, total }, progress: `${current}B/${total}B` }
}

/** What is known after each of the lines. */
function read(lines: readonly Line[]): readonly (PullProgress | undefined)[] {
  const reader = new PullReader()
  return lines.map((line) => {
    reader.take({ ...line })
    return reader.progress
  })
}

/** In short: layers done, layers, bytes, of bytes. */
function short(progress: PullProgress | undefined): string {
  if (progress === undefined) return ''
  const { layersDone, layers, downloadedBytes, totalBytes } = progress
  return `${layersDone}/${layers} ${downloadedBytes}/${totalBytes ?? '?'}`
}

describe("what a pull's stream says", () => {
  it('is how many layers there are, which are done, and how much of them has come', () => {
    const steps: readonly (readonly [Line, string])[] = [
      [{ id: '1.36', status: 'Pulling from library/app' }, ''],
      [{ id: 'a', status: 'Already exists' }, '1/1 0/0'],
      [{ id: 'b', status: 'Pulling fs layer' }, '1/2 0/?'],
      [{ id: 'c', status: 'Pulling fs layer' }, '1/3 0/?'],
      [{ id: 'c', status: 'Waiting' }, '1/3 0/?'],
      [bytes('b', 'Downloading', 10, 100), '1/3 10/?'],
      [bytes('c', 'Downloading', 1, 50), '1/3 11/150'],
      [{ id: 'b', status: 'Verifying Checksum' }, '1/3 101/150'],
      [{ id: 'b', status: 'Download complete' }, '1/3 101/150'],
      [bytes('b', 'Extracting', 30, 100), '1/3 101/150'],
      [{ id: 'b', status: 'Pull complete' }, '2/3 101/150'],
      [{ id: 'c', status: 'Download complete' }, '2/3 150/150'],
      [{ id: 'c', status: 'Pull complete' }, '3/3 150/150'],
      [{ status: 'Digest: sha256:abc' }, '3/3 150/150'],
      [{ status: 'Status: Downloaded newer image for app:1.36' }, '3/3 150/150'],
    ]
    const seen = read(steps.map(([line]) => line)).map(short)
    assert.deepEqual(
      seen,
      steps.map(([, after]) => after),
    )
  })

  it('counts a layer that was too small to be told of as nothing', () => {
    const [, , last] = read([
      { id: 'a', status: 'Pulling fs layer' },
      { id: 'a', status: 'Download complete' },
      { id: 'a', status: 'Pull complete' },
    ])
    assert.equal(short(last), '1/1 0/0')
  })

  it('does not believe a size of less than nothing', () => {
    assert.equal(short(read([bytes('a', 'Downloading', 7, -1)])[0]), '0/1 7/?')
  })

  it('begins a layer anew where its download does', () => {
    const [, , again] = read([
      bytes('a', 'Downloading', 60, 100),
      { id: 'a', status: 'Retrying in 5 seconds' },
      bytes('a', 'Downloading', 10, 100),
    ])
    assert.equal(short(again), '0/1 10/100')
  })
})

describe('a line of a pull', () => {
  it('is new unless it says of its layer what was said last', () => {
    const reader = new PullReader()
    const lines: readonly (readonly [Line, boolean])[] = [
      [{ status: 'Pulling' }, true],
      [{ status: 'Pulling' }, false],
      [bytes('a', 'Downloading', 1, 9), true],
      [bytes('b', 'Downloading', 1, 9), true],
      [bytes('a', 'Downloading', 1, 9), false],
      [bytes('b', 'Downloading', 2, 9), true],
      [{ id: 'a', status: 'Retrying in 5 seconds' }, true],
      [bytes('a', 'Downloading', 1, 9), true],
    ]
    assert.deepEqual(
      lines.map(([line]) => reader.take({ ...line })),
      lines.map(([, isNew]) => isNew),
    )
  })

  it("is kept as Docker's own tools show it", () => {
    const reader = new PullReader()
    assert.equal(reader.latest, 'No progress')
    reader.take({ id: 'a1', status: 'Downloading', progress: '[==>  ] 1MB/4MB' })
    assert.equal(reader.latest, 'a1: Downloading [==>  ] 1MB/4MB')
    reader.take({ stream: 'Loaded image: x\n' })
    assert.equal(reader.latest, 'Loaded image: x')
  })
})
