import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ContainerSpec } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, statusOf, type PodManifest } from '../support/test-pod.ts'

await test('An agent that was killed while its Pods were ending', { concurrency: 8 }, async (suite) => {
  await using node = await TestNode.start()
  const told = async (name: string): Promise<readonly string[]> =>
    (await readFile(join(node.folder, name, 'main'), 'utf8')).trimEnd().split('\n')
  const telling = (name: string, main: ContainerSpec, graceSeconds: number): PodManifest =>
    podManifest(name, [{ ...main, volumeMounts: [{ name: 'told', mountPath: '/told' }] }], {
      terminationGracePeriodSeconds: graceSeconds,
      volumes: [{ name: 'told', hostPath: { path: join(node.folder, name), type: 'DirectoryOrCreate' } }],
    })

  const tellsOfTerm = "trap 'echo term >>/told/main; exit 0' TERM; sleep 86400 & wait"
  const preStop = { exec: { command: ['sh', '-c', 'echo hook >>/told/main; sleep 86400'] } }
  const hooked = shell('main', tellsOfTerm, { lifecycle: { preStop } })
  // Nothing stops it before its grace is over.
  const deaf = shell('main', "trap 'echo term >>/told/main' TERM; while :; do sleep 0.1; done")
  const manifests = [
    telling('in-hook', hooked, 4),
    telling('in-hook-forced', hooked, 600),
    telling('in-stop', deaf, 4),
    telling('replaced', deaf, 4),
  ]
  await Promise.all(manifests.map((manifest) => node.createUntil(manifest, 'ready', isReady)))

  await node.kubectl.run('delete', 'pod', 'in-hook', 'in-hook-forced', 'in-stop', '--wait=false')
  await node.kubectl.run('set', 'image', 'pod/replaced', 'main=busybox:1.28')
  await Promise.all(manifests.map(({ metadata }) => node.agent.logged('container-killing', metadata.name)))
  await node.agent.kill()
  await node.kubectl.run('delete', 'pod', 'in-hook-forced', '--force', '--grace-period=0')
  node.restartAgent()

  await Promise.all([
    suite.test('runs the hook of such a Pod once more, and ends it in its grace', async () => {
      const last = await node.untilGone('in-hook')
      assert.deepEqual(await told('in-hook'), ['hook', 'hook', 'term'])
      assert.deepEqual([last.status?.phase, statusOf(last, 'main').state?.terminated?.exitCode], ['Succeeded', 0])
    }),
    suite.test('ends one that nobody wants any more without its hook', async () => {
      await node.agent.logged('pod-removed', 'in-hook-forced')
      assert.deepEqual(await told('in-hook-forced'), ['hook', 'term'])
    }),
    suite.test('has the last word of one that does not listen in the API server before its object goes', async () => {
      const last = await node.untilGone('in-stop')
      assert.deepEqual([last.status?.phase, statusOf(last, 'main').state?.terminated?.exitCode], ['Failed', 137])
    }),
    suite.test('goes on with the replacement of a container', async () => {
      await node.until('replaced', 'replaced', (pod) => statusOf(pod, 'main').restartCount === 1 && isReady(pod))
    }),
  ])
})
