import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { quiet } from '../../../support/quiet.ts'
import { away, restartsOf, running, WriterBed } from './writer-bed.ts'

describe('what the API server tells of a Pod', () => {
  it('brings the status back that somebody has written over', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    bed.server.updatePod('default', 'web', { status: { phase: 'Pending', podIP: '10.9.9.9' } })
    await bed.observe()
    assert.deepEqual([bed.held?.phase, bed.held?.podIP], ['Running', '10.1.0.5'])
    assert.equal(bed.sent, 2)
  })

  it('brings the status back that an agent before this one has sent', async (t) => {
    const bed = new WriterBed(t)
    bed.server.updatePod('default', 'web', { status: running(0) })
    await bed.report(running(0), bed.server.requirePod('default', 'web'))
    assert.equal(bed.sent, 0)
    bed.server.updatePod('default', 'web', { status: { podIP: '10.9.9.9' } })
    await bed.observe()
    assert.equal(bed.held?.podIP, '10.1.0.5')
  })

  it('brings the status back that was written over before the first report', async (t) => {
    const bed = new WriterBed(t)
    bed.server.updatePod('default', 'web', { status: running(0) })
    const seen = bed.server.requirePod('default', 'web')
    bed.server.updatePod('default', 'web', { status: { podIP: '10.9.9.9' } })
    await bed.observe()
    await bed.report(running(0), seen)
    await bed.report(running(0), bed.server.requirePod('default', 'web'))
    assert.equal(bed.held?.podIP, '10.1.0.5')
  })

  it('brings the status back that was written over before its answer came', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    const answer = bed.holdAnswers()
    await bed.report(running(1))
    bed.server.updatePod('default', 'web', { status: { podIP: '10.9.9.9' } })
    await bed.observe()
    answer()
    await quiet()
    assert.deepEqual([restartsOf(bed.held), bed.held?.podIP], [1, '10.1.0.5'])
  })

  it('brings the status back that a server has lost which was put back to an older version of it', async (t) => {
    const bed = new WriterBed(t)
    const before = bed.server.requirePod('default', 'web')
    await bed.report(running(0))
    bed.server.updatePod('default', 'web', { status: { podIP: '10.9.9.9' } })
    const { status } = bed.server.requirePod('default', 'web')
    bed.writer.rewind({ ...before, status: status ?? {} })
    await quiet()
    assert.equal(bed.held?.podIP, '10.1.0.5')
  })

  it('leaves the conditions of others as they are', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    const theirs = { type: 'example.com/ready', status: 'True', lastTransitionTime: '2026-11-21T10:00:00Z' }
    bed.server.updatePod('default', 'web', { status: { conditions: [theirs] } })
    await bed.observe()
    await bed.report(running(1))
    assert.ok(bed.held?.conditions?.some(({ type }) => type === theirs.type))
  })

  it('changes nothing when it is older than what was sent', async (t) => {
    const bed = new WriterBed(t)
    const old = bed.server.requirePod('default', 'web')
    await bed.report(running(0))
    bed.writer.observe(old)
    await bed.advance(1000)
    assert.equal(bed.sent, 1)
  })

  it('causes no endless patches where the server does not keep all of it', async (t) => {
    const bed = new WriterBed(t, { unknownStatusFields: ['hostIPs', 'observedGeneration', 'podIPs'] })
    const status = { ...running(0), hostIPs: [{ ip: '192.0.2.10' }], observedGeneration: 1 }
    for (let round = 0; round < 5; round += 1) {
      await bed.report(status)
      await bed.observe()
      await bed.advance(10_000)
    }
    assert.equal(bed.sent, 1)
    assert.equal(bed.held?.hostIPs, undefined)
  })

  it('is not contradicted when it is the end of the Pod: that is for the worker to say', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    bed.server.updatePod('default', 'web', { status: { phase: 'Failed' } })
    await bed.observe()
    assert.equal(bed.sent, 1)
    await bed.report({ ...running(0), phase: 'Failed' })
    assert.equal(bed.held?.phase, 'Failed')
  })

  it('is not contradicted by another end that was on its way', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    bed.server.updatePod('default', 'web', { status: { phase: 'Failed' } })
    await bed.observe()
    await bed.report({ ...running(3), phase: 'Succeeded' })
    assert.deepEqual([restartsOf(bed.held), bed.held?.phase], [3, 'Failed'])
  })

  it('is not contradicted by what was waiting to be sent either', async (t) => {
    const bed = new WriterBed(t)
    await bed.report({ phase: 'Pending' })
    bed.server.updatePod('default', 'web', { status: { phase: 'Failed' } })
    await bed.observe()
    await bed.advance(1000)
    assert.deepEqual([bed.sent, bed.held?.phase], [0, 'Failed'])
  })
})

describe('a Pod whose object is gone', () => {
  const limit = { timeout: 120_000 }
  const forbidden = new KubeletError('forbidden', 'node "node-1" can only update pod status for its own', {
    status: 403,
  })

  it('is sent no more statuses', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    bed.writer.removed(bed.pod)
    await bed.report(running(1))
    await bed.advance(60_000)
    assert.equal(bed.sent, 1)
  })

  it('is sent not even the one that waits behind another', async (t) => {
    const bed = new WriterBed(t)
    const release = bed.gate.hold('patchPodStatus')
    await bed.report(running(0))
    await bed.report(running(1))
    bed.writer.removed(bed.pod)
    release()
    await bed.advance(60_000)
    assert.equal(bed.sent, 1)
  })

  it('is let go when its name has passed to a Pod of another node, which this one may not touch', limit, async (t) => {
    const bed = new WriterBed(t)
    bed.gate.refuseAll(forbidden)
    await bed.report(running(0))
    const finished = bed.writer.finish(bed.pod, new AbortController().signal)
    await bed.advance(1000)
    bed.writer.removed(bed.pod)
    await bed.advance(10_000)
    await finished
    const tries = bed.sent
    await bed.advance(60_000)
    assert.equal(bed.sent, tries)
  })

  it('need not have been heard of', async (t) => {
    const bed = new WriterBed(t)
    bed.writer.removed(bed.pod)
    await bed.report(running(0))
    assert.equal(bed.sent, 1)
  })
})

describe('finishing a Pod', { timeout: 120_000 }, () => {
  /** Marks the Pod as a user's deletion does, and hands it to `finish`. */
  function finish(bed: WriterBed, signal = new AbortController().signal): Promise<void> {
    bed.server.deletePodGracefully('default', 'web')
    return bed.writer.finish(bed.server.requirePod('default', 'web'), signal)
  }

  it('sends its last status, then deletes its object', async (t) => {
    const bed = new WriterBed(t)
    const release = bed.gate.hold('patchPodStatus')
    await bed.report({ ...running(0), phase: 'Failed' })
    const finished = finish(bed)
    await quiet()
    assert.equal(bed.cluster.count('deletePod'), 0)
    release()
    await finished
    assert.deepEqual(
      bed.cluster.calls.map(({ method }) => method),
      ['patchPodStatus', 'deletePod'],
    )
    assert.equal(bed.held, undefined)
  })

  it('goes on trying while the API server is away', async (t) => {
    const bed = new WriterBed(t)
    for (let tries = 0; tries < 3; tries += 1) bed.cluster.failNext('deletePod', away)
    const finished = finish(bed)
    await bed.advance(1400)
    await finished
    assert.equal(bed.cluster.count('deletePod'), 4)
    assert.equal(bed.held, undefined)
  })

  it("is done when the object is gone, or is another Pod's", async (t) => {
    const bed = new WriterBed(t)
    bed.server.deletePodNow(bed.pod)
    const signal = new AbortController().signal
    await bed.writer.finish(bed.pod, signal)
    bed.server.createPod({ name: 'web', nodeName: 'node-1' })
    await bed.writer.finish(bed.pod, signal)
    assert.equal(bed.server.pods.length, 1)
  })

  it('is given up with the agent', async (t) => {
    const bed = new WriterBed(t)
    const end = new AbortController()
    bed.gate.hold('deletePod')
    const finished = finish(bed, end.signal)
    await quiet()
    end.abort()
    await assert.rejects(finished, (error) => KubeletError.is(error, 'aborted'))
    assert.equal(bed.server.pods.length, 1)
  })
})
