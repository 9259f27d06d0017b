import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { SpareDocker } from '../support/spare-docker.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { dockerId, hasPhase, isReady, podManifest, shell, staying, statusOf } from '../support/test-pod.ts'

/** All of its containers run, restarted or not. */
function isUp(pod: Pod | undefined, restarted: boolean): boolean {
  if (pod === undefined || !isReady(pod)) return false
  return ['one', 'two'].every((name) => statusOf(pod, name).restartCount > 0 === restarted)
}

it('A Docker that goes and comes back: what must run runs again, in a new sandbox and with its images, and what has ended stays so', async () => {
  await using docker = await SpareDocker.start('busybox:1.36')
  await using node = await StandaloneNode.start(`--docker-host=${docker.host}`)
  const volumes = [{ name: 'tools', image: { reference: 'busybox:1.36', pullPolicy: 'Never' } }]
  const volumeMounts = [{ name: 'tools', mountPath: '/tools', subPath: 'bin' }]
  await node.write('stays.json', podManifest('stays', [staying('one', { volumeMounts }), staying('two')], { volumes }))
  await node.write('ends.json', podManifest('ends', [shell('main', 'exit 0')], { restartPolicy: 'Never' }))
  const isOver = (pod: Pod | undefined): boolean => pod !== undefined && hasPhase('Succeeded')(pod)
  await node.until('stays', 'ready', (pod) => isUp(pod, false))
  const ended = await node.until('ends', 'over', isOver)

  await docker.down()
  await docker.up()
  const again = await node.until('stays', 'restarted', (pod) => isUp(pod, true))
  assert.ok(again)
  assert.equal(await docker.run('exec', dockerId(again, 'one'), '/tools/busybox', 'echo', 'still there'), 'still there')
  const names = await docker.run('ps', '--filter', 'name=stays', '--format', '{{.Names}}')
  // How often depends on what the agent tried while Docker was going down.
  assert.deepEqual(
    names
      .split('\n')
      .map((name) => name.replace(/_stays.*_[1-9]\d*$/u, ' again'))
      .toSorted(),
    ['k8s_POD again', 'k8s_one again', 'k8s_two again'],
  )
  const stillEnded = await node.until('ends', 'over', isOver)
  assert.deepEqual(stillEnded?.status?.containerStatuses, ended?.status?.containerStatuses)
})
