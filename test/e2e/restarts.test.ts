import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import {
  dockerId,
  findStatus,
  hasPhase,
  isReady,
  podManifest,
  shell,
  staying,
  statusOf,
  waitsFor,
} from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** What the container `main` was seen doing, each state once in a row. */
function statesOf(name: string): readonly string[] {
  const states = node.versions(name).map((pod) => stateOf(pod))
  return states.filter((state, index) => state !== '' && state !== states[index - 1])
}

function stateOf(pod: Pod): string {
  const status = findStatus(pod, 'main')
  const { state } = status ?? {}
  if (status === undefined || state === undefined) return ''
  const what = state.running ? 'running' : (state.waiting?.reason ?? state.terminated?.reason ?? '')
  return `${what} ${status.restartCount}`
}

describe('Restarts', { concurrency: 8 }, () => {
  it('under Never a container that succeeds ends its Pod well', async () => {
    const manifest = podManifest('succeeds', [shell('main', 'exit 0')], { restartPolicy: 'Never' })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    const { state, restartCount } = statusOf(pod, 'main')
    assert.deepEqual([state?.terminated?.exitCode, state?.terminated?.reason, restartCount], [0, 'Completed', 0])
    assert.deepEqual(
      pod.status?.conditions
        ?.filter(({ type }) => type.endsWith('Ready'))
        .map(({ status, reason }) => [status, reason]),
      [
        ['False', 'PodCompleted'],
        ['False', 'PodCompleted'],
      ],
    )
  })

  it('under Never a container that fails ends its Pod badly, with its exit code and its last words', async () => {
    const main = shell('main', 'echo -n "out of luck" >/dev/termination-log; exit 3')
    const pod = await node.createUntil(
      podManifest('fails', [main], { restartPolicy: 'Never' }),
      'over',
      hasPhase('Failed'),
    )
    const { state, restartCount } = statusOf(pod, 'main')
    const { exitCode, reason, message } = state?.terminated ?? {}
    assert.deepEqual(
      { exitCode, reason, message, restartCount },
      { exitCode: 3, reason: 'Error', message: 'out of luck', restartCount: 0 },
    )
  })

  it('a container whose memory ran out says so', async () => {
    // The kernel kills what takes the most. That the container outlives it leaves Docker the time to hear of it.
    const main = shell('main', 'until test -e /go; do sleep 0.1; done; tail /dev/zero; sleep 1; exit 137')
    const pod = await node.createUntil(podManifest('hungry', [main], { restartPolicy: 'Never' }), 'ready', isReady)
    await docker('update', '--memory=20m', '--memory-swap=20m', dockerId(pod, 'main'))
    await node.exec(pod, 'main', 'touch', '/go')
    const isOver = (seen: Pod): boolean => statusOf(seen, 'main').state?.terminated?.reason === 'OOMKilled'
    const over = await node.until('hungry', 'out of memory', isOver)
    assert.equal(statusOf(over, 'main').state?.terminated?.exitCode, 137)
    assert.equal(over.status?.phase, 'Failed')
  })

  it('under Never a Pod goes on while one of its containers does', async () => {
    const manifest = podManifest('half', [shell('main', 'exit 1'), staying('other')], { restartPolicy: 'Never' })
    const isHalfOver = (seen: Pod): boolean => stateOf(seen) === 'Error 0' && statusOf(seen, 'other').ready
    const pod = await node.createUntil(manifest, 'half over', isHalfOver)
    assert.equal(pod.status?.phase, 'Running')
    await docker('kill', dockerId(pod, 'other'))
    await node.until('half', 'over', hasPhase('Failed'))
  })

  it('under OnFailure a container is restarted until it succeeds', async () => {
    const main = shell('main', 'test -e /data/tried || { touch /data/tried; exit 1; }', {
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    })
    const manifest = podManifest('tries', [main], {
      restartPolicy: 'OnFailure',
      volumes: [{ name: 'data', emptyDir: {} }],
    })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    const { restartCount, state, lastState } = statusOf(pod, 'main')
    assert.deepEqual(
      { restartCount, exitCode: state?.terminated?.exitCode, before: lastState?.terminated?.exitCode },
      { restartCount: 1, exitCode: 0, before: 1 },
    )
  })

  it('a crashing container is restarted at once, then after 10 s, then waits twice as long', async () => {
    await node.create(podManifest('crashes', [shell('main', 'exit 4')]))
    const first = await node.until('crashes', 'in its first back-off', waitsFor('main', 'CrashLoopBackOff'))
    assert.deepEqual(
      statesOf('crashes')
        .filter((state) => !state.startsWith('ContainerCreating'))
        .at(-1),
      'CrashLoopBackOff 1',
    )
    const { uid } = first.metadata
    const where = `container=main pod=crashes_${node.name}(${uid})`
    assert.equal(statusOf(first, 'main').state?.waiting?.message, `back-off 10s restarting failed ${where}`)
    assert.equal(statusOf(first, 'main').lastState?.terminated?.exitCode, 4)
    assert.equal(first.status?.phase, 'Running')
    const event = await node.untilEvent('crashes', 'BackOff')
    assert.deepEqual(
      { type: event.type, message: event.message, fieldPath: event.involvedObject.fieldPath },
      {
        type: 'Warning',
        message: `Back-off restarting failed container main in pod crashes_${node.name}(${uid})`,
        fieldPath: 'spec.containers{main}',
      },
    )
    const second = await node.until('crashes', 'in its second back-off', (pod) => stateOf(pod) === 'CrashLoopBackOff 2')
    assert.equal(statusOf(second, 'main').state?.waiting?.message, `back-off 20s restarting failed ${where}`)
  })

  it('a container that ends well is restarted under Always', async () => {
    const pod = await node.createUntil(
      podManifest('ends', [shell('main', 'exit 0')]),
      'waiting',
      waitsFor('main', 'CrashLoopBackOff'),
    )
    assert.deepEqual(statusOf(pod, 'main').lastState?.terminated?.reason, 'Completed')
  })

  it('a container that is killed is restarted, and nothing else of its Pod', async () => {
    const pod = await node.createUntil(podManifest('killed', [staying('main'), staying('other')]), 'ready', isReady)
    await docker('kill', dockerId(pod, 'main'))
    const restarted = await node.until(
      'killed',
      'restarted',
      (seen) => isReady(seen) && statusOf(seen, 'main').restartCount === 1,
    )
    assert.equal(statusOf(restarted, 'main').lastState?.terminated?.exitCode, 137)
    assert.notEqual(dockerId(restarted, 'main'), dockerId(pod, 'main'))
    assert.deepEqual(statusOf(restarted, 'other'), statusOf(pod, 'other'))
  })

  it('another image replaces a container at once, in the same sandbox', async () => {
    const pod = await node.createUntil(podManifest('updated', [staying('main'), staying('other')]), 'ready', isReady)
    await node.kubectl.run('set', 'image', 'pod/updated', 'main=busybox:1.28')
    const updated = await node.until(
      'updated',
      'updated',
      (seen) => isReady(seen) && statusOf(seen, 'main').restartCount === 1,
    )
    assert.equal(
      await docker('inspect', '--format', '{{.Config.Image}}', dockerId(updated, 'main')),
      statusOf(updated, 'main').imageID.replace('docker://', ''),
    )
    assert.deepEqual(statusOf(updated, 'other'), statusOf(pod, 'other'))
    assert.equal(updated.status?.podIP, pod.status?.podIP)
    await node.untilEvent('updated', 'Killing', 'Container main definition changed, will be restarted')
  })
})
