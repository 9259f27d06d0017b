import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, LifecycleHandler } from '../../../src/model/kube.ts'
import { aContainer, containersNamed } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { startTimes, statusOf } from './main-container.ts'
import { told } from './told.ts'

const write: LifecycleHandler = { exec: { command: ['sh', '-c', 'echo hello >/usr/share/message'] } }
const fails = { kind: 'ends', exitCode: 1, output: 'no such file\n' } as const
const hangs = { kind: 'hangs' } as const

function withPostStart(postStart: LifecycleHandler, change: Partial<ContainerSpec> = {}): ContainerSpec {
  return aContainer({ lifecycle: { postStart }, ...change })
}

function failureOf(node: NodeInMemory): string {
  const uid = node.server.pod('default', 'web')?.metadata.uid
  return `Exec lifecycle hook ([sh -c echo hello >/usr/share/message]) for Container "main" in Pod "web_default(${uid})" failed - error: command 'sh -c echo hello >/usr/share/message' exited with 1: no such file\n, message: "no such file\\n"`
}

function phaseAndReady(node: NodeInMemory): readonly unknown[] {
  const { phase, conditions = [] } = node.status('web') ?? {}
  return [phase, conditions.find(({ type }) => type === 'Ready')?.status]
}

describe('a postStart hook', () => {
  it('runs as soon as its container does, and costs one call to Docker', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [withPostStart(write)] } })
    assert.deepEqual(node.takeCalls().slice(-3), [
      'start main 0',
      'exec main 0 sh -c echo hello >/usr/share/message',
      'inspect main 0',
    ])
    assert.deepEqual(phaseAndReady(node), ['Running', 'True'])
  })

  it('holds its container in the state of one that is being created, and those behind it', async (t) => {
    await using node = await aNode(t)
    const containers = [withPostStart({ sleep: { seconds: 5 } }), aContainer({ name: 'next' })]
    await node.run({ name: 'web', spec: { containers } })
    await node.advance(4000)
    assert.deepEqual(node.containers.toSorted(), ['main 0 running', 'next 0 created', 'sandbox 0 running'])
    const { state, ready, started } = statusOf(node)
    assert.deepEqual(
      { state, ready, started },
      { state: { waiting: { reason: 'ContainerCreating' } }, ready: false, started: false },
    )
    assert.deepEqual(phaseAndReady(node), ['Pending', 'False'])
    await node.advance(1000)
    assert.deepEqual(node.containers.toSorted(), ['main 0 running', 'next 0 running', 'sandbox 0 running'])
    assert.deepEqual(phaseAndReady(node), ['Running', 'True'])
  })

  it('of a sidecar holds back the init containers behind it', async (t) => {
    await using node = await aNode(t)
    const initContainers = [
      withPostStart({ sleep: { seconds: 5 } }, { name: 'proxy', restartPolicy: 'Always' }),
      aContainer({ name: 'setup' }),
    ]
    await node.run({ name: 'web', spec: { initContainers, containers: containersNamed('main') } })
    await node.advance(4000)
    assert.deepEqual(node.containers.toSorted(), ['proxy 0 running', 'sandbox 0 running'])
    assert.deepEqual(node.status('web')?.initContainerStatuses?.[0]?.state, { waiting: { reason: 'PodInitializing' } })
    await node.advance(1000)
    assert.deepEqual(node.containers.toSorted(), ['proxy 0 running', 'sandbox 0 running', 'setup 0 running'])
  })

  it('that fails has its container killed with its grace, and started again', async (t) => {
    await using node = await aNode(t, {
      commands: { main: fails },
      programs: { main: { kind: 'runs', endsAfterMs: 5000 } },
    })
    await node.run({ name: 'web', spec: { containers: [withPostStart(write)] } })
    assert.ok(node.takeCalls().includes('stop main 0 30'))
    assert.deepEqual(told(node.takeEvents()).slice(-2), [
      'Warning FailedPostStartHook PostStartHook failed',
      'Normal Killing FailedPostStartHook',
    ])
    await node.advance(400)
    assert.deepEqual(statusOf(node).state, { waiting: { reason: 'PostStartHookError', message: failureOf(node) } })
    node.commands.delete('main')
    await node.advance(5000)
    const { state, restartCount, lastState } = statusOf(node)
    assert.deepEqual(
      { state: Object.keys(state ?? {}), restartCount, lastExit: lastState?.terminated?.exitCode },
      { state: ['running'], restartCount: 1, lastExit: 137 },
    )
  })

  it('that fails again and again is a crash loop', async (t) => {
    await using node = await aNode(t, { commands: { main: fails } })
    const times = startTimes(node)
    await node.run({ name: 'web', spec: { containers: [withPostStart(write)] } })
    await node.advance(80_000)
    assert.deepEqual(times, [0, 0, 10, 30, 70])
    assert.equal(statusOf(node).state?.waiting?.reason, 'CrashLoopBackOff')
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('that fails ends a Never Pod', async (t) => {
    await using node = await aNode(t, { commands: { main: fails } })
    await node.run({ name: 'web', spec: { restartPolicy: 'Never', containers: [withPostStart(write)] } })
    assert.deepEqual(node.containers.toSorted(), ['main 0 exited', 'sandbox 0 exited'])
    assert.equal(node.status('web')?.phase, 'Failed')
    assert.equal(statusOf(node).state?.terminated?.exitCode, 137)
  })

  it('that fails has the preStop hook run before its container is killed', async (t) => {
    await using node = await aNode(t, { commands: { main: fails } })
    const lifecycle = { postStart: write, preStop: { sleep: { seconds: 3 } } }
    await node.run({ name: 'web', spec: { restartPolicy: 'Never', containers: [aContainer({ lifecycle })] } })
    node.takeCalls()
    await node.advance(3000)
    assert.equal(node.takeCalls()[0], 'stop main 0 27')
  })

  it('whose container ends meanwhile has failed', async (t) => {
    await using node = await aNode(t, { commands: { main: hangs } })
    await node.run({ name: 'web', spec: { containers: [withPostStart(write)] } })
    node.takeEvents()
    await node.exit('main 0', 1)
    assert.ok(told(node.takeEvents()).includes('Warning FailedPostStartHook PostStartHook failed'))
    assert.deepEqual(node.containers.toSorted(), ['main 0 exited', 'main 1 running', 'sandbox 0 running'])
    assert.equal(statusOf(node).state?.waiting?.reason, 'PostStartHookError')
  })

  it('is ended when its Pod is deleted, and nothing is told of it', async (t) => {
    await using node = await aNode(t, { commands: { main: hangs } })
    await node.run({ name: 'web', spec: { containers: [withPostStart(write), aContainer({ name: 'next' })] } })
    node.takeEvents()
    await node.delete('web')
    assert.deepEqual([node.containers, node.server.pods], [[], []])
    assert.deepEqual(told(node.takeEvents()), ['Normal Killing Stopping container main'])
  })

  it('is ended when the image of its container changes, which makes it another', async (t) => {
    await using node = await aNode(t, { images: ['busybox:1.36', 'busybox:1.37'], commands: { main: hangs } })
    await node.run({ name: 'web', spec: { containers: [withPostStart(write)] } })
    node.commands.delete('main')
    node.takeEvents()
    const containers = [withPostStart(write, { image: 'busybox:1.37' })]
    node.server.updatePod('default', 'web', { spec: { containers } })
    await node.settled()
    assert.deepEqual(node.containers.toSorted(), ['main 0 exited', 'main 1 running', 'sandbox 0 running'])
    assert.deepEqual(phaseAndReady(node), ['Running', 'True'])
    assert.ok(!told(node.takeEvents()).some((text) => text.includes('Hook')))
  })

  it('is not run again by an agent that finds its container running', async (t) => {
    await using node = await aNode(t, { commands: { main: hangs } })
    await node.run({ name: 'web', spec: { containers: [withPostStart(write)] } })
    node.takeCalls()
    await node.restart()
    assert.ok(!node.takeCalls().some((call) => call.startsWith('exec')))
    assert.deepEqual(phaseAndReady(node), ['Running', 'True'])
  })
})
