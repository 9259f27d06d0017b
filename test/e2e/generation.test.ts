import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
// Such a server counts the changes of a Pod's spec, and keeps to what of them a status belongs.
const counts = (await node.kubectl.serverMinor()) >= 33

const image = (tag: string): string =>
  JSON.stringify({ spec: { containers: [{ name: 'main', image: `busybox:${tag}` }] } })

/** The generations that a status says it is of: its own and each condition's of ours. */
function observed(pod: Pod): readonly (number | undefined)[] {
  const conditions = pod.status?.conditions ?? []
  return [pod.status?.observedGeneration, ...conditions.map(({ observedGeneration }) => observedGeneration)]
}

const isOf =
  (generation: number) =>
  (pod: Pod): boolean =>
    observed(pod).every((each) => each === generation)

describe(`The generation of a Pod, on a server ${counts ? 'that counts it (1.33 and later)' : 'before 1.33'}`, () => {
  it('goes into its status once, and is written once', async () => {
    await node.createUntil(podManifest('quiet', [staying('main')]), 'ready', isReady)
    // By then the agent has heard of what it wrote, and would have answered.
    await node.createUntil(podManifest('later', [staying('main')]), 'ready', isReady)
    const [last, ...others] = node.versions('quiet').toReversed()
    assert.ok(last !== undefined && isReady(last))
    assert.deepEqual(new Set(observed(last)), new Set([counts ? 1 : undefined]))
    assert.equal(others.filter(isReady).length, 0, 'the status was written again')
  })

  if (counts) {
    it('is followed by status and conditions when the spec changes, and when it is to end', async () => {
      await node.createUntil(podManifest('changed', [staying('main')]), 'ready', isReady)
      await node.kubectl.run('patch', 'pod', 'changed', '--patch', image('1.28'))
      await node.until('changed', 'seen in its second generation', isOf(2))
      await node.kubectl.run(
        'patch',
        'pod',
        'changed',
        '--patch',
        JSON.stringify({ spec: { activeDeadlineSeconds: 5000 } }),
      )
      await node.until('changed', 'seen in its third generation', isOf(3))
      await node.kubectl.run('label', 'pod', 'changed', 'a=b')
      await node.kubectl.run('delete', 'pod', 'changed', '--wait=false')
      const last = await node.untilGone('changed')
      assert.equal(last.metadata.generation, 4, 'a deletion counts, a label does not')
      assert.deepEqual(new Set(observed(last)), new Set([4]))
    })

    it('is followed even where nothing else of the status changes', async () => {
      const manifest = podManifest('over', [shell('main', 'exit 0')], { restartPolicy: 'Never' })
      await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
      await node.kubectl.run('patch', 'pod', 'over', '--patch', image('1.28'))
      await node.until('over', 'seen in its second generation', (pod) => pod.status?.observedGeneration === 2)
    })
  }
})
