import assert from 'node:assert/strict'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
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

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** PID 1 gets no signal that it has no handler for: only SIGKILL ends it. */
const deaf = (name: string) => shell(name, 'sleep 86400')

function ready(manifest: PodManifest): Promise<Pod> {
  return node.createUntil(manifest, 'ready', isReady)
}

/** What is left of a Pod on the node: its containers in Docker, and whether it has a directory. */
async function leftOf(pod: Pod): Promise<{ readonly containers: number; readonly directory: boolean }> {
  const containers = await node.containers(pod)
  const directory = await access(join(node.rootDir, 'pods', pod.metadata.uid)).then(
    () => true,
    () => false,
  )
  return { containers: containers.length, directory }
}

const nothing = { containers: 0, directory: false }

describe('A Pod that is deleted', { concurrency: 8 }, () => {
  it('gets SIGTERM, and is gone with all that it had when its containers have ended', async () => {
    const path = join(node.folder, 'signals')
    const main = shell('main', "trap 'echo told >>/signals/main; exit 0' TERM; sleep 86400 & wait", {
      volumeMounts: [{ name: 'signals', mountPath: '/signals' }],
    })
    const volumes = [{ name: 'signals', hostPath: { path, type: 'DirectoryOrCreate' } }]
    const pod = await ready(
      podManifest('told', [main, staying('other')], { volumes, terminationGracePeriodSeconds: 600 }),
    )
    await node.kubectl.run('delete', 'pod', 'told')
    assert.equal(await readFile(join(path, 'main'), 'utf8'), 'told\n')
    const last = await node.untilGone('told')
    assert.deepEqual([last.status?.phase, statusOf(last, 'main').state?.terminated?.exitCode], ['Succeeded', 0])
    assert.deepEqual(await leftOf(pod), nothing)
    await node.untilEvent('told', 'Killing', 'Stopping container main')
    await node.untilEvent('told', 'Killing', 'Stopping container other')
  })

  it('gets SIGKILL when its grace is over', async () => {
    const pod = await ready(podManifest('deaf', [deaf('main')], { terminationGracePeriodSeconds: 2 }))
    await node.kubectl.run('delete', 'pod', 'deaf')
    const last = await node.untilGone('deaf')
    assert.deepEqual([last.status?.phase, statusOf(last, 'main').state?.terminated?.exitCode], ['Failed', 137])
    assert.deepEqual(await leftOf(pod), nothing)
  })

  it('gets the grace that the deletion says', async () => {
    await ready(podManifest('hurried', [deaf('main')], { terminationGracePeriodSeconds: 600 }))
    await node.kubectl.run('delete', 'pod', 'hurried', '--grace-period=2')
    const last = await node.untilGone('hurried')
    assert.equal(statusOf(last, 'main').state?.terminated?.exitCode, 137)
  })

  it('is gone sooner when a second deletion gives it less time than the first', async () => {
    const pod = await ready(podManifest('shortened', [deaf('main')], { terminationGracePeriodSeconds: 600 }))
    await node.kubectl.run('delete', 'pod', 'shortened', '--wait=false')
    await node.agent.logged('container-killing', 'shortened')
    await node.kubectl.run('delete', 'pod', 'shortened', '--grace-period=2')
    const last = await node.untilGone('shortened')
    assert.equal(statusOf(last, 'main').state?.terminated?.exitCode, 137)
    assert.deepEqual(await leftOf(pod), nothing)
  })

  it('leaves the API server at once when forced, and the node soon after', async () => {
    const pod = await ready(podManifest('forced', [deaf('main')], { terminationGracePeriodSeconds: 2 }))
    await node.kubectl.run('delete', 'pod', 'forced', '--force', '--grace-period=0')
    await node.agent.logged('pod-removed', 'forced')
    assert.deepEqual(await leftOf(pod), nothing)
  })

  it('is ended at once when it is forced while it is ending', async () => {
    const pod = await ready(podManifest('forced-late', [deaf('main')], { terminationGracePeriodSeconds: 600 }))
    await node.kubectl.run('delete', 'pod', 'forced-late', '--wait=false')
    await node.agent.logged('container-killing', 'forced-late')
    await node.kubectl.run('delete', 'pod', 'forced-late', '--force', '--grace-period=0')
    await node.agent.logged('pod-removed', 'forced-late')
    assert.deepEqual(await leftOf(pod), nothing)
  })

  it('stays, ended, for as long as somebody holds it with a finalizer', async () => {
    const { metadata, ...manifest } = podManifest('held', [staying('main')])
    const pod = await ready({ ...manifest, metadata: { ...metadata, finalizers: ['minikubelet.test/hold'] } })
    await node.kubectl.run('delete', 'pod', 'held', '--wait=false')
    await node.agent.logged('pod-removed', 'held')
    const held = await node.until('held', 'over', hasPhase('Succeeded'))
    assert.equal(statusOf(held, 'main').state?.terminated?.exitCode, 0)
    assert.deepEqual(await leftOf(pod), nothing)
    await node.kubectl.run('patch', 'pod', 'held', '--type=merge', '--patch={"metadata":{"finalizers":null}}')
    await node.untilGone('held')
  })

  it('has failed when it never ran, as long as somebody holds it', async () => {
    const image = '127.0.0.1:1/absent:1'
    const { metadata, ...manifest } = podManifest('pending', [staying('main', { image })])
    const held = { ...manifest, metadata: { ...metadata, finalizers: ['minikubelet.test/hold'] } }
    await node.createUntil(held, 'waiting', waitsFor('main', 'ImagePullBackOff'))
    await node.kubectl.run('delete', 'pod', 'pending', '--wait=false')
    const pod = await node.until('pending', 'over', hasPhase('Failed'))
    const { exitCode, reason } = statusOf(pod, 'main').state?.terminated ?? {}
    assert.deepEqual([exitCode, reason], [137, 'ContainerStatusUnknown'])
    await node.kubectl.run('patch', 'pod', 'pending', '--type=merge', '--patch={"metadata":{"finalizers":null}}')
    await node.untilGone('pending')
  })

  it('lets its other containers go on while one takes its time to end', async () => {
    const deafMain = shell('main', "trap '' TERM; while :; do sleep 0.1; done")
    const other = shell('other', 'sleep 86400')
    const pod = await ready(podManifest('patient', [deafMain, other], { terminationGracePeriodSeconds: 600 }))
    await node.kubectl.run('set', 'image', 'pod/patient', 'main=busybox:1.28')
    await node.agent.logged('container-killing', 'patient')
    await docker('kill', dockerId(pod, 'other'))
    await node.until('patient', 'restarted', (seen) => statusOf(seen, 'other').restartCount === 1 && isReady(seen))
    await node.kubectl.run('delete', 'pod', 'patient', '--grace-period=1')
    await node.untilGone('patient')
  })

  it('is gone at once when it never ran', async () => {
    const manifest = podManifest('waiting', [staying('main', { image: '127.0.0.1:1/absent:1' })], {
      terminationGracePeriodSeconds: 600,
    })
    const pod = await node.createUntil(manifest, 'waiting', waitsFor('main', 'ImagePullBackOff'))
    await node.kubectl.run('delete', 'pod', 'waiting')
    assert.deepEqual(await leftOf(pod), nothing)
  })

  it('is gone at once when it has ended', async () => {
    const manifest = podManifest('ended', [shell('main', 'exit 0')], { restartPolicy: 'Never' })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    await node.kubectl.run('delete', 'pod', 'ended')
    await node.agent.logged('pod-removed', 'ended')
    assert.deepEqual(await leftOf(pod), nothing)
  })

  it('is gone at once while it waits to be started again', async () => {
    const manifest = podManifest('looping', [shell('main', 'exit 1')], { terminationGracePeriodSeconds: 600 })
    const pod = await node.createUntil(manifest, 'waiting', waitsFor('main', 'CrashLoopBackOff'))
    await node.kubectl.run('delete', 'pod', 'looping')
    assert.deepEqual(await leftOf(pod), nothing)
  })

  it('can be made again under its name at once', async () => {
    const before = await ready(podManifest('again', [staying('main')]))
    await node.kubectl.run('delete', 'pod', 'again', '--force', '--grace-period=0')
    await node.create(podManifest('again', [staying('main')]))
    const pod = await node.until(
      'again',
      'ready and another',
      (seen) => seen.metadata.uid !== before.metadata.uid && isReady(seen),
    )
    assert.notEqual(dockerId(pod, 'main'), dockerId(before, 'main'))
    assert.equal(statusOf(pod, 'main').restartCount, 0)
  })
})
