import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import {
  dockerId,
  hasPhase,
  isReady,
  podManifest,
  shell,
  staying,
  statusOf,
  waitsFor,
  type PodManifest,
} from '../support/test-pod.ts'

await test('An agent that was killed and started again', { concurrency: 8 }, async (suite) => {
  await using node = await TestNode.start()
  const ready = (manifest: PodManifest): Promise<Pod> => node.createUntil(manifest, 'ready', isReady)
  const looping = (manifest: PodManifest): Promise<Pod> =>
    node.createUntil(manifest, 'waiting', waitsFor('main', 'CrashLoopBackOff'))

  /** What Docker has of a Pod, and the processes that run in it. */
  const inDocker = async (pod: Pod): Promise<readonly string[]> =>
    (await node.containers(pod)).map(({ Id, State }) => `${Id} ${State.Status} ${State.Pid}`)

  // This one ends with 5 when the test says so.
  const told = { name: 'told', hostPath: { path: join(node.folder, 'told'), type: 'DirectoryOrCreate' } }
  const untilToldByFile = shell('main', 'until test -e /told/now; do sleep 0.1; done; exit 5', {
    volumeMounts: [{ name: 'told', mountPath: '/told' }],
  })
  const [kept, done, loops, ends, dies, deleted, forced, orphan] = await Promise.all([
    ready(podManifest('kept', [staying('one'), staying('two')])),
    node.createUntil(podManifest('done', [shell('main', 'exit 0')], { restartPolicy: 'Never' }), 'over', isOver),
    looping(podManifest('loops', [shell('main', 'exit 7')])),
    ready(podManifest('ends', [untilToldByFile], { restartPolicy: 'Never', volumes: [told] })),
    ready(podManifest('dies', [staying('main')])),
    ready(podManifest('deleted', [staying('main')])),
    ready(podManifest('forced', [staying('main')])),
    looping(podManifest('orphan', [shell('main', 'exit 7')])),
  ])
  const keptBefore = await inDocker(kept)
  const doneBefore = await inDocker(done)

  await node.agent.kill()
  await Promise.all([
    writeFile(join(node.folder, 'told', 'now'), ''),
    docker('wait', dockerId(ends, 'main')),
    docker('kill', dockerId(dies, 'main')),
    node.kubectl.run('delete', 'pod', 'deleted', '--wait=false'),
    node.kubectl.run('delete', 'pod', 'forced', 'orphan', '--force', '--grace-period=0'),
  ])
  node.restartAgent()
  // It works: whatever it had to do for the others at its start has been begun.
  await ready(podManifest('newcomer', [staying('main')]))

  await Promise.all([
    suite.test('leaves alone what runs: same containers, same status', async () => {
      assert.deepEqual(await inDocker(kept), keptBefore)
      const since = node.versions('kept').slice(node.versions('kept').indexOf(kept))
      assert.deepEqual(
        since.map(({ status }) => status),
        since.map(() => kept.status),
      )
    }),

    suite.test('does not run again what has ended for good', async () => {
      assert.deepEqual(await inDocker(done), doneBefore)
      assert.deepEqual(node.versions('done').at(-1)?.status, done.status)
    }),

    suite.test('goes on counting restarts where it was', async () => {
      const { restartCount } = statusOf(loops, 'main')
      const next = await node.until('loops', 'restarted', (pod) => statusOf(pod, 'main').restartCount > restartCount)
      assert.equal(statusOf(next, 'main').restartCount, restartCount + 1)
      assert.equal(statusOf(next, 'main').lastState?.terminated?.exitCode, 7)
    }),

    suite.test('reports how a container ended while nobody looked', async () => {
      const pod = await node.until('ends', 'over', hasPhase('Failed'))
      assert.equal(dockerId(pod, 'main'), dockerId(ends, 'main'))
      assert.equal(statusOf(pod, 'main').state?.terminated?.exitCode, 5)
    }),

    suite.test('restarts what died while nobody looked', async () => {
      const isRestarted = (pod: Pod): boolean => isReady(pod) && statusOf(pod, 'main').restartCount === 1
      const pod = await node.until('dies', 'restarted', isRestarted)
      assert.equal(statusOf(pod, 'main').lastState?.terminated?.exitCode, 137)
      assert.equal(pod.status?.podIP, dies.status?.podIP)
    }),

    suite.test('ends what was deleted while nobody looked', async () => {
      const last = await node.untilGone('deleted')
      assert.equal(statusOf(last, 'main').state?.terminated?.exitCode, 0)
      assert.deepEqual(await node.containers(deleted), [])
    }),

    suite.test('ends and removes Pods whose object is gone', async () => {
      for (const pod of [forced, orphan]) {
        await node.agent.logged('pod-removed', pod.metadata.name)
        assert.deepEqual(await node.containers(pod), [])
      }
      const directories = await readdir(join(node.rootDir, 'pods'))
      assert.ok(!directories.includes(forced.metadata.uid) && !directories.includes(orphan.metadata.uid))
    }),
  ])
})

/** Its sandbox has ended too. */
function isOver(pod: Pod): boolean {
  const sandbox = pod.status?.conditions?.find(({ type }) => type === 'PodReadyToStartContainers')
  return hasPhase('Succeeded')(pod) && sandbox?.status === 'False'
}
