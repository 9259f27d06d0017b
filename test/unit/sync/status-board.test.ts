import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configSourceAnnotation } from '../../../src/model/pod.ts'
import { StatusBoard } from '../../../src/sync/status-board.ts'
import { aPod, aPodUid } from '../../builders/pod.ts'
import { quiet } from '../../support/quiet.ts'
import { running, WriterBed } from './writer-bed.ts'

const signal = new AbortController().signal

describe('the status board', () => {
  it('knows the newest status of each Pod until that is forgotten', () => {
    const board = new StatusBoard(undefined)
    board.report(aPod(), running(0))
    board.report(aPod(), running(1))
    assert.deepEqual(board.get(aPodUid), running(1))
    assert.equal(board.get('another'), undefined)
    board.forget(aPodUid)
    assert.equal(board.get(aPodUid), undefined)
  })

  it('hands on the status of a Pod that has an object in the API server', async (t) => {
    const bed = new WriterBed(t)
    const board = new StatusBoard(bed.writer)
    board.report(bed.pod, running(0))
    await quiet()
    assert.equal(bed.held?.phase, 'Running')
    await board.finish(bed.pod, signal)
    assert.equal(bed.held, undefined)
  })

  it('keeps that of a static Pod to itself', async (t) => {
    const bed = new WriterBed(t)
    const board = new StatusBoard(bed.writer)
    board.report(aPod({ metadata: { annotations: { [configSourceAnnotation]: 'file' } } }), running(0))
    await quiet()
    assert.deepEqual(bed.cluster.calls, [])
    assert.deepEqual(board.get(aPodUid), running(0))
  })

  it('has nothing to finish where there is no API server', async () => {
    const board = new StatusBoard(undefined)
    board.report(aPod(), running(0))
    await board.finish(aPod(), signal)
  })
})
