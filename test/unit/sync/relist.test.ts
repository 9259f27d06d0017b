import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { aNode } from '../../support/node-in-memory.ts'
import { statusOf } from './main-container.ts'

const away = new KubeletError('unavailable', 'Docker does not answer')

describe('an event that never comes', () => {
  it('of a container that ended is made up for by the next list', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.losesEvents = true
    await node.exit('main 0', 1)
    await node.advance(59_000)
    assert.equal(statusOf(node).restartCount, 0)
    await node.advance(1000)
    assert.equal(statusOf(node).restartCount, 1)
    assert.deepEqual(statusOf(node).state, { running: { startedAt: '2026-11-21T10:01:00Z' } })
  })

  it('of a container that was removed is made up for by the next list', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.losesEvents = true
    node.docker.remove(node.container('main 0').id)
    await node.advance(60_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 1 running'])
  })

  it('keeps no Pod from starting or ending', async (t) => {
    await using node = await aNode(t)
    node.losesEvents = true
    await node.run({ name: 'web' })
    assert.equal(node.status('web')?.phase, 'Running')
    await node.delete('web')
    assert.deepEqual(node.containers, [])
    assert.deepEqual(node.server.pods, [])
  })
})

describe('the stream of events', () => {
  it('is followed by a list each time that it stands anew', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.losesEvents = true
    await node.exit('main 0', 1)
    node.losesEvents = false
    node.takeCalls()
    node.docker.reconnect()
    await node.settled()
    assert.equal(node.takeCalls()[0], 'list')
    assert.equal(statusOf(node).restartCount, 1)
  })

  it('makes the agent look for images again: it may be another Docker', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.docker.reconnect()
    await node.settled()
    node.takeCalls()
    await node.run({ name: 'other' })
    assert.deepEqual(
      node.takeCalls().filter((call) => call.startsWith('inspectImage')),
      ['inspectImage pause:test', 'inspectImage busybox:1.36'],
    )
  })

  it('wakes nobody with what the agent has done itself, however late it comes', async (t) => {
    await using node = await aNode(t)
    const release = node.engineGate.hold('events')
    await node.run({ name: 'web' })
    node.takeCalls()
    release()
    await node.settled()
    assert.deepEqual(node.takeCalls(), [])
    const releaseAgain = node.engineGate.hold('events')
    await node.delete('web')
    node.takeCalls()
    releaseAgain()
    await node.settled()
    await node.advance(60_000)
    assert.deepEqual(node.takeCalls(), ['list'])
  })

  it('looks at a container once, however many events tell of it', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 0 } } })
    node.takeCalls()
    await node.run({ name: 'web', spec: { restartPolicy: 'Never' } })
    const looks = node.takeCalls().filter((call) => call.startsWith('inspect main'))
    assert.deepEqual(looks, ['inspect main 0'])
  })

  it('is believed about a container that runs out of memory', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { restartPolicy: 'Never' } })
    node.docker.exit(node.container('main 0').id, { exitCode: 137, oomKilled: true })
    await node.settled()
    assert.equal(statusOf(node).state?.terminated?.reason, 'OOMKilled')
  })

  it('is believed about that even after its end', async (t) => {
    for (const restartPolicy of ['Never', 'Always']) {
      await using node = await aNode(t)
      await node.run({ name: 'web', spec: { restartPolicy } })
      await node.exit('main 0', 137)
      node.docker.findOutOfMemory(node.container('main 0').id)
      await node.settled()
      const { state, lastState } = statusOf(node)
      assert.equal((state?.terminated ?? lastState?.terminated)?.reason, 'OOMKilled', restartPolicy)
    }
  })
})

describe('Docker that does not answer', () => {
  it('is asked again each second, and told of', async (t) => {
    await using node = await aNode(t)
    node.engineGate.refuseAll(away)
    node.takeCalls()
    await node.advance(70_000)
    const lists = node.takeCalls().length
    assert.ok(lists >= 10 && lists <= 12, `${lists} lists`)
    assert.deepEqual(new Set(node.logged), new Set(['Containers could not be listed: Docker does not answer']))
  })

  it('that comes back without what it had gets its Pods anew', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.engineGate.refuseAll(away)
    for (const { id } of node.docker.containers) node.docker.remove(id)
    await node.advance(30_000)
    assert.equal(node.status('web')?.phase, 'Running')
    node.engineGate.refuseAll(undefined)
    node.docker.reconnect()
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 1 running'])
    assert.equal(statusOf(node).restartCount, 1)
  })

  it('keeps the agent from starting: nothing may be decided without its first list', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.engineGate.refuseAll(away)
    await assert.rejects(node.restart(), (error) => KubeletError.is(error, 'unavailable'))
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })
})
