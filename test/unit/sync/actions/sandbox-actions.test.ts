import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { aPodUid } from '../../../builders/pod.ts'
import { nodeIp } from '../../../support/agent-life.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'

const changed = 'Normal SandboxChanged Pod sandbox changed, it will be killed and re-created.'

describe('a sandbox that dies', () => {
  it('takes its containers with it, and all of it comes back in a new one', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { terminationGracePeriodSeconds: 7 } })
    node.takeCalls()
    node.takeEvents()
    await node.exit('sandbox 0', 137)
    const calls = node.takeCalls()
    assert.deepEqual(calls, [
      'inspect sandbox 0',
      'stop main 0 7',
      'inspect main 0',
      'create sandbox 1',
      'start sandbox 1',
      'inspect sandbox 1',
      'create main 1',
      'start main 1',
      'inspect main 1',
    ])
    assert.deepEqual(told(node.takeEvents()), [
      'Normal Killing Stopping container main',
      changed,
      'Normal Pulled Container image "busybox:1.36" already present on machine and can be accessed by the pod',
      'Normal Created Container created',
      'Normal Started Container started',
    ])
    const { podIP, containerStatuses } = node.status('web') ?? {}
    assert.deepEqual([podIP, containerStatuses?.[0]?.restartCount], ['172.17.0.3', 1])
  })

  it('ends a Never Pod: its containers are killed and not run again', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { restartPolicy: 'Never' } })
    await node.exit('sandbox 0', 137)
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited'])
    assert.equal(node.status('web')?.phase, 'Failed')
  })

  it('before its containers were started leaves nothing behind: they are made anew in the next', async (t) => {
    await using node = await aNode(t)
    const releaseSandbox = node.engineGate.hold('start')
    await node.run({ name: 'web' })
    releaseSandbox()
    const releaseContainer = node.engineGate.hold('start')
    await node.settled()
    await node.exit('sandbox 0', 137)
    releaseContainer()
    await node.settled()
    await node.advance(10_000)
    assert.deepEqual(
      node.containers.filter((container) => container.endsWith('running')),
      ['sandbox 1 running', 'main 1 running'],
    )
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('removed by hand is replaced too', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.docker.remove(node.container('sandbox 0').id)
    await node.settled()
    assert.deepEqual(node.containers, ['main 0 exited', 'sandbox 0 running', 'main 1 running'])
  })
})

describe('a sandbox that cannot be made', () => {
  it('is tried again after ten seconds, and says why', async (t) => {
    await using node = await aNode(t)
    node.engine.failNext('create', new KubeletError('invalid', 'invalid port specification', { status: 400 }))
    await node.run({ name: 'web' })
    await node.advance(9000)
    assert.equal(node.engine.count('create'), 1)
    assert.deepEqual(node.status('web')?.containerStatuses?.[0]?.state, { waiting: { reason: 'ContainerCreating' } })
    const events = told(node.takeEvents())
    assert.ok(
      events.includes(
        'Warning FailedCreatePodSandBox Failed to create pod sandbox: failed to create a sandbox for pod "web": Error response from daemon: invalid port specification',
      ),
    )
    await node.advance(1000)
    assert.equal(node.status('web')?.phase, 'Running')
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('because it cannot be started is replaced after ten seconds', async (t) => {
    await using node = await aNode(t, { programs: { POD: { kind: 'cannot-run', message: 'port is taken' } } })
    await node.run({ name: 'web' })
    node.programs.delete('POD')
    const events = told(node.takeEvents())
    const failure = 'failed to start sandbox container for pod "web": Error response from daemon: port is taken'
    assert.ok(events.includes(`Warning FailedCreatePodSandBox Failed to create pod sandbox: ${failure}`))
    await node.advance(9000)
    assert.equal(node.engine.count('start'), 1)
    await node.advance(1000)
    assert.equal(node.status('web')?.phase, 'Running')
    assert.deepEqual(
      node.containers.filter((container) => container.endsWith('running')),
      ['sandbox 1 running', 'main 0 running'],
    )
  })

  it('because the Pod has no valid hostname is tried again, and says so', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { hostname: 'Not_A_Name' } })
    assert.match(told(node.takeEvents()).join('\n'), /FailedCreatePodSandBox .*"Not_A_Name" is not a valid DNS label/u)
    assert.deepEqual(node.containers, [])
  })
})

describe('a name that is taken', () => {
  const lost = new KubeletError('unavailable', 'Docker hung up')

  for (const [what, prefix] of [
    ['sandbox', 'k8s_POD_'],
    ['container', 'k8s_main_'],
  ] as const) {
    it(`by the answer to a request that got lost is that ${what}: it is used as it is`, async (t) => {
      await using node = await aNode(t, {
        onCall: (moment, { method, subject }) => {
          if (moment !== 'after' || method !== 'create' || !subject.startsWith(prefix) || isLost) return
          isLost = true
          throw lost
        },
      })
      let isLost = false
      await node.run({ name: 'web' })
      await node.advance(1000)
      assert.ok(isLost)
      assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
      assert.equal(node.engine.count('findByName'), 1)
      assert.equal(node.status('web')?.phase, 'Running')
    })
  }

  it('by somebody else keeps the sandbox waiting until it is free', async (t) => {
    await using node = await aNode(t)
    const name = `k8s_POD_web_default_${aPodUid}_0`
    const body = {
      Image: 'pause:test',
      Labels: {},
      HostConfig: { NetworkMode: 'none', IpcMode: 'private', RestartPolicy: { Name: 'no' } },
    } as const
    const { id } = node.docker.create({ name, body })
    await node.run({ name: 'web', metadata: { uid: aPodUid } })
    assert.match(told(node.takeEvents()).join('\n'), /FailedCreatePodSandBox .*is already in use by container/u)
    node.docker.remove(id)
    await node.advance(10_000)
    assert.equal(node.status('web')?.phase, 'Running')
  })
})

describe('the network of a Pod', () => {
  it("is the node's for hostNetwork: no IP of its own is waited for", async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { hostNetwork: true } })
    const { podIP, hostIP, phase } = node.status('web') ?? {}
    assert.deepEqual({ podIP, hostIP, phase }, { podIP: nodeIp, hostIP: nodeIp, phase: 'Running' })
  })

  it('that has no address is made anew, once in ten seconds', async (t) => {
    await using node = await aNode(t, {
      show: (object) => (object.kind === 'sandbox' && !hasNetwork ? { ...object, ips: [] } : object),
    })
    let hasNetwork = false
    await node.run({ name: 'web' })
    await node.advance(29_000)
    assert.equal(node.takeCalls().filter((call) => call.startsWith('create sandbox')).length, 3)
    assert.ok(
      told(node.takeEvents()).includes(
        'Warning FailedCreatePodSandBox Failed to create pod sandbox: Docker gave the sandbox no IP address',
      ),
    )
    assert.equal(node.status('web')?.phase, 'Pending')
    hasNetwork = true
    await node.advance(1000)
    assert.equal(node.status('web')?.phase, 'Running')
    assert.deepEqual(node.containers, ['sandbox 3 running', 'main 0 running'])
  })
})
