import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nowMs } from '../../../builders/observed.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { StatusWriter } from '../../../../src/sync/reporting/status-writer.ts'
import { quiet } from '../../../support/quiet.ts'
import { bodiesOf } from '../told.ts'
import { away, pending, reasonsSent, restartsOf, running, WriterBed } from './writer-bed.ts'

describe('a status that is reported', () => {
  it('is sent at once, and told', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    assert.deepEqual(bed.tries, [0])
    assert.equal(bed.held?.phase, 'Running')
    assert.deepEqual(bodiesOf(bed.events), [
      { kind: 'status-sent', phase: 'Running', ready: true, durationMs: 0, changedAtMs: nowMs },
    ])
  })

  it('is not sent twice', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    await bed.report(running(0))
    await bed.observe()
    await bed.advance(60_000)
    assert.equal(bed.sent, 1)
  })

  it('is not sent at all when the API server has it already', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    const writer = new StatusWriter({
      cluster: bed.cluster,
      emit: () => undefined,
      signal: new AbortController().signal,
    })
    writer.report(bed.server.requirePod('default', 'web'), running(0))
    await quiet()
    writer.forget(bed.pod.metadata.uid)
    assert.equal(bed.sent, 1)
  })

  it('is not sent when its Pod was ended by somebody else before anything was reported', async (t) => {
    const bed = new WriterBed(t)
    bed.server.updatePod('default', 'web', { status: { phase: 'Failed' } })
    await bed.observe()
    await bed.report(pending('ContainerCreating'), bed.pod)
    await bed.advance(500)
    assert.equal(bed.sent, 0)
    assert.equal(bed.held?.phase, 'Failed')
  })

  it('waits for the one on its way; of those that wait only the newest is sent', async (t) => {
    const bed = new WriterBed(t)
    const release = bed.gate.hold('patchPodStatus')
    for (const restarts of [0, 1, 2, 3]) await bed.report(running(restarts))
    assert.equal(bed.sent, 1)
    release()
    await quiet()
    assert.equal(bed.sent, 2)
    assert.equal(bed.mostAtOnce, 1)
    assert.equal(restartsOf(bed.held), 3)
  })

  it('is not skipped where the next one would hide that a pull has failed', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(pending('ErrImagePull'))
    await bed.report(pending('ImagePullBackOff'))
    await bed.advance(500)
    assert.equal(bed.sent, 2)
    assert.deepEqual(reasonsSent(bed), ['ErrImagePull', 'ImagePullBackOff'])
  })

  it('is not skipped by one that comes while it fails to be sent, either', async (t) => {
    const bed = new WriterBed(t)
    const release = bed.gate.hold('patchPodStatus')
    bed.cluster.failNext('patchPodStatus', away)
    await bed.report(pending('ErrImagePull'))
    await bed.advance(500)
    await bed.report(pending('ImagePullBackOff'))
    release()
    await bed.advance(1000)
    assert.deepEqual(reasonsSent(bed), ['ErrImagePull', 'ImagePullBackOff'])
  })

  it('is skipped after all when the pull has come to an end', async (t) => {
    const bed = new WriterBed(t)
    const release = bed.gate.hold('patchPodStatus')
    await bed.report(running(0))
    for (const reason of ['ErrImagePull', 'ImagePullBackOff']) await bed.report(pending(reason))
    await bed.report(running(1))
    release()
    await bed.advance(500)
    assert.deepEqual(reasonsSent(bed), [undefined, undefined])
  })

  it('does not wait for those of other Pods', async (t) => {
    const bed = new WriterBed(t)
    const other = bed.server.createPod({ name: 'other', nodeName: 'node-1' })
    bed.gate.hold('patchPodStatus')
    await bed.report(running(0))
    await bed.report(running(0), other)
    assert.equal(bed.mostAtOnce, 2)
  })

  it('of a Pod in the making is held back a moment for the next one', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(pending('ContainerCreating'))
    await bed.advance(100)
    await bed.report(pending('ErrImagePull'))
    assert.equal(bed.sent, 0)
    await bed.advance(300)
    assert.deepEqual(bed.tries, [400])
    assert.deepEqual(bed.held?.containerStatuses?.[0]?.state, { waiting: { reason: 'ErrImagePull' } })
  })

  it('is sent at once when the Pod runs, in place of what was held back', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(pending('ContainerCreating'))
    await bed.advance(100)
    await bed.report(running(0))
    await bed.advance(1000)
    assert.deepEqual(bed.tries, [100])
    assert.equal(bed.held?.phase, 'Running')
  })

  it('of a Pod that is being ended is held back for the one that it ends with', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    bed.server.deletePodGracefully('default', 'web')
    const ending = bed.server.requirePod('default', 'web')
    await bed.report({ ...running(0), observedGeneration: 2 }, ending)
    await bed.advance(100)
    await bed.report({ ...running(0), observedGeneration: 2, phase: 'Succeeded' }, ending)
    assert.deepEqual(bed.tries, [0, 100])
    assert.equal(bed.held?.phase, 'Succeeded')
  })

  it('of a Pod that takes long to end is held back no longer than a moment', async (t) => {
    const bed = new WriterBed(t)
    await bed.report(running(0))
    bed.server.deletePodGracefully('default', 'web')
    await bed.report(running(1), bed.server.requirePod('default', 'web'))
    await bed.advance(1000)
    assert.deepEqual(bed.tries, [0, 400])
  })

  it('takes away what is not true any more: an old reason, an old message', async (t) => {
    const bed = new WriterBed(t)
    const unready = { reason: 'ContainersNotReady', message: 'containers with unready status: [main]' }
    await bed.report({
      ...running(0),
      conditions: [{ type: 'Ready', status: 'False', ...unready, lastTransitionTime: '2026-11-21T10:00:00Z' }],
    })
    await bed.report(running(0))
    assert.deepEqual(bed.held?.conditions, running(0).conditions)
  })
})

describe('a status that could not be sent', () => {
  it('is tried again after 0.2, 0.4, 0.8 … seconds, ten at most', async (t) => {
    const bed = new WriterBed(t)
    for (let tries = 0; tries < 9; tries += 1) bed.cluster.failNext('patchPodStatus', away)
    await bed.report(running(0))
    await bed.advance(60_000)
    const waits = bed.tries.slice(1).map((time, index) => time - (bed.tries[index] ?? 0))
    assert.deepEqual(waits, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
    assert.equal(bed.held?.phase, 'Running')
  })

  it('waits as long as the API server asks for', async (t) => {
    const bed = new WriterBed(t)
    bed.cluster.failNext('patchPodStatus', new KubeletError('throttled', 'Too many requests', { retryAfterSeconds: 7 }))
    await bed.report(running(0))
    await bed.advance(60_000)
    assert.deepEqual(bed.tries, [0, 7000])
  })

  it('gives way to a newer one', async (t) => {
    const bed = new WriterBed(t)
    bed.cluster.failNext('patchPodStatus', away)
    await bed.report(running(0))
    await bed.report(running(1))
    await bed.advance(1000)
    assert.equal(bed.sent, 2)
    assert.equal(restartsOf(bed.held), 1)
  })

  it('because somebody else was quicker is tried again', async (t) => {
    const bed = new WriterBed(t)
    bed.cluster.failNext(
      'patchPodStatus',
      new KubeletError('conflict', 'the object has been modified', { status: 409 }),
    )
    await bed.report(running(0))
    await bed.advance(1000)
    assert.equal(bed.held?.phase, 'Running')
  })

  it('because the API server refuses it is told, and not repeated; the next one is sent', async (t) => {
    const bed = new WriterBed(t)
    bed.cluster.failNext('patchPodStatus', new KubeletError('invalid', 'status.podIP: Invalid value', { status: 422 }))
    await bed.report(running(0))
    await bed.advance(60_000)
    assert.equal(bed.sent, 1)
    const [told] = bed.events
    assert.deepEqual(
      told?.kind === 'sync-failed' && told.message,
      'The API server refused the status: status.podIP: Invalid value',
    )
    await bed.report(running(1))
    assert.equal(restartsOf(bed.held), 1)
  })

  it("of a Pod whose name is another Pod's by now is dropped", async (t) => {
    const bed = new WriterBed(t)
    bed.server.deletePodNow(bed.pod)
    bed.server.createPod({ name: 'web', nodeName: 'node-1' })
    await bed.report(running(0))
    await bed.report(running(1))
    await bed.advance(60_000)
    assert.equal(bed.sent, 1)
    assert.equal(bed.held?.phase, 'Pending')
  })

  it('of a Pod that is gone is dropped', async (t) => {
    const bed = new WriterBed(t)
    bed.server.deletePodNow(bed.pod)
    await bed.report(running(0))
    await bed.advance(60_000)
    assert.equal(bed.sent, 1)
  })

  it('is not tried again when nobody asks for the Pod any more', async (t) => {
    const bed = new WriterBed(t)
    bed.cluster.failNext('patchPodStatus', away)
    await bed.report(running(0))
    bed.writer.forget(bed.pod.metadata.uid)
    await bed.advance(60_000)
    assert.equal(bed.sent, 1)
  })
})
