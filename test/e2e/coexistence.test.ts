import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { labels } from '../../src/model/labels.ts'
import { docker } from '../support/command.ts'
import type { DockerContainer } from '../support/docker-objects.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying } from '../support/test-pod.ts'

/** Which containers there are, and which process each runs. */
function identities(containers: readonly DockerContainer[]): readonly string[] {
  return containers.map(({ Id, State }) => `${Id} ${State.Status} ${State.Pid}`)
}

/** A container of somebody else's, until the test has ended. */
async function foreignContainer(name: string, ...containerLabels: readonly string[]): Promise<string> {
  const options = containerLabels.flatMap((label) => ['--label', label])
  return docker('run', '--detach', '--name', name, ...options, 'busybox:1.36', 'sleep', '86400')
}

function isRunning(id: string): Promise<string> {
  return docker('inspect', '--format', '{{.State.Running}}', id)
}

await test('Two agents with different node names on one Docker do not touch what is not theirs', async (t) => {
  const uid = randomUUID()
  const foreign = [
    await foreignContainer(`foreign-${uid}`),
    // As a kubelet with another runtime adapter would have made it, of a Pod that no API server knows.
    await foreignContainer(
      `k8s_POD_stranger_default_${uid}_0`,
      `${labels.podUid}=${uid}`,
      `${labels.podName}=stranger`,
      `${labels.podNamespace}=default`,
      `${labels.containerName}=POD`,
    ),
  ]
  t.after(() => docker('rm', '--force', ...foreign))
  await using one = await TestNode.start('--cleanup-on-exit')
  await using other = await TestNode.start()
  const web = podManifest('web', [staying('main')])
  const doomed = podManifest('doomed', [staying('main')])
  const [, , pod] = await Promise.all([
    one.createUntil(web, 'ready', isReady),
    one.createUntil(doomed, 'ready', isReady),
    other.createUntil(web, 'ready', isReady),
  ])
  const before = identities(await other.containers())

  // The one looks for what nobody wants any more, and finds what the API server has forgotten.
  await one.agent.kill()
  await one.kubectl.run('delete', 'pod', 'doomed', '--force', '--grace-period=0')
  one.restartAgent()
  await one.agent.logged('pod-removed', 'doomed')
  // Then it takes away everything that it ever made.
  await one.kubectl.run('delete', 'pod', 'web')
  assert.deepEqual(await one.agent.stop(), { code: 0, signal: null })
  assert.deepEqual(await one.containers(), [])

  assert.deepEqual(identities(await other.containers()), before)
  assert.deepEqual((await other.until('web', 'ready', isReady)).status, pod.status)
  assert.deepEqual(await Promise.all(foreign.map(isRunning)), ['true', 'true'])
})
