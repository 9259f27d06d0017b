import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aNode } from '../../support/node-in-memory.ts'
import { statusOf } from './main-container.ts'
import { condition, executed, flags, ill, probe, specOf, well } from './probed.ts'
import { told } from './told.ts'

describe('a readiness probe', () => {
  it('makes the Pod ready when it succeeds, and not ready when it fails', async (t) => {
    await using node = await aNode(t, { commands: { main: ill } })
    await node.run({ name: 'web', spec: specOf({ readinessProbe: probe() }) })
    assert.equal(flags(node), 'started, not ready')
    assert.equal(condition(node, 'Ready'), 'False')
    node.commands.set('main', well)
    await node.advance(1000)
    assert.equal(flags(node), 'started, ready')
    assert.equal(condition(node, 'Ready'), 'True')
    node.commands.set('main', ill)
    await node.advance(1000)
    assert.equal(flags(node), 'started, not ready')
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('is asked when its container starts, after the initial delay, and each period from then on', async (t) => {
    await using node = await aNode(t)
    await node.run({
      name: 'web',
      spec: specOf({ readinessProbe: probe({ initialDelaySeconds: 5, periodSeconds: 10 }) }),
    })
    node.takeCalls()
    await node.advance(4900)
    assert.equal(executed(node), 0)
    assert.equal(flags(node), 'started, not ready')
    await node.advance(100)
    assert.equal(executed(node), 1)
    assert.equal(flags(node), 'started, ready')
    await node.advance(9900)
    assert.equal(executed(node), 0)
    await node.advance(100)
    assert.equal(executed(node), 1)
    await node.advance(60_000)
    assert.equal(executed(node), 6)
  })

  it('is not asked before the postStart hook is done', async (t) => {
    await using node = await aNode(t)
    const lifecycle = { postStart: { sleep: { seconds: 5 } } }
    await node.run({ name: 'web', spec: specOf({ lifecycle, readinessProbe: probe() }) })
    node.takeCalls()
    await node.advance(4000)
    assert.equal(executed(node), 0)
    await node.advance(1000)
    assert.equal(executed(node), 1)
    assert.equal(flags(node), 'started, ready')
  })

  it('counts to its thresholds', async (t) => {
    await using node = await aNode(t)
    await node.run({
      name: 'web',
      spec: specOf({ readinessProbe: probe({ successThreshold: 3, failureThreshold: 2 }) }),
    })
    const seen: string[] = []
    for (const command of [well, well, ill, well, ill, ill, well]) {
      node.commands.set('main', command)
      await node.advance(1000)
      seen.push(statusOf(node).ready ? 'ready' : '-')
    }
    // One success at the start comes before these.
    assert.deepEqual(seen, ['-', 'ready', 'ready', 'ready', 'ready', '-', '-'])
  })

  it('tells of each failure', async (t) => {
    await using node = await aNode(t, { commands: { main: ill } })
    await node.run({ name: 'web', spec: specOf({ readinessProbe: probe() }) })
    const failures = told(node.takeEvents()).filter((line) => line.includes('Unhealthy'))
    assert.deepEqual(failures, ['Warning Unhealthy Readiness probe failed: cat: no such file\n'])
    assert.equal(statusOf(node).ready, false)
  })

  it('at a port that does not exist is an error that leaves everything as it is', async (t) => {
    await using node = await aNode(t)
    const nowhere = { tcpSocket: { port: 'nowhere' }, periodSeconds: 1, failureThreshold: 1 }
    await node.run({ name: 'web', spec: specOf({ readinessProbe: nowhere, livenessProbe: nowhere }) })
    await node.advance(1000)
    assert.equal(flags(node), 'started, not ready')
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    const text = 'probe errored and resulted in unknown state: strconv.Atoi: parsing "nowhere": invalid syntax'
    const events = told(node.takeEvents()).filter((line) => line.includes('Unhealthy'))
    assert.deepEqual(
      new Set(events),
      new Set([`Warning Unhealthy Liveness ${text}`, `Warning Unhealthy Readiness ${text}`]),
    )
    assert.equal(events.length, 4)
  })

  it('goes on while the Pod ends, when liveness is not asked for any more', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: specOf({ readinessProbe: probe(), livenessProbe: probe() }) })
    assert.equal(flags(node), 'started, ready')
    const release = node.engineGate.hold('stop')
    await node.delete('web')
    node.takeCalls()
    node.takeEvents()
    node.commands.set('main', ill)
    await node.advance(3000)
    assert.equal(executed(node), 3)
    assert.equal(condition(node, 'Ready'), 'False')
    assert.deepEqual(
      told(node.takeEvents()).filter((line) => line.includes('Liveness')),
      [],
    )
    release()
    await node.settled()
    assert.equal(node.server.pod('default', 'web'), undefined)
    await node.advance(10_000)
    assert.equal(executed(node), 0)
  })
})

describe('a startup probe', () => {
  it('holds back the others until it has succeeded, and is not asked again', async (t) => {
    await using node = await aNode(t, { commands: { main: ill } })
    const spec = specOf({
      startupProbe: probe({ failureThreshold: 10 }),
      livenessProbe: probe(),
      readinessProbe: probe({ initialDelaySeconds: 1 }),
    })
    await node.run({ name: 'web', spec })
    await node.advance(3000)
    assert.equal(executed(node), 4)
    assert.equal(flags(node), 'not started, not ready')
    node.commands.set('main', well)
    await node.advance(1000)
    assert.equal(flags(node), 'started, ready')
    node.takeCalls()
    await node.advance(5000)
    assert.equal(executed(node), 10)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('that fails restarts the container', async (t) => {
    await using node = await aNode(t, { commands: { main: ill } })
    const startupProbe = probe({ failureThreshold: 3, terminationGracePeriodSeconds: 7 })
    await node.run({ name: 'web', spec: specOf({ startupProbe, livenessProbe: probe() }) })
    await node.advance(2000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 exited', 'main 1 running'])
    assert.ok(node.takeCalls().includes('stop main 0 7'))
    const events = told(node.takeEvents())
    assert.ok(events.includes('Warning Unhealthy Startup probe failed: cat: no such file\n'))
    assert.ok(events.includes('Normal Killing Container main failed startup probe, will be restarted'))
  })
})

describe('a Pod without probes', () => {
  it('is never asked', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    await node.advance(600_000, 60_000)
    assert.equal(executed(node), 0)
    assert.equal(flags(node), 'started, ready')
  })
})

describe('readiness gates', () => {
  it('keep the Pod from being ready until others say so, and make it so at once', async (t) => {
    await using node = await aNode(t)
    const type = 'example.com/feature'
    await node.run({ name: 'web', spec: { readinessGates: [{ conditionType: type }] } })
    const ready = (): object | undefined => node.status('web')?.conditions?.find((one) => one.type === 'Ready')
    assert.equal(condition(node, 'ContainersReady'), 'True')
    assert.partialDeepStrictEqual(ready(), {
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: `corresponding condition of pod readiness gate "${type}" does not exist.`,
    })
    node.server.patchPodStatus('default', 'web', { conditions: [{ type, status: 'False' }] })
    await node.settled()
    assert.partialDeepStrictEqual(ready(), {
      message: `the status of pod readiness gate "${type}" is not "True", but False`,
    })
    node.server.patchPodStatus('default', 'web', { conditions: [{ type, status: 'True' }] })
    await node.settled()
    assert.equal(condition(node, 'Ready'), 'True')
    assert.equal(condition(node, type), 'True')
  })
})
