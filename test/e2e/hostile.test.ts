import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ContainerSpec, Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Neighbour } from '../support/neighbour.ts'
import { proxiedNode } from '../support/node-address.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, findStatus, hasPhase, isReady, podManifest, shell, statusOf, waitsFor } from '../support/test-pod.ts'

const mostPids = 48
const logBytes = 256 * 1024
const node = await TestNode.start(
  `--pod-max-pids=${mostPids}`,
  `--container-log-max-size=${logBytes}`,
  '--container-log-max-files=2',
  ...(await proxiedNode()),
)
after(() => node[Symbol.asyncDispose]())

/** A script that harms its container, and none but that. */
function hostile(script: string, change: Partial<ContainerSpec> = {}): ContainerSpec {
  return shell('main', script, { resources: { limits: { cpu: '200m', memory: '32Mi' } }, ...change })
}

function isOver(pod: Pod): boolean {
  return hasPhase('Succeeded')(pod) || hasPhase('Failed')(pod)
}

async function removed(name: string): Promise<void> {
  await node.kubectl.run('delete', 'pod', name, '--grace-period=1', '--wait=false')
  await node.untilGone(name)
}

/** What its last instance has written, as kubectl shows it. */
async function logOf(name: string, ...flags: readonly string[]): Promise<string> {
  return node.kubectl.run('logs', name, ...flags)
}

describe('Containers that do harm', { concurrency: 6 }, () => {
  let neighbour: Neighbour
  before(async () => {
    neighbour = await Neighbour.moveIn(node)
  })
  after(async () => {
    await neighbour.assertUnharmed()
    neighbour[Symbol.dispose]()
  })

  it('have no more processes than a Pod may have, all its containers together', async () => {
    const script = 'while true; do sleep 3600 & done 2>/dev/null'
    // A shell that cannot fork ends.
    const bombs = ['one', 'two'].map((name) => ({ ...hostile(`(${script}); echo full; exec sleep 3600`), name }))
    const pod = await node.createUntil(podManifest('forks', bombs), 'ready', isReady)
    for (const { name } of bombs) await node.untilPrinted(pod, name, 'full')
    const counts = await Promise.all(
      bombs.map(async ({ name }) => {
        const lines = await docker('top', dockerId(pod, name), '-o', 'pid')
        return lines.split('\n').length - 1
      }),
    )
    const together = counts.reduce((sum, count) => sum + count, 0)
    assert.ok(together > mostPids / 2 && together < mostPids, `${together}`)
    await removed('forks')
  })

  it('have the end of an endless log kept, and nothing else of it', async () => {
    const script = "yes 'a line of a log that has no end' | head -c 20000000; echo the end"
    await node.createUntil(podManifest('log', [hostile(script)], { restartPolicy: 'Never' }), 'over', isOver)
    const log = await logOf('log')
    assert.ok(log.endsWith('a line of a log that has no end\nthe end'))
    assert.ok(log.length > logBytes / 3 && log.length < 2 * logBytes, `${log.length}`)
  })

  it('may write a line without an end, or bytes that are no text', async () => {
    const line = "head -c 3000000 /dev/zero | tr '\\0' x; exit 3"
    const bytes = 'head -c 300000 /dev/urandom; exit 3'
    const terminationMessagePolicy = 'FallbackToLogsOnError'
    for (const [name, script] of Object.entries({ line, bytes })) {
      const container = hostile(script, { terminationMessagePolicy })
      const pod = await node.createUntil(podManifest(name, [container], { restartPolicy: 'Never' }), 'over', isOver)
      const { exitCode, message = '' } = statusOf(pod, 'main').state?.terminated ?? {}
      assert.equal(exitCode, 3)
      assert.ok(message.length > 0 && message.length <= 2048, `${message.length}`)
      assert.ok((await logOf(name, '--tail=1')).length > 0)
    }
  })

  it('may leave a message of terabytes', async () => {
    const script = 'echo -n end | dd of=/dev/termination-log bs=1M seek=1000000 2>/dev/null'
    const pod = await node.createUntil(
      podManifest('message', [hostile(script)], { restartPolicy: 'Never' }),
      'over',
      isOver,
    )
    const message = statusOf(pod, 'main').state?.terminated?.message ?? ''
    assert.deepEqual([message.length, message.slice(-3)], [4096, 'end'])
  })

  it('are ended although they will not be', async () => {
    const preStop = { exec: { command: ['sleep', '3600'] } }
    const container = hostile("trap '' TERM INT HUP; while true; do sleep 1; done", { lifecycle: { preStop } })
    await node.createUntil(podManifest('deaf', [container]), 'ready', isReady)
    await removed('deaf')
  })

  it('are ended while what is to follow their start never ends, and writes without end', async () => {
    const postStart = { exec: { command: ['yes'] } }
    const pod = podManifest('hooked', [hostile('sleep 3600', { lifecycle: { postStart } })])
    await node.createUntil(pod, 'created', (created) => findStatus(created, 'main') !== undefined)
    await removed('hooked')
  })

  it('are not ready with a probe whose answer never ends', async () => {
    const answers = "while true; do (echo 'HTTP/1.1 200 OK'; echo; yes) | nc -l -p 80; done"
    const http = hostile(answers, { readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 } })
    const command = hostile('sleep 3600', { readinessProbe: { exec: { command: ['yes'] }, periodSeconds: 1 } })
    await node.createAll([podManifest('answers', [http]), podManifest('talks', [command])])
    await node.untilEvent('talks', 'Unhealthy', 'timed out')
    const talks = await node.kubectl.get<Pod>('pod', 'talks')
    assert.equal(isReady(talks), false)
    await Promise.all([removed('answers'), removed('talks')])
  })

  it('may write over the hosts file, which is there again for the next instance', async () => {
    const script = 'grep -q written /etc/hosts && echo kept; yes written | head -c 1000000 >/etc/hosts; sleep 1; exit 1'
    const restarted = (pod: Pod): boolean => statusOf(pod, 'main').restartCount === 1 && isReady(pod)
    const pod = podManifest('hosts', [hostile(`${script}`)])
    await node.createUntil(pod, 'restarted', (seen) => findStatus(seen, 'main') !== undefined && restarted(seen))
    assert.match(await node.kubectl.run('exec', 'hosts', '--', 'head', '-c', '400', '/etc/hosts'), /localhost|written/u)
    await removed('hosts')
  })

  it('may end the process that holds the namespaces of their Pod: they start anew, later and later', async () => {
    const pod = podManifest('parricide', [hostile('sleep 1; kill 1; sleep 3600')], { shareProcessNamespace: true })
    await node.createUntil(pod, 'backed off', waitsFor('main', 'CrashLoopBackOff'))
    await node.untilEvent('parricide', 'SandboxChanged')
    await removed('parricide')
  })

  it('run out of their own memory, and the machine does not', async () => {
    const script = 'dd if=/dev/zero of=/dev/null bs=256M count=1'
    const pod = await node.createUntil(
      podManifest('memory', [hostile(script)], { restartPolicy: 'Never' }),
      'over',
      isOver,
    )
    assert.equal(statusOf(pod, 'main').state?.terminated?.exitCode, 137)
    const told = node.events.items.filter(({ object }) => object.reason === 'SystemOOM')
    assert.deepEqual(told, [])
  })

  it('that ask for an environment that no process can have are told so, and can be removed', async () => {
    const env = Array.from({ length: 4 }, (_, index) => ({ name: `HUGE_${index}`, value: 'x'.repeat(200_000) }))
    await node.create(podManifest('huge', [hostile('true', { env })]))
    await node.untilEvent('huge', 'Failed', 'argument list too long')
    const { message = '' } = statusOf(await node.kubectl.get<Pod>('pod', 'huge'), 'main').state?.waiting ?? {}
    assert.ok(message.length < 10_000, `${message.length}`)
    await removed('huge')
  })

  it('end at once, again and again, ten of them', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `crashes-${index}`)
    await node.createAll(names.map((name) => podManifest(name, [hostile('exit 1')])))
    await Promise.all(names.map((name) => node.until(name, 'backed off', waitsFor('main', 'CrashLoopBackOff'))))
    await Promise.all(names.map(removed))
  })
})
