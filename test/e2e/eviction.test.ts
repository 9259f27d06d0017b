import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, statusOf, type PodManifest } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** A Pod that writes so many MiB into an emptyDir, and then stays. */
function writes(name: string, mebibytes: number, emptyDir: object): PodManifest {
  const script = `dd if=/dev/zero of=/cache/file bs=1M count=${mebibytes}; echo written >&2; sleep 86400`
  const volumes = [{ name: 'cache', emptyDir }]
  const volumeMounts = [{ name: 'cache', mountPath: '/cache' }]
  return podManifest(name, [shell('main', script, { volumeMounts })], { volumes })
}

function assertEvicted({ status }: Pod, limit: string): void {
  const { reason, message, conditions = [] } = status ?? {}
  assert.deepEqual(
    { reason, message },
    { reason: 'Evicted', message: `Usage of EmptyDir volume "cache" exceeds the limit "${limit}". ` },
  )
  assert.ok(!conditions.some(({ type }) => type === 'DisruptionTarget'))
}

describe('A Pod whose emptyDir has a limit', { concurrency: 8 }, () => {
  it('is evicted when there is more in it, and one that keeps to it runs on beside it', async () => {
    await node.create(writes('modest', 1, { sizeLimit: '5Mi' }))
    const pod = await node.createUntil(writes('greedy', 5, { sizeLimit: '2Mi' }), 'failed', hasPhase('Failed'))
    assertEvicted(pod, '2Mi')
    assert.equal(statusOf(pod, 'main').state?.terminated?.exitCode, 137)
    await node.untilEvent('greedy', 'Evicted', 'Usage of EmptyDir volume "cache" exceeds the limit "2Mi". ')
    const modest = await node.kubectl.get<Pod>('pod', 'modest')
    assert.equal(modest.status?.phase, 'Running')
  })

  it('is not evicted when it is one that the cluster cannot do without', async () => {
    const manifest = writes('critical', 5, { sizeLimit: '2Mi' })
    const spec = { ...manifest.spec, priorityClassName: 'system-node-critical' }
    await node.create({ ...manifest, spec })
    await node.createUntil(writes('after-it', 5, { sizeLimit: '3Mi' }), 'failed', hasPhase('Failed'))
    const critical = await node.kubectl.get<Pod>('pod', 'critical')
    assert.equal(critical.status?.phase, 'Running')
    const evicted = node.events.items.filter(({ object }) => object.reason === 'Evicted')
    assert.ok(!evicted.some(({ object }) => object.involvedObject.name === 'critical'))
  })
})

describe('A Pod that may have only so much of the disk', { concurrency: 8 }, () => {
  const limited = (name: string, mebibytes: number, script = 'sleep 86400'): ContainerSpec =>
    shell(name, script, { resources: { limits: { 'ephemeral-storage': `${mebibytes}Mi` } } })
  const fill = 'dd if=/dev/zero of=/file bs=1M count=5; sleep 86400'
  const logs = 'head -c 3000000 /dev/zero | tr "\\0" x; sleep 86400'

  async function assertEnded(name: string, containers: readonly ContainerSpec[], message: string): Promise<void> {
    const { status } = await node.createUntil(podManifest(name, containers), 'failed', hasPhase('Failed'))
    assert.deepEqual([status?.reason, status?.message], ['Evicted', message])
    assert.ok(!status?.conditions?.some(({ type }) => type === 'DisruptionTarget'))
    await node.untilEvent(name, 'Evicted', message)
  }

  it('is evicted when a container has logged more than it may', async () => {
    const message = 'Container main exceeded its local ephemeral storage limit "2Mi". '
    await assertEnded('talkative', [limited('main', 2, logs), limited('other', 20)], message)
  })

  it('is evicted when it has more than its containers may have together', async () => {
    const message = 'Pod ephemeral local storage usage exceeds the total limit of containers 3Mi. '
    await assertEnded('whole', [limited('main', 3, fill)], message)
  })

  it('is evicted when a container has more in its layer than it may, where that lies on the disk of the node', async () => {
    const dockerRoot = (await docker('info', '--format', '{{.DockerRootDir}}')).trim()
    const containers = [limited('main', 2, fill), limited('other', 20)]
    if (statSync(dockerRoot).dev === statSync(node.folder).dev) {
      await assertEnded('layered', containers, 'Container main exceeded its local ephemeral storage limit "2Mi". ')
      return
    }
    await node.createUntil(podManifest('layered', containers), 'ready', isReady)
    await assertEnded(
      'after-it',
      [limited('main', 3, fill)],
      'Pod ephemeral local storage usage exceeds the total limit of containers 3Mi. ',
    )
    assert.equal((await node.kubectl.get<Pod>('pod', 'layered')).status?.phase, 'Running')
  })

  it('runs on while it has less', async () => {
    const lesser = await node.createUntil(podManifest('lesser', [limited('main', 50, fill)]), 'ready', isReady)
    await node.createUntil(podManifest('more', [limited('main', 1, fill)]), 'failed', hasPhase('Failed'))
    assert.equal((await node.kubectl.get<Pod>('pod', lesser.metadata.name)).status?.phase, 'Running')
  })
})
