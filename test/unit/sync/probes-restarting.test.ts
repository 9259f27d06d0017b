import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodStatus } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode } from '../../support/node-in-memory.ts'
import { startTimes, statusOf } from './main-container.ts'
import { condition, executed, flags, ill, probe, specOf, well } from './probed.ts'
import { told } from './told.ts'

describe('a liveness probe', () => {
  it('restarts its container when it has failed as often as it may, and says why', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: specOf({ livenessProbe: probe({ failureThreshold: 3 }) }) })
    node.commands.set('main', ill)
    node.takeEvents()
    await node.advance(2000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    await node.advance(1000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 exited', 'main 1 running'])
    assert.partialDeepStrictEqual(statusOf(node), { restartCount: 1, ready: true })
    assert.equal(node.status('web')?.phase, 'Running')
    const failed = 'Warning Unhealthy Liveness probe failed: cat: no such file\n'
    const events = told(node.takeEvents()).filter((line) => /Unhealthy|Killing/u.test(line))
    assert.deepEqual(events.slice(0, 4), [
      failed,
      failed,
      failed,
      'Normal Killing Container main failed liveness probe, will be restarted',
    ])
  })

  it('asks no more until its container is another one', async (t) => {
    await using node = await aNode(t, { commands: { main: ill } })
    const release = node.engineGate.hold('stop')
    await node.run({ name: 'web', spec: specOf({ livenessProbe: probe() }) })
    node.takeCalls()
    await node.advance(20_000)
    assert.equal(executed(node), 0)
    node.commands.set('main', well)
    release()
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 exited', 'main 1 running'])
    await node.advance(5000)
    assert.equal(executed(node), 6)
  })

  for (const [policy, exitCode, message, containers] of [
    ['Never', 0, 'Container main failed liveness probe', ['sandbox 0 exited', 'main 0 exited']],
    [
      'OnFailure',
      0,
      'Container main failed liveness probe, will be restarted',
      ['sandbox 0 running', 'main 0 exited', 'main 1 running'],
    ],
  ] as const) {
    it(`ends its container under ${policy}, which exits with ${exitCode}: ${message}`, async (t) => {
      await using node = await aNode(t, { commands: { main: ill }, programs: { main: { kind: 'runs', exitCode } } })
      const spec = { ...specOf({ livenessProbe: probe({ initialDelaySeconds: 1 }) }), restartPolicy: policy }
      await node.run({ name: 'web', spec })
      await node.advance(1000)
      assert.deepEqual(node.containers, containers)
      assert.ok(told(node.takeEvents()).includes(`Normal Killing ${message}`))
    })
  }

  it('gives its own grace, be it less or more than the Pod has', async (t) => {
    await using node = await aNode(t, { commands: { main: ill } })
    const livenessProbe = probe({ terminationGracePeriodSeconds: 5 })
    await node.run({ name: 'web', spec: { ...specOf({ livenessProbe }), terminationGracePeriodSeconds: 500 } })
    assert.ok(node.takeCalls().includes('stop main 0 5'))
  })

  it('that fails again and again makes a crash loop, but waits only for what came quickly', async (t) => {
    await using node = await aNode(t, { commands: { main: ill } })
    const times = startTimes(node)
    await node.run({ name: 'web', spec: specOf({ livenessProbe: probe({ initialDelaySeconds: 15 }) }) })
    await node.advance(150_000)
    // 15 s is enough for a back-off of 10 s, but not for one of 20.
    assert.deepEqual(times, [0, 15, 30, 45, 80, 135])
    assert.equal(statusOf(node).restartCount, 5)
  })
})

describe('the probes of a sidecar', () => {
  const sidecar = (change: Partial<ContainerSpec>): ContainerSpec =>
    aContainer({ name: 'sidecar', restartPolicy: 'Always', ...change })

  it('let the next container start when its startup probe has succeeded', async (t) => {
    await using node = await aNode(t, { commands: { sidecar: ill } })
    const initContainers = [sidecar({ startupProbe: probe({ failureThreshold: 10 }) })]
    await node.run({ name: 'web', spec: { initContainers } })
    await node.advance(3000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'sidecar 0 running'])
    const status = node.status('web') ?? {}
    assert.equal(status.phase, 'Pending')
    assert.partialDeepStrictEqual(status.initContainerStatuses?.[0], { started: false, ready: false })
    assert.equal(
      status.conditions?.find(({ type }) => type === 'Initialized')?.message,
      'containers with incomplete status: [sidecar]',
    )
    node.commands.set('sidecar', well)
    await node.advance(1000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'sidecar 0 running', 'main 0 running'])
    assert.equal(condition(node, 'Ready'), 'True')
  })

  it('restart it, whatever the policy of the Pod', async (t) => {
    await using node = await aNode(t, { commands: { sidecar: ill } })
    const initContainers = [sidecar({ livenessProbe: probe({ initialDelaySeconds: 5 }) })]
    await node.run({ name: 'web', spec: { initContainers, restartPolicy: 'Never' } })
    await node.advance(5000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'sidecar 0 exited', 'main 0 running', 'sidecar 1 running'])
    assert.ok(told(node.takeEvents()).includes('Normal Killing Init container sidecar failed liveness probe'))
  })

  it('make the Pod ready or not', async (t) => {
    await using node = await aNode(t, { commands: { sidecar: ill } })
    await node.run({ name: 'web', spec: { initContainers: [sidecar({ readinessProbe: probe() })] } })
    assert.deepEqual(node.containers, ['sandbox 0 running', 'sidecar 0 running', 'main 0 running'])
    assert.equal(condition(node, 'Initialized'), 'True')
    assert.equal(condition(node, 'Ready'), 'False')
    node.commands.set('sidecar', well)
    await node.advance(1000)
    assert.equal(condition(node, 'Ready'), 'True')
  })
})

describe('after the agent came anew, probes', () => {
  it('leave what is started and ready as it is, until they know better', async (t) => {
    await using node = await aNode(t)
    const spec = specOf({ startupProbe: probe(), readinessProbe: probe({ periodSeconds: 10 }) })
    await node.run({ name: 'web', spec })
    const before = node.status('web')
    assert.equal(flags(node), 'started, ready')
    await node.restart()
    node.commands.set('main', ill)
    assert.deepEqual(withoutGeneration(node.status('web')), withoutGeneration(before))
    node.takeCalls()
    await node.advance(4900)
    assert.equal(executed(node), 0)
    await node.advance(100)
    assert.equal(executed(node), 1)
    assert.equal(flags(node), 'started, not ready')
  })

  it('ask what was not ready at once', async (t) => {
    await using node = await aNode(t, { commands: { main: ill } })
    await node.run({ name: 'web', spec: specOf({ readinessProbe: probe({ periodSeconds: 10 }) }) })
    node.commands.set('main', well)
    await node.restart()
    assert.equal(flags(node), 'started, ready')
  })
})

function withoutGeneration(status: PodStatus | undefined): object {
  return { ...status, observedGeneration: undefined }
}
