import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ContainerSpec, ContainerStatus, Pod } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { findStatus, hasPhase, isReady, podManifest, shell, staying, untilTold, waitsFor } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
// Of the cluster's own release, and of whichever is installed.
const clients = [node.kubectl, node.kubectl.onPath()]

/** A command that must succeed each second. */
function probe(...command: readonly string[]): NonNullable<ContainerSpec['livenessProbe']> {
  return { exec: { command }, periodSeconds: 1, timeoutSeconds: 30, failureThreshold: 1 }
}

const volumeMounts = [{ name: 'data', mountPath: '/data' }]
/** Has its file /tmp/well only when it is not run for the first time. */
const illAtFirst = `if test -e /data/tried; then touch /tmp/well; else touch /data/tried; fi; ${untilTold}`

function initStateOf(pod: Pod, index: number): ContainerStatus['state'] {
  return pod.status?.initContainerStatuses?.[index]?.state
}

describe('kubectl', () => {
  before(async () => {
    const never = { restartPolicy: 'Never' }
    await Promise.all([
      node.createUntil(podManifest('runs', [staying('main'), staying('side')]), 'ready', isReady),
      node.createUntil(podManifest('done', [shell('main', 'exit 0')], never), 'over', hasPhase('Succeeded')),
      node.createUntil(podManifest('failed', [shell('main', 'exit 1')], never), 'over', hasPhase('Failed')),
      node.createUntil(
        podManifest('loops', [shell('main', 'exit 1')]),
        'waiting',
        waitsFor('main', 'CrashLoopBackOff'),
      ),
      node.createUntil(
        podManifest('never', [staying('main', { image: 'absent:1', imagePullPolicy: 'Never' })]),
        'waiting',
        waitsFor('main', 'ErrImageNeverPull'),
      ),
      node.createUntil(
        podManifest('inits', [staying('main')], { initContainers: [shell('first', 'exit 0'), staying('second')] }),
        'at its second init container',
        (pod) => initStateOf(pod, 1)?.running !== undefined,
      ),
      node.createUntil(
        podManifest('init-failed', [staying('main')], { ...never, initContainers: [shell('setup', 'exit 4')] }),
        'over',
        hasPhase('Failed'),
      ),
      node.createUntil(
        podManifest('init-loops', [staying('main')], { initContainers: [shell('setup', 'exit 4')] }),
        'waiting',
        (pod) => initStateOf(pod, 0)?.waiting?.reason === 'CrashLoopBackOff',
      ),
      node.createUntil(
        podManifest('unready', [staying('main', { readinessProbe: probe('cat', '/tmp/ready') })]),
        'running',
        hasPhase('Running'),
      ),
      node.createUntil(
        podManifest(
          'unhealthy',
          [
            shell('main', illAtFirst, {
              volumeMounts,
              livenessProbe: { ...probe('cat', '/tmp/well'), initialDelaySeconds: 3 },
            }),
          ],
          {
            volumes: [{ name: 'data', emptyDir: {} }],
          },
        ),
        'restarted by its probe',
        (pod) => (findStatus(pod, 'main')?.restartCount ?? 0) > 0 && isReady(pod),
      ),
      // Its container has started, but counts as starting while the hook runs.
      node.createUntil(
        podManifest(
          'starts',
          [staying('main', { lifecycle: { postStart: { exec: { command: ['sleep', '86400'] } } } })],
          {
            initContainers: [shell('first', 'exit 0')],
          },
        ),
        'past its init containers',
        (pod) => initStateOf(pod, 0)?.terminated !== undefined,
      ),
      node.createUntil(
        podManifest('ends', [shell('main', 'sleep 86400')], { terminationGracePeriodSeconds: 600 }),
        'ready',
        isReady,
      ),
    ])
    await node.kubectl.run('delete', 'pod', 'ends', '--wait=false')
  })

  it('get shows what the Pods are doing', async () => {
    const { status } = await node.until('runs', 'ready', isReady)
    for (const kubectl of clients) {
      const lines = (await kubectl.run('get', 'pods', '--no-headers', '--output=wide')).split('\n')
      // Newer releases add to the restarts when the last one was.
      const rows = lines.map((line) => line.replace(/ \([^)]*\)/u, '').split(/ +/u))
      const shown = rows.map(([name, ready, what, restarts, , ip, on]) => [
        name,
        ready,
        what,
        Number(restarts) > 0 ? 'restarted' : '',
        ip === '<none>' ? '' : ip,
        on,
      ])
      const ipOf = (name: string): string => node.versions(name).at(-1)?.status?.podIP ?? ''
      assert.deepEqual(shown, [
        ['done', '0/1', 'Completed', '', ipOf('done'), node.name],
        ['ends', '1/1', 'Terminating', '', ipOf('ends'), node.name],
        ['failed', '0/1', 'Error', '', ipOf('failed'), node.name],
        ['init-failed', '0/1', 'Init:Error', '', ipOf('init-failed'), node.name],
        ['init-loops', '0/1', 'Init:CrashLoopBackOff', 'restarted', ipOf('init-loops'), node.name],
        ['inits', '0/1', 'Init:1/2', '', ipOf('inits'), node.name],
        ['loops', '0/1', 'CrashLoopBackOff', 'restarted', ipOf('loops'), node.name],
        ['never', '0/1', 'ErrImageNeverPull', '', ipOf('never'), node.name],
        ['runs', '2/2', 'Running', '', status?.podIP, node.name],
        ['starts', '0/1', 'PodInitializing', '', ipOf('starts'), node.name],
        ['unhealthy', '1/1', 'Running', 'restarted', ipOf('unhealthy'), node.name],
        ['unready', '0/1', 'Running', '', ipOf('unready'), node.name],
      ])
    }
  })

  it('wait knows when a Pod is ready, over, or gone', async () => {
    for (const [index, kubectl] of clients.entries()) {
      assert.equal(
        await kubectl.run('wait', '--for=condition=Ready', 'pod/runs', '--timeout=30s'),
        'pod/runs condition met',
      )
      assert.equal(
        await kubectl.run('wait', '--for=condition=Ready=false', 'pod/done', '--timeout=30s'),
        'pod/done condition met',
      )
      const name = `goes-${index}`
      await node.createUntil(podManifest(name, [staying('main')]), 'ready', isReady)
      await kubectl.run('delete', 'pod', name, '--wait=false')
      await kubectl.run('wait', '--for=delete', `pod/${name}`, '--timeout=30s')
    }
  })

  it('describe tells what a Pod is and what happened to it', async () => {
    await node.untilEvent('runs', 'Started')
    await node.untilEvent('loops', 'BackOff')
    await node.untilEvent('unready', 'Unhealthy')
    for (const kubectl of clients) {
      const runs = await kubectl.run('describe', 'pod', 'runs')
      assert.match(runs, new RegExp(`^Node: +${node.name}/127\\.0\\.0\\.1$`, 'mu'))
      assert.match(runs, /^Status: +Running$/mu)
      assert.match(runs, /^ {4}Container ID: +docker:\/\/[0-9a-f]{64}$/mu)
      assert.match(runs, /^ {4}State: +Running$/mu)
      assert.match(runs, /^ {2}Ready +True ?$/mu)
      assert.match(
        runs,
        /^ {2}Normal +Pulled +.* +kubelet .*Container image "busybox:1\.36" already present on machine/mu,
      )
      assert.match(runs, /^ {2}Normal +Created +.* +kubelet +(spec\.containers\{main\}: )?Container created$/mu)
      assert.match(runs, /^ {2}Normal +Started +.* +kubelet +(spec\.containers\{main\}: )?Container started$/mu)

      const loops = await kubectl.run('describe', 'pod', 'loops')
      assert.match(loops, /^ {4}State: +Waiting\n {6}Reason: +CrashLoopBackOff$/mu)
      assert.match(loops, /^ {4}Last State: +Terminated\n {6}Reason: +Error\n {6}Exit Code: +1$/mu)
      assert.match(
        loops,
        /^ {2}Warning +BackOff +.* +kubelet +(spec\.containers\{main\}: )?Back-off restarting failed container main in pod loops_/mu,
      )

      const unhealthy = await kubectl.run('describe', 'pod', 'unhealthy')
      assert.match(unhealthy, /^ {4}Last State: +Terminated\n {6}Reason: +Completed\n {6}Exit Code: +0$/mu)
      assert.match(unhealthy, /^ {4}Restart Count: +[1-9]$/mu)
      assert.match(unhealthy, /^ {2}Warning +Unhealthy +.* +kubelet .*Liveness probe failed: cat: can't open/mu)
      assert.match(
        unhealthy,
        /^ {2}Normal +Killing +.* +kubelet .*Container main failed liveness probe, will be restarted$/mu,
      )

      const unready = await kubectl.run('describe', 'pod', 'unready')
      assert.match(unready, /^ {2}Ready +False ?\n {2}ContainersReady +False ?$/mu)
      assert.match(unready, /^ {2}Warning +Unhealthy +.* +kubelet .*Readiness probe failed: cat: can't open/mu)
    }
  })
})
