import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { observeEvent } from '../../../src/engine/docker-events.ts'
import { labels } from '../../../src/model/labels.ts'
import { containerLabels } from './inspect-json.ts'

/** A line of `GET /events` of Docker 20.10. */
const died = {
  status: 'die',
  id: 'f1',
  from: 'busybox',
  Type: 'container',
  Action: 'die',
  Actor: { ID: 'f1', Attributes: { ...containerLabels, exitCode: '3', image: 'busybox', name: 'k8s_main' } },
  scope: 'local',
  time: 1795232932,
  timeNano: Number('1795232932481123456'),
}

describe('observeEvent', () => {
  it('reads what happened to an object of this node', () => {
    assert.deepEqual(observeEvent(died, 'node-a'), {
      kind: 'container',
      action: 'die',
      id: 'f1',
      podUid: 'uid-1',
      atMs: 1795232932481,
    })
  })

  it('reads that something happened to an image', () => {
    const tagged = { Type: 'image', Action: 'tag', Actor: { ID: 'sha256:1', Attributes: {} }, timeNano: 5_000_000 }
    assert.deepEqual(observeEvent(tagged, 'node-a'), { kind: 'image', atMs: 5 })
  })

  it("leaves out other nodes' objects, others' containers and what is not asked for", () => {
    assert.equal(observeEvent(died, 'node-b'), undefined)
    assert.equal(observeEvent({ ...died, Actor: { ID: 'f1', Attributes: { image: 'busybox' } } }, 'node-a'), undefined)
    const noPod = { ...containerLabels, [labels.podUid]: '' }
    assert.equal(observeEvent({ ...died, Actor: { ID: 'f1', Attributes: noPod } }, 'node-a'), undefined)
    assert.equal(observeEvent({ ...died, Action: 'exec_start: sh' }, 'node-a'), undefined)
  })
})
