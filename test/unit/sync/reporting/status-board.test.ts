import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMirrorAnnotation, configSourceAnnotation } from '../../../../src/model/pod.ts'
import { StatusBoard } from '../../../../src/sync/reporting/status-board.ts'
import { aPod, aPodUid } from '../../../builders/pod.ts'
import { quiet } from '../../../support/quiet.ts'
import { restartsOf, running, WriterBed } from './writer-bed.ts'

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

  it('keeps that of a static Pod without mirror to itself', async (t) => {
    const bed = new WriterBed(t)
    const board = new StatusBoard(bed.writer)
    board.report(aPod({ metadata: { annotations: { [configSourceAnnotation]: 'file' } } }), running(0))
    await quiet()
    assert.deepEqual(bed.cluster.calls, [])
    assert.deepEqual(board.get(aPodUid), running(0))
  })

  it('writes that of a static Pod onto its mirror, for as long as there is one', async (t) => {
    const bed = new WriterBed(t)
    const board = new StatusBoard(bed.writer)
    const mirror = { ...bed.pod, metadata: { ...bed.pod.metadata, annotations: { [configMirrorAnnotation]: aPodUid } } }
    const pod = aPod({ metadata: { annotations: { [configSourceAnnotation]: 'file' } } })
    board.report(pod, running(0))
    board.addMirror(mirror)
    await quiet()
    assert.equal(restartsOf(bed.held), 0)
    board.report(pod, running(1))
    await quiet()
    assert.equal(restartsOf(bed.held), 1)
    board.removeMirror({ ...mirror, metadata: { ...mirror.metadata, uid: 'an-earlier-mirror' } })
    board.report(pod, running(2))
    await quiet()
    assert.equal(restartsOf(bed.held), 2)
    board.removeMirror(mirror)
    board.report(pod, running(3))
    bed.server.updatePod('default', 'web', { status: { phase: 'Pending' } })
    await bed.observe()
    assert.deepEqual([restartsOf(bed.held), bed.held?.phase], [2, 'Pending'])
  })

  it('has nothing to finish where there is no API server', async () => {
    const board = new StatusBoard(undefined)
    board.report(aPod(), running(0))
    await board.finish(aPod(), signal)
  })
})
