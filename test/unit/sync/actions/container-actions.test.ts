import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { aPodUid, containersNamed } from '../../../builders/pod.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { startTimes, statusOf } from '../main-container.ts'
import { kindsOf, told } from '../told.ts'

describe('a container that ends', () => {
  it('is started again at once under Always, whatever its exit code', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    const first = node.container('main 0').id
    await node.advance(60_000)
    node.takeCalls()
    await node.exit('main 0', 0)
    assert.deepEqual(node.takeCalls(), ['inspect main 0', 'create main 1', 'start main 1', 'inspect main 1'])
    const { state, lastState, restartCount, ready } = statusOf(node)
    assert.deepEqual(
      { state, lastState, restartCount, ready },
      {
        state: { running: { startedAt: '2026-11-21T10:01:00Z' } },
        lastState: {
          terminated: {
            exitCode: 0,
            reason: 'Completed',
            startedAt: '2026-11-21T10:00:00Z',
            finishedAt: '2026-11-21T10:01:00Z',
            containerID: `docker://${first}`,
          },
        },
        restartCount: 1,
        ready: true,
      },
    )
  })

  it('is started again under OnFailure when it failed, and not when it succeeded', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { restartPolicy: 'OnFailure' } })
    await node.exit('main 0', 3)
    assert.equal(statusOf(node).restartCount, 1)
    assert.equal(node.status('web')?.phase, 'Running')
    await node.exit('main 1', 0)
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 exited', 'main 1 exited'])
    assert.equal(node.status('web')?.phase, 'Succeeded')
  })

  it('is not started again under Never: its Pod has failed, and the sandbox stops', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { restartPolicy: 'Never' } })
    node.takeCalls()
    node.takeEvents()
    await node.exit('main 0', 3)
    assert.deepEqual(node.takeCalls(), ['inspect main 0', 'stop sandbox 0 10', 'inspect sandbox 0'])
    assert.deepEqual(
      kindsOf(node.takeEvents()).filter((kind) => kind !== 'status-sent'),
      ['container-exited', 'sandbox-stopped'],
    )
    assert.equal(node.status('web')?.phase, 'Failed')
    await node.advance(600_000)
    assert.deepEqual(new Set(node.takeCalls()), new Set(['list']))
  })

  it('leaves the others of a Never Pod running', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { restartPolicy: 'Never', containers: containersNamed('one', 'two') } })
    await node.exit('one 0', 1)
    assert.equal(node.status('web')?.phase, 'Running')
    await node.exit('two 0', 0)
    assert.equal(node.status('web')?.phase, 'Failed')
  })

  it('tells why: its termination message, and that memory ran out', async (t) => {
    await using node = await aNode(t)
    const created = await node.run({ name: 'web', spec: { restartPolicy: 'Never' } })
    const file = join(node.root, 'pods', created.metadata.uid, 'containers/main/00000000')
    await writeFile(file, 'no more room')
    node.docker.exit(node.container('main 0').id, { exitCode: 137, oomKilled: true })
    await node.settled()
    const { terminated } = statusOf(node).state ?? {}
    assert.deepEqual(
      { exitCode: terminated?.exitCode, reason: terminated?.reason, message: terminated?.message },
      { exitCode: 137, reason: 'OOMKilled', message: 'no more room' },
    )
  })
})

describe("a container whose record is removed behind the agent's back", () => {
  it('is never run again under Never', async (t) => {
    await using node = await aNode(t)
    const times = startTimes(node)
    await node.run({ name: 'web', spec: { restartPolicy: 'Never' } })
    node.docker.remove(node.container('main 0').id)
    await node.settled()
    await node.advance(120_000)
    assert.deepEqual(times, [0])
    assert.equal(node.status('web')?.phase, 'Failed')
    await node.restart()
    assert.deepEqual(times, [0])
  })

  it('is never run again under Never when the agent was away', async (t) => {
    await using node = await aNode(t)
    const times = startTimes(node)
    await node.run({ name: 'web', spec: { restartPolicy: 'Never' } })
    node.kill()
    node.docker.remove(node.container('main 0').id)
    await node.restart()
    await node.advance(120_000)
    assert.deepEqual(times, [0])
    assert.equal(node.status('web')?.phase, 'Failed')
    assert.deepEqual(statusOf(node).state?.terminated?.reason, 'ContainerStatusUnknown')
  })

  it('is not run again under OnFailure when it had succeeded', async (t) => {
    await using node = await aNode(t)
    const times = startTimes(node)
    const containers = containersNamed('main', 'other')
    await node.run({ name: 'web', spec: { restartPolicy: 'OnFailure', containers } })
    await node.exit('main 0', 0)
    node.docker.remove(node.container('main 0').id)
    await node.restart()
    assert.deepEqual(times, [0])
    assert.equal(statusOf(node).state?.terminated?.exitCode, 0)
  })

  it('comes back under Always, and counts on', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    await node.exit('main 0', 1)
    node.kill()
    for (const name of ['main 0', 'main 1']) node.docker.remove(node.container(name).id)
    await node.restart()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 2 running'])
    assert.equal(statusOf(node).restartCount, 2)
  })
})

describe('a container that cannot be started', () => {
  const message = 'OCI runtime create failed: exec: "nope": executable file not found'

  it('is created again ten seconds after Docker refused it, and says why meanwhile', async (t) => {
    const refused = new KubeletError('invalid', 'invalid mount config', { status: 400 })
    await using node = await aNode(t, {
      onCall: (moment, { method, subject }, self) => {
        if (moment === 'before' && method === 'create' && subject.startsWith('k8s_main_') && !isRefused) {
          isRefused = true
          self.engine.failNext('create', refused)
        }
      },
    })
    let isRefused = false
    await node.run({ name: 'web' })
    await node.advance(9000)
    assert.deepEqual(statusOf(node).state, {
      waiting: { reason: 'CreateContainerError', message: 'Error response from daemon: invalid mount config' },
    })
    assert.deepEqual(told(node.takeEvents()).slice(1), [
      'Warning Failed Error: Error response from daemon: invalid mount config',
    ])
    await node.advance(1000)
    assert.deepEqual(statusOf(node).state, { running: { startedAt: '2026-11-21T10:00:10Z' } })
  })

  it('is tried again at once, and after 10, 20, 40 seconds from then on', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'cannot-run', message } } })
    await node.run({ name: 'web' })
    const counts = [statusOf(node).restartCount]
    for (const seconds of [9, 1, 19, 1, 39, 1]) {
      await node.advance(seconds * 1000)
      counts.push(statusOf(node).restartCount)
    }
    assert.deepEqual(counts, [1, 1, 2, 2, 3, 3, 4])
  })

  it('shows what Docker said, and that it backs off', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'cannot-run', message } } })
    const { metadata } = await node.run({ name: 'web' })
    const waits = node.statusesOf('web').map((status) => status.containerStatuses?.[0]?.state?.waiting)
    const { id } = node.container('main 0')
    assert.deepEqual(
      waits.find((waiting) => waiting?.reason === 'RunContainerError'),
      {
        reason: 'RunContainerError',
        message: `failed to start container "${id}": Error response from daemon: ${message}`,
      },
    )
    const { state, lastState } = statusOf(node)
    assert.equal(state?.waiting?.reason, 'CrashLoopBackOff')
    const { exitCode, reason, message: said } = lastState?.terminated ?? {}
    assert.deepEqual({ exitCode, reason, said }, { exitCode: 127, reason: 'ContainerCannotRun', said: message })
    assert.equal(node.status('web')?.phase, 'Running')
    const failure = `Warning Failed Error: failed to start container "main": Error response from daemon: ${message}`
    const backOff = `Warning BackOff Back-off restarting failed container main in pod web_default(${metadata.uid})`
    assert.deepEqual(
      told(node.takeEvents()).filter((text) => text.startsWith('Warning')),
      [failure, failure, backOff],
    )
  })

  it('says nothing of it any more once it has run', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'cannot-run', message } } })
    await node.run({ name: 'web' })
    node.programs.delete('main')
    await node.advance(10_000)
    assert.ok(statusOf(node).state?.running)
    const release = node.engineGate.hold('create')
    await node.exit('main 2', 1)
    await node.advance(60_000)
    assert.deepEqual(statusOf(node).state?.terminated?.exitCode, 1)
    release()
    await node.settled()
    assert.ok(statusOf(node).state?.running)
  })

  it('has failed for good under Never', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'cannot-run', message } } })
    await node.run({ name: 'web', spec: { restartPolicy: 'Never' } })
    await node.advance(120_000)
    const { exitCode, reason, message: shown } = statusOf(node).state?.terminated ?? {}
    assert.deepEqual({ exitCode, reason, shown }, { exitCode: 127, reason: 'ContainerCannotRun', shown: message })
    assert.equal(node.status('web')?.phase, 'Failed')
    assert.deepEqual(node.containers, ['sandbox 0 exited', 'main 0 created'])
  })

  it('holds up none of those behind it', async (t) => {
    await using node = await aNode(t, { programs: { bad: { kind: 'cannot-run', message } } })
    await node.run({ name: 'web', spec: { containers: containersNamed('bad', 'good') } })
    assert.ok(node.containers.includes('good 0 running'))
  })
})

describe('the hosts file of a Pod', () => {
  it('names its IP before the first container starts', async (t) => {
    let hosts: Promise<string> | undefined
    await using node = await aNode(t, {
      onCall: (moment, { method, subject }, self) => {
        if (moment !== 'before' || method !== 'start') return
        if (!self.docker.find(subject)?.request.name.startsWith('k8s_main_')) return
        hosts = readFile(join(self.root, 'pods', aPodUid, 'etc-hosts'), 'utf8')
      },
    })
    await node.run({ name: 'web', metadata: { uid: aPodUid } })
    assert.match((await hosts) ?? '', /^172\.17\.0\.1\tweb$/mu)
  })

  it('names the new IP when the sandbox is another', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', metadata: { uid: aPodUid } })
    await node.exit('sandbox 0', 137)
    const ip = node.status('web')?.podIP ?? ''
    assert.notEqual(ip, '172.17.0.1')
    const hosts = await readFile(join(node.root, 'pods', aPodUid, 'etc-hosts'), 'utf8')
    assert.ok(hosts.includes(`${ip}\tweb\n`))
    assert.ok(!hosts.includes('172.17.0.1'))
  })

  it('is what the kubelet writes again whenever a container starts anew', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', metadata: { uid: aPodUid } })
    const path = join(node.root, 'pods', aPodUid, 'etc-hosts')
    const written = await readFile(path, 'utf8')
    await writeFile(path, 'written over by the container')
    await node.exit('main 0', 1)
    assert.ok(node.containers.includes('main 1 running'))
    assert.equal(await readFile(path, 'utf8'), written)
  })
})
