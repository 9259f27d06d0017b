import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import type { KubeNode } from '../../src/model/kube.ts'
import { mountsBelow } from '../support/mounts.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying } from '../support/test-pod.ts'

describe('An agent that is told to end', () => {
  it('does so within 5 s, whatever it is about, and leaves Pods and Node as they are', async () => {
    await using node = await TestNode.start()
    const [pod] = await Promise.all([
      node.createUntil(podManifest('kept', [staying('main')]), 'ready', isReady),
      node.createUntil(
        podManifest('ending', [shell('deaf', 'sleep 86400')], { terminationGracePeriodSeconds: 600 }),
        'ready',
        isReady,
      ),
      node.createUntil(
        podManifest('pulling', [staying('main', { image: '10.255.255.1/unanswered:1' })]),
        'waiting',
        hasPhase('Pending'),
      ),
    ])
    await node.kubectl.run('delete', 'pod', 'ending', '--wait=false')
    await node.agent.logged('container-killing', 'ending')
    await node.agent.logged('pull-started', 'pulling')
    const before = await node.containers()

    const askedAtMs = performance.now()
    assert.deepEqual(await node.agent.stop(), { code: 0, signal: null })
    assert.ok(performance.now() - askedAtMs < 5000)

    const ids = (containers: typeof before): readonly string[] =>
      containers.map(({ Id, State }) => `${Id} ${State.Status}`)
    assert.deepEqual(ids(await node.containers()), ids(before))
    assert.deepEqual((await node.until('kept', 'ready', isReady)).status, pod.status)
    const { spec } = await node.kubectl.get<KubeNode>('node', node.name)
    assert.equal(spec?.unschedulable, undefined)
  })

  it('takes everything with it that it made, with --cleanup-on-exit', async () => {
    await using node = await TestNode.start('--cleanup-on-exit')
    const volumes = [{ name: 'data', emptyDir: { medium: 'Memory' } }]
    const main = staying('main', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })
    await Promise.all([
      node.createUntil(podManifest('running', [main], { volumes }), 'ready', isReady),
      node.createUntil(
        podManifest('over', [shell('main', 'exit 0')], { restartPolicy: 'Never' }),
        'over',
        hasPhase('Succeeded'),
      ),
    ])
    assert.deepEqual(await node.agent.stop(), { code: 0, signal: null })
    assert.deepEqual(await node.containers(), [])
    await Promise.all([node.untilGone('running'), node.untilGone('over')])
    const left = await readdir(node.folder, { recursive: true })
    assert.deepEqual([left, mountsBelow(node.folder)], [[], []])
  })
})
