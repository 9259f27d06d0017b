import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { labels } from '../../src/model/labels.ts'
import { docker } from '../support/command.ts'
import { labelOf, type DockerContainer } from '../support/docker-objects.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, hasPhase, isReady, podManifest, shell, staying, statusOf } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

async function sandboxOf(pod: Pod): Promise<DockerContainer> {
  const sandbox = (await node.containers(pod)).findLast((container) => labelOf(container, labels.kind) === 'sandbox')
  assert.ok(sandbox !== undefined)
  return sandbox
}

const restarted =
  (container: string, count = 1) =>
  (pod: Pod): boolean =>
    isReady(pod) && statusOf(pod, container).restartCount === count

describe("What happens behind the agent's back", { concurrency: 8 }, () => {
  it('a sandbox that is killed is replaced, with all containers, a new IP and the hosts file that goes with it', async () => {
    const pod = await node.createUntil(
      podManifest('sandbox-killed', [staying('one'), staying('two')]),
      'ready',
      isReady,
    )
    const before = await sandboxOf(pod)
    await docker('kill', before.Id)
    const again = await node.until(
      'sandbox-killed',
      'ready again',
      (seen) => restarted('one')(seen) && restarted('two')(seen),
    )
    const now = await sandboxOf(again)
    assert.deepEqual([labelOf(before, labels.attempt), labelOf(now, labels.attempt)], ['0', '1'])
    const ip = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', now.Id)
    assert.equal(again.status?.podIP, ip)
    assert.ok((await node.exec(again, 'one', 'cat', '/etc/hosts')).endsWith(`\n${ip}\tsandbox-killed`))
    const event = await node.untilEvent('sandbox-killed', 'SandboxChanged')
    assert.deepEqual([event.type, event.message], ['Normal', 'Pod sandbox changed, it will be killed and re-created.'])
  })

  it('a sandbox that is removed is replaced', async () => {
    const pod = await node.createUntil(podManifest('sandbox-removed', [staying('main')]), 'ready', isReady)
    await docker('rm', '--force', (await sandboxOf(pod)).Id)
    const again = await node.until('sandbox-removed', 'ready again', restarted('main'))
    const sandboxes = (await node.containers(again)).filter((one) => labelOf(one, labels.kind) === 'sandbox')
    assert.equal(sandboxes.length, 1)
  })

  it('a container that is removed is made again, as a restart', async () => {
    const pod = await node.createUntil(podManifest('removed', [staying('main'), staying('other')]), 'ready', isReady)
    await docker('rm', '--force', dockerId(pod, 'main'))
    const again = await node.until('removed', 'ready again', restarted('main'))
    assert.notEqual(dockerId(again, 'main'), dockerId(pod, 'main'))
    assert.deepEqual(statusOf(again, 'other'), statusOf(pod, 'other'))
  })

  it('a container that has ended for good is not made again when its record is removed', async () => {
    const main = shell('main', 'exit 3')
    const manifest = podManifest('record-removed', [main, staying('other')], { restartPolicy: 'Never' })
    const ended = (seen: Pod): boolean =>
      statusOf(seen, 'main').state?.terminated !== undefined && statusOf(seen, 'other').ready
    const pod = await node.createUntil(
      manifest,
      'half over',
      (seen) => seen.status?.containerStatuses !== undefined && ended(seen),
    )
    await docker('rm', dockerId(pod, 'main'))
    // The end of the other one is the last that the agent has to see to.
    await docker('kill', dockerId(pod, 'other'))
    const over = await node.until('record-removed', 'over', hasPhase('Failed'))
    assert.deepEqual(statusOf(over, 'main').state, statusOf(pod, 'main').state)
    assert.equal(statusOf(over, 'main').restartCount, 0)
  })

  it('an old instance of a container that somebody starts again is stopped', async () => {
    const pod = await node.createUntil(podManifest('started', [staying('main')]), 'ready', isReady)
    await docker('kill', dockerId(pod, 'main'))
    const again = await node.until('started', 'restarted', restarted('main'))
    await docker('start', dockerId(pod, 'main'))
    await docker('wait', dockerId(pod, 'main'))
    assert.equal(dockerId(await node.until('started', 'ready', isReady), 'main'), dockerId(again, 'main'))
  })
})
