import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying, type PodManifest } from '../support/test-pod.ts'
import { ociRuntimes } from '../support/uts-runtime.ts'

const opened = new Opened()
const node = await opened.open(TestNode.start())
const made = new Set<string>()
opened.defer(() => node.kubectl.run('delete', 'runtimeclass', '--ignore-not-found', ...made))

/** Makes a RuntimeClass, which belongs to the cluster, under a name of its own. */
async function runtimeClass(handler: string): Promise<string> {
  const name = `${node.name}-${handler}`
  made.add(name)
  await node.kubectl.feed('create', {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name },
    handler,
  })
  return name
}

function inClass(name: string, runtimeClassName: string): PodManifest {
  return podManifest(name, [staying('main')], { runtimeClassName })
}

describe('A Pod of a RuntimeClass', () => {
  it("is run by the OCI runtime of Docker's that the class names, sandbox and all", async () => {
    const { hasWrapper, usual } = await ociRuntimes()
    const runtime = hasWrapper ? 'minikubelet' : usual
    const pod = await node.createUntil(inClass('other', await runtimeClass(runtime)), 'ready', isReady)
    const ids = (await node.containers(pod)).map(({ Id }) => Id)
    assert.equal(ids.length, 2)
    const runtimes = await docker('inspect', '--format', '{{.HostConfig.Runtime}}', ...ids)
    assert.equal(runtimes, `${runtime}\n${runtime}`)
    assert.equal(await node.exec(pod, 'main', 'hostname'), 'other')
  })

  it('gets no sandbox where Docker has no such runtime', async () => {
    await node.create(inClass('unknown', await runtimeClass('nowhere')))
    const message =
      'Failed to create pod sandbox: failed to get sandbox runtime: no runtime for "nowhere" is configured'
    await node.untilEvent('unknown', 'FailedCreatePodSandBox', message)
    const pod = await node.until('unknown', 'pending', ({ status }) => status?.phase === 'Pending')
    assert.deepEqual(await node.containers(pod), [])
  })

  it('gets no sandbox where the class has gone since the Pod came, and the server lets in no other', async () => {
    const name = await runtimeClass('docker')
    await node.agent.kill()
    await node.create(inClass('orphan', name))
    await node.kubectl.run('delete', 'runtimeclass', name)
    node.restartAgent()
    const message = `Failed to create pod sandbox: runtimeclass.node.k8s.io "${name}" not found`
    await node.untilEvent('orphan', 'FailedCreatePodSandBox', message)
    await assert.rejects(node.create(inClass('late', name)), /RuntimeClass .*not found/u)
    await runtimeClass('docker')
    await node.until('orphan', 'ready', isReady)
  })
})

describe('A static Pod of a RuntimeClass', () => {
  it('waits where there is no API server: nobody knows what the class stands for', async () => {
    await using alone = await StandaloneNode.start()
    await alone.write('classed.json', inClass('classed', 'sandboxed'))
    const line = await alone.agent.logged('sandbox-failed', `classed-${alone.name}`)
    assert.equal(line['message'], 'failed to lookup RuntimeClass sandboxed: there is no API server to ask')
    assert.deepEqual(await alone.containers(), [])
  })
})
