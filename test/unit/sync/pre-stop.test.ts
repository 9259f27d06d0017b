import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, LifecycleHandler } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { ill, probe } from './probed.ts'
import { told } from './told.ts'

const quit: LifecycleHandler = { exec: { command: ['nginx', '-s', 'quit'] } }
const hangs = { kind: 'hangs' } as const
const gone: readonly unknown[] = []

function sleep(seconds: number): LifecycleHandler {
  return { sleep: { seconds } }
}

function withPreStop(preStop: LifecycleHandler, change: Partial<ContainerSpec> = {}): ContainerSpec {
  return aContainer({ lifecycle: { preStop }, ...change })
}

/** The hooks and the stops since the last time. */
function takeSteps(node: NodeInMemory): readonly string[] {
  return node.takeCalls().filter((call) => /^(exec|stop) (?!sandbox)/u.test(call))
}

/** What was told of killing and of hooks since the last time. */
function takeTold(node: NodeInMemory): readonly string[] {
  return told(node.takeEvents()).filter((text) => /Killing|Hook/u.test(text))
}

async function running(node: NodeInMemory, container: ContainerSpec, spec: object = {}): Promise<void> {
  await node.run({ name: 'web', spec: { containers: [container], ...spec } })
  node.takeCalls()
  node.takeEvents()
}

describe('a preStop hook', () => {
  it('runs when the Pod is deleted, and the stop signal comes after it', async (t) => {
    await using node = await aNode(t)
    await running(node, withPreStop(quit))
    await node.delete('web')
    assert.deepEqual(takeSteps(node), ['exec main 0 nginx -s quit', 'stop main 0 30'])
    assert.deepEqual(takeTold(node), ['Normal Killing Stopping container main'])
    assert.deepEqual(node.containers, gone)
  })

  it('uses up the grace of its container, whole seconds of it', async (t) => {
    await using node = await aNode(t)
    await running(node, withPreStop(sleep(10)))
    await node.delete('web')
    await node.advance(9900, 100)
    assert.deepEqual(takeSteps(node), [])
    await node.advance(100)
    assert.deepEqual(takeSteps(node), ['stop main 0 20'])
    assert.deepEqual(takeTold(node), ['Normal Killing Stopping container main'])
  })

  it('leaves the container two seconds at least', async (t) => {
    await using node = await aNode(t)
    await running(node, withPreStop(sleep(29)))
    await node.delete('web')
    await node.advance(29_000)
    assert.deepEqual(takeSteps(node), ['stop main 0 2'])
  })

  it('is left behind when the grace is used up, and that it failed is told', async (t) => {
    await using node = await aNode(t, { commands: { main: hangs } })
    await running(node, withPreStop(quit))
    await node.delete('web', 10)
    await node.advance(9000)
    assert.deepEqual(takeSteps(node), ['exec main 0 nginx -s quit'])
    await node.advance(1000)
    assert.deepEqual(takeSteps(node), ['stop main 0 2'])
    assert.deepEqual(takeTold(node), [
      'Normal Killing Stopping container main',
      'Warning FailedPreStopHook PreStopHook failed',
    ])
    assert.deepEqual(node.containers, gone)
  })

  it('that sleeps longer than the grace is left behind, and nothing is told', async (t) => {
    await using node = await aNode(t)
    await running(node, withPreStop(sleep(50)))
    await node.delete('web', 30)
    await node.advance(30_000)
    assert.deepEqual(takeSteps(node), ['stop main 0 2'])
    assert.deepEqual(takeTold(node), ['Normal Killing Stopping container main'])
  })

  it('is left behind sooner when the grace is shortened', async (t) => {
    await using node = await aNode(t, { commands: { main: hangs } })
    await running(node, withPreStop(quit))
    await node.delete('web')
    await node.advance(3000)
    await node.delete('web', 5)
    assert.deepEqual(takeSteps(node), ['exec main 0 nginx -s quit'])
    await node.advance(2000)
    assert.deepEqual(takeSteps(node), ['stop main 0 2'])
    assert.deepEqual(node.containers, gone)
  })

  it('is left behind at once when the Pod is deleted by force meanwhile', async (t) => {
    await using node = await aNode(t, { commands: { main: hangs } })
    await running(node, withPreStop(quit))
    await node.delete('web')
    await node.advance(3000)
    await node.delete('web', 0)
    assert.deepEqual(takeSteps(node), ['exec main 0 nginx -s quit', 'stop main 0 2'])
    assert.deepEqual(node.containers, gone)
  })

  it('that fails is told of, and the container ends as if it had not', async (t) => {
    await using node = await aNode(t, { commands: { main: { kind: 'ends', exitCode: 1, output: 'password\n' } } })
    await running(node, withPreStop(quit))
    await node.delete('web')
    assert.deepEqual(takeSteps(node), ['exec main 0 nginx -s quit', 'stop main 0 30'])
    assert.deepEqual(takeTold(node), [
      'Normal Killing Stopping container main',
      'Warning FailedPreStopHook PreStopHook failed',
    ])
  })

  it('of a kind that there is no more fails', async (t) => {
    await using node = await aNode(t)
    await running(node, withPreStop({ tcpSocket: { port: 80 } }))
    await node.delete('web')
    assert.deepEqual(takeSteps(node), ['stop main 0 30'])
    assert.deepEqual(takeTold(node), [
      'Normal Killing Stopping container main',
      'Warning FailedPreStopHook PreStopHook failed',
    ])
  })

  it('is not waited for once its container has ended', async (t) => {
    await using node = await aNode(t)
    await running(node, withPreStop(sleep(20)), { restartPolicy: 'Never' })
    await node.delete('web')
    await node.exit('main 0', 0)
    assert.deepEqual([node.containers, node.server.pods, takeSteps(node)], [[], [], []])
  })

  it('is not run for a container that has ended by itself', async (t) => {
    await using node = await aNode(t)
    await running(node, withPreStop(quit), { restartPolicy: 'Never' })
    await node.exit('main 0', 0)
    await node.delete('web')
    assert.deepEqual([node.containers, takeSteps(node)], [[], []])
  })

  it('is not run without a grace', async (t) => {
    await using node = await aNode(t, { images: ['busybox:1.36', 'busybox:1.37'] })
    await running(node, withPreStop(quit), { terminationGracePeriodSeconds: 0 })
    const containers = [withPreStop(quit, { image: 'busybox:1.37' })]
    node.server.updatePod('default', 'web', { spec: { containers } })
    await node.settled()
    assert.deepEqual(takeSteps(node), ['stop main 0 2'])
  })

  it('runs before a container is replaced whose image has changed', async (t) => {
    await using node = await aNode(t, { images: ['busybox:1.36', 'busybox:1.37'] })
    await running(node, withPreStop(sleep(5)))
    const containers = [withPreStop(sleep(5), { image: 'busybox:1.37' })]
    node.server.updatePod('default', 'web', { spec: { containers } })
    await node.advance(5000)
    assert.deepEqual(takeSteps(node), ['stop main 0 25'])
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 exited', 'main 1 running'])
  })

  it('runs before a container is killed whose liveness probe has failed, within the grace of that probe', async (t) => {
    await using node = await aNode(t)
    const livenessProbe = probe({ terminationGracePeriodSeconds: 8 })
    await running(node, withPreStop(sleep(5), { livenessProbe }))
    node.commands.set('main', ill)
    await node.advance(1000)
    node.takeCalls()
    await node.advance(5000)
    assert.deepEqual(takeSteps(node)[0], 'stop main 0 3')
    assert.ok(takeTold(node).includes('Normal Killing Container main failed liveness probe, will be restarted'))
  })

  it('of the last container that is killed for good has no sidecar started anew meanwhile', async (t) => {
    await using node = await aNode(t)
    const main = withPreStop(sleep(5), { livenessProbe: probe() })
    const initContainers = [aContainer({ name: 'proxy', restartPolicy: 'Always' })]
    await running(node, main, { initContainers, restartPolicy: 'Never' })
    node.commands.set('main', ill)
    await node.advance(1000)
    await node.exit('proxy 0', 1)
    await node.advance(4000)
    assert.deepEqual(node.containers.toSorted(), ['main 0 running', 'proxy 0 exited', 'sandbox 0 running'])
    await node.advance(1000)
    assert.deepEqual(node.containers.toSorted(), ['main 0 exited', 'proxy 0 exited', 'sandbox 0 exited'])
    assert.equal(node.status('web')?.phase, 'Failed')
  })

  it('is brought to its end by a deletion that comes while it runs for a new image', async (t) => {
    await using node = await aNode(t, { images: ['busybox:1.36', 'busybox:1.37'] })
    await running(node, withPreStop(sleep(20)))
    const containers = [withPreStop(sleep(20), { image: 'busybox:1.37' })]
    node.server.updatePod('default', 'web', { spec: { containers } })
    await node.advance(10_000)
    await node.delete('web')
    await node.advance(9000)
    assert.deepEqual(takeSteps(node), [])
    await node.advance(1000)
    assert.deepEqual([takeSteps(node), node.containers], [['stop main 0 10'], []])
  })

  it('is not run for a Pod whose object went while the agent was away', async (t) => {
    await using node = await aNode(t)
    await running(node, withPreStop(quit))
    node.kill()
    node.server.deletePodGracefully('default', 'web', 0)
    await node.restart()
    assert.deepEqual([takeSteps(node), node.containers], [['stop main 0 2'], []])
  })

  it('is run again by an agent that was killed in the middle of it', async (t) => {
    await using node = await aNode(t, { commands: { main: hangs } })
    await running(node, withPreStop(quit))
    await node.delete('web', 10)
    node.kill()
    await node.restart()
    assert.deepEqual(takeSteps(node), ['exec main 0 nginx -s quit', 'exec main 0 nginx -s quit'])
    await node.advance(10_000)
    assert.deepEqual([takeSteps(node), node.containers, node.server.pods], [['stop main 0 2'], [], []])
  })
})

describe('the preStop hooks of a Pod', () => {
  const spec = {
    initContainers: [
      withPreStop(sleep(8), { name: 'proxy', restartPolicy: 'Always' }),
      withPreStop(sleep(3), { name: 'logs', restartPolicy: 'Always' }),
    ],
    containers: [withPreStop(sleep(5), { name: 'web' })],
  }

  it('run side by side, and the stop signals come in the order of the Pod', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    node.takeCalls()
    node.takeEvents()
    await node.delete('web')
    assert.equal(takeTold(node).length, 3)
    await node.advance(4000)
    assert.deepEqual(takeSteps(node), [])
    await node.advance(1000)
    assert.deepEqual(takeSteps(node), ['stop web 0 25', 'stop logs 0 25'])
    await node.advance(3000)
    assert.deepEqual(takeSteps(node), ['stop proxy 0 22'])
    assert.deepEqual(node.containers, gone)
  })

  it('are run for sidecars whose Pod has succeeded', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { ...spec, restartPolicy: 'Never' } })
    node.takeCalls()
    await node.exit('web 0', 0)
    await node.advance(8000)
    assert.deepEqual(takeSteps(node), ['stop logs 0 27', 'stop proxy 0 22'])
    assert.equal(node.status('web')?.phase, 'Succeeded')
  })
})
