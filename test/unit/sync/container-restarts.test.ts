import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aContainer } from '../../builders/pod.ts'
import { aNode } from '../../support/node-in-memory.ts'
import { startTimes, statusOf } from './main-container.ts'
import { told } from './told.ts'

describe('a container that fails again and again', () => {
  it('is started after 0, 10, 20, 40, 80, 160 and 300 seconds, and every 300 from then on', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 1 } } })
    const times = startTimes(node)
    await node.run({ name: 'web' })
    await node.advance(1_300_000)
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0))
    assert.deepEqual(waits, [0, 0, 10, 20, 40, 80, 160, 300, 300, 300])
  })

  it('waits from its end on, however long it ran', async (t) => {
    await using node = await aNode(t)
    const times = startTimes(node)
    await node.run({ name: 'web' })
    await node.exit('main 0', 1)
    await node.advance(30_000)
    await node.exit('main 1', 1)
    await node.advance(60_000)
    assert.deepEqual(times, [0, 0, 40])
  })

  it('shows that it backs off, and for how long', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 1 } } })
    const { metadata } = await node.run({ name: 'web' })
    await node.advance(15_000)
    const { state, lastState, restartCount, ready } = statusOf(node)
    assert.deepEqual(state, {
      waiting: {
        reason: 'CrashLoopBackOff',
        message: `back-off 20s restarting failed container=main pod=web_default(${metadata.uid})`,
      },
    })
    assert.deepEqual(
      { restartCount, ready, exitCode: lastState?.terminated?.exitCode },
      { restartCount: 2, ready: false, exitCode: 1 },
    )
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('tells of each wait once', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 1 } } })
    const { metadata } = await node.run({ name: 'web' })
    await node.advance(40_000)
    const waits = told(node.takeEvents()).filter((text) => text.includes('Back-off'))
    const message = `Warning BackOff Back-off restarting failed container main in pod web_default(${metadata.uid})`
    assert.deepEqual(waits, [message, message, message])
  })

  it('waits no longer than the node allows', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 1 } }, maxCrashLoopMs: 15_000 })
    const times = startTimes(node)
    await node.run({ name: 'web' })
    await node.advance(60_000)
    assert.deepEqual(times, [0, 0, 10, 25, 40, 55])
  })

  it('starts anew with short waits after ten quiet minutes', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 1 } } })
    await node.run({ name: 'web' })
    await node.advance(29_000)
    node.programs.delete('main')
    await node.advance(1000)
    assert.equal(statusOf(node).restartCount, 3)
    await node.advance(601_000)
    const times = startTimes(node)
    node.programs.set('main', { kind: 'exits', exitCode: 1 })
    await node.exit('main 3', 1)
    await node.advance(15_000)
    assert.deepEqual(times, [631, 641])
  })

  it('keeps the count of its restarts over a restart of the agent', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 1 } } })
    await node.run({ name: 'web' })
    await node.advance(15_000)
    assert.equal(statusOf(node).restartCount, 2)
    await node.restart()
    assert.equal(statusOf(node).restartCount, 3)
  })

  it('leaves Docker no more than its last two instances', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 1 } } })
    await node.run({ name: 'web' })
    await node.advance(200_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 4 exited', 'main 5 exited'])
  })
})

describe('a container whose image changes', () => {
  const changed = { spec: { containers: [aContainer({ image: 'busybox:1.37' })] } }

  for (const restartPolicy of ['Always', 'Never'] as const) {
    it(`is stopped with its grace and started with the new image under ${restartPolicy}`, async (t) => {
      await using node = await aNode(t, { images: ['busybox:1.36', 'busybox:1.37'] })
      await node.run({ name: 'web', spec: { restartPolicy, terminationGracePeriodSeconds: 7 } })
      node.takeCalls()
      node.takeEvents()
      node.server.updatePod('default', 'web', changed)
      await node.settled()
      assert.deepEqual(node.takeCalls(), [
        'stop main 0 7',
        'inspect main 0',
        'inspectImage busybox:1.37',
        'create main 1',
        'start main 1',
        'inspect main 1',
      ])
      const events = node.takeEvents()
      assert.deepEqual(told(events), [
        'Normal Killing Container main definition changed, will be restarted',
        'Normal Pulled Container image "busybox:1.37" already present on machine and can be accessed by the pod',
        'Normal Created Container created',
        'Normal Started Container started',
      ])
      const phases = events.flatMap((event) => (event.kind === 'status-sent' ? [event.phase] : []))
      assert.deepEqual(new Set(phases), new Set(['Running']))
      const { image, restartCount } = statusOf(node)
      assert.deepEqual({ image, restartCount }, { image: 'busybox:1.37', restartCount: 1 })
    })
  }

  it('waits for no back-off: the failures were those of the old image', async (t) => {
    await using node = await aNode(t, {
      images: ['busybox:1.36', 'busybox:1.37'],
      programs: { main: { kind: 'exits', exitCode: 1 } },
    })
    await node.run({ name: 'web' })
    await node.advance(100_000)
    assert.equal(statusOf(node).state?.waiting?.reason, 'CrashLoopBackOff')
    node.programs.delete('main')
    node.server.updatePod('default', 'web', changed)
    await node.settled()
    assert.deepEqual(statusOf(node).state, { running: { startedAt: '2026-11-21T10:01:40Z' } })
  })
})
