import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docker } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, staying, statusOf, waitsFor } from '../support/test-pod.ts'

await test('Records that are removed while no agent is there', async () => {
  await using node = await TestNode.start()
  const volumes = [{ name: 'work', emptyDir: {} }]
  // The third time it stays.
  const script = 'echo >>/shared/tries; test $(wc -l </shared/tries) -gt 2 && exec sleep 86400; exit 7'
  const crashing = shell('main', script, { volumeMounts: [{ name: 'work', mountPath: '/shared' }] })
  const init = shell('init', 'exit 0')
  const [crashed, initialized] = await Promise.all([
    node.createUntil(podManifest('crashes', [crashing], { volumes }), 'waiting', waitsFor('main', 'CrashLoopBackOff')),
    node.createUntil(podManifest('initialized', [staying('main')], { initContainers: [init] }), 'ready', isReady),
  ])
  await node.agent.kill()
  // As `docker container prune` does, but for this node only.
  const ended = (await node.containers()).filter(({ State }) => !State.Running)
  await docker('rm', ...ended.map(({ Id }) => Id))
  node.restartAgent()

  const back = await node.until('crashes', 'back', (pod) => isReady(pod) && statusOf(pod, 'main').restartCount > 1)
  const { restartCount, lastState } = statusOf(back, 'main')
  assert.equal(restartCount, statusOf(crashed, 'main').restartCount + 1)
  assert.deepEqual(lastState, statusOf(crashed, 'main').lastState)

  const after = await node.until('initialized', 'as it was', isReady)
  assert.deepEqual(after.status?.initContainerStatuses, initialized.status?.initContainerStatuses)
  const names = (await node.containers(after)).map(({ Name }) => Name.split('_')[1])
  assert.deepEqual(names, ['POD', 'main'])
})
