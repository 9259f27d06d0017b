import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noPodCgroups, type PodCgroups } from '../../../../src/cgroup/pod-cgroups.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { aNode, type NodeInMemory } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'

const daemon = { runtimes: ['kata', 'runc'], defaultRuntime: 'runc' }
const asking = { name: 'web', spec: { runtimeClassName: 'sandboxed' } }

/** The OCI runtimes that the sandbox and its container were made for. */
function runtimes(node: NodeInMemory): readonly (string | undefined)[] {
  return ['sandbox 0', 'main 0'].map((name) => node.container(name).request.body.HostConfig.Runtime)
}

function warnings(node: NodeInMemory): readonly string[] {
  return told(node.takeEvents()).filter((line) => line.startsWith('Warning'))
}

const failed = 'Warning FailedCreatePodSandBox Failed to create pod sandbox: '

describe("a Pod's RuntimeClass", () => {
  it('is asked for once, with the sandbox, and says what that and its containers run with', async (t) => {
    await using node = await aNode(t, { daemon })
    node.server.objects.putRuntimeClass('sandboxed', 'kata')
    await node.run(asking)
    assert.deepEqual(runtimes(node), ['kata', 'kata'])
    assert.equal(node.cluster.count('getRuntimeClass'), 1)
  })

  it("means Docker's default runtime by `docker`", async (t) => {
    await using node = await aNode(t, { daemon })
    node.server.objects.putRuntimeClass('sandboxed', 'docker')
    await node.run(asking)
    assert.deepEqual(runtimes(node), [undefined, undefined])
  })

  it("leaves containers our own runtime where it means Docker's default, by whichever name", async (t) => {
    for (const handler of ['docker', 'runc']) {
      await using node = await aNode(t, { daemon })
      node.server.objects.putRuntimeClass('sandboxed', handler)
      await node.run(asking)
      await node.exit('main 0', 1)
      assert.equal(node.container('main 1').request.body.HostConfig.Runtime, undefined)
    }
  })

  it('is kept by the sandbox: containers are started anew with it when the class has gone', async (t) => {
    await using node = await aNode(t, { daemon })
    node.server.objects.putRuntimeClass('sandboxed', 'kata')
    await node.run(asking)
    node.server.objects.deleteRuntimeClass('sandboxed')
    await node.restart()
    await node.exit('main 0', 1)
    assert.equal(node.container('main 1').request.body.HostConfig.Runtime, 'kata')
    assert.equal(node.cluster.count('getRuntimeClass'), 0)
  })

  it('that is not there leaves the Pod without a sandbox until it comes', async (t) => {
    await using node = await aNode(t, { daemon })
    await node.run(asking)
    assert.deepEqual(warnings(node), [`${failed}runtimeclass.node.k8s.io "sandboxed" not found`])
    assert.deepEqual(node.containers, [])
    node.server.objects.putRuntimeClass('sandboxed', 'kata')
    await node.advance(10_000)
    assert.deepEqual(runtimes(node), ['kata', 'kata'])
  })

  it('that names a runtime which Docker has not does so too, and asks Docker whether it has it by now', async (t) => {
    await using node = await aNode(t, { daemon: { runtimes: ['runc'], defaultRuntime: 'runc' } })
    node.server.objects.putRuntimeClass('sandboxed', 'kata')
    await node.run(asking)
    assert.deepEqual(warnings(node), [`${failed}failed to get sandbox runtime: no runtime for "kata" is configured`])
    assert.equal(node.takeCalls().filter((call) => call.startsWith('info')).length, 1)
    node.docker.info = daemon
    await node.advance(10_000)
    assert.deepEqual(runtimes(node), ['kata', 'kata'])
  })

  it('is waited for no more when the Pod is to end', async (t) => {
    await using node = await aNode(t, { daemon })
    node.clusterGate.hold('getRuntimeClass')
    await node.run(asking)
    node.takeEvents()
    await node.delete('web')
    assert.equal(node.server.pod('default', 'web'), undefined)
    assert.deepEqual(told(node.takeEvents()), [])
    assert.deepEqual(await node.folders(), [])
  })

  it('is waited for no more when the Pod is to end, which begins when all that was under way for it is done', async (t) => {
    const done: string[] = []
    const held = Promise.withResolvers<void>()
    const cgroups: PodCgroups = {
      ...noPodCgroups,
      ensure: async () => {
        await held.promise
        done.push('made')
        return undefined
      },
      remove: async () => {
        done.push('removed')
      },
    }
    await using node = await aNode(t, { daemon, cgroups })
    node.clusterGate.hold('getRuntimeClass')
    await node.run(asking)
    await node.delete('web')
    held.resolve()
    await node.settled()
    assert.deepEqual(done, ['made', 'removed'])
    assert.deepEqual(await node.folders(), [])
  })

  it('that the server cannot be asked for is told, and asked for again', async (t) => {
    await using node = await aNode(t, { daemon })
    node.server.objects.putRuntimeClass('sandboxed', 'kata')
    node.cluster.failNext('getRuntimeClass', new KubeletError('unavailable', 'no answer'))
    await node.run(asking)
    assert.deepEqual(warnings(node), [`${failed}failed to lookup RuntimeClass sandboxed: no answer`])
    await node.advance(10_000)
    assert.deepEqual(runtimes(node), ['kata', 'kata'])
  })
})
