import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, podManifest, shell, statusOf, type PodManifest } from '../support/test-pod.ts'

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
