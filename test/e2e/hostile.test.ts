import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { ContainerSpec, Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Neighbour } from '../support/neighbour.ts'
import { proxiedNode } from '../support/node-address.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, findStatus, hasPhase, isReady, podManifest, shell, statusOf, waitsFor } from '../support/test-pod.ts'

const mostPids = 48
const logBytes = 256 * 1024
/** Resident, of the agent; from the source it takes some 20 MB more than as it is built. */
const mostMemory = 200e6
const node = await TestNode.start(
  `--pod-max-pids=${mostPids}`,
  `--container-log-max-size=${logBytes}`,
  '--container-log-max-files=2',
  ...(await proxiedNode()),
)
after(() => node[Symbol.asyncDispose]())

/** A script that harms its container, and none but that. */
function hostile(script: string, change: Partial<ContainerSpec> = {}): ContainerSpec {
  return shell('main', script, {
    resources: { requests: { cpu: '1m' }, limits: { cpu: '200m', memory: '32Mi' } },
    ...change,
  })
}

function isOver(pod: Pod): boolean {
  return hasPhase('Succeeded')(pod) || hasPhase('Failed')(pod)
}

/** The most that the agent ever had resident, in bytes. */
function highestMemory(): number {
  const status = readFileSync(`/proc/${node.agent.pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1]) * 1024
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
  const opened = new Opened()
  before(async () => {
    const neighbour = await opened.open(Neighbour.moveIn(node))
    opened.defer(() => neighbour.assertUnharmed())
    opened.defer(() => assert.ok(highestMemory() < mostMemory, `${highestMemory()} bytes of memory`))
  })

  it('have no more processes than a Pod may have', async () => {
    // A shell that cannot fork any more ends.
    const bomb = hostile('(while true; do sleep 3600 & done) 2>/dev/null; echo full; exec sleep 3600')
    const pod = await node.createUntil(podManifest('forks', [bomb]), 'ready', isReady)
    await node.untilPrinted(pod, 'main', 'full')
    const processes = (await docker('top', dockerId(pod, 'main'), '-o', 'pid')).split('\n').length - 1
    // One more holds the namespaces of the Pod.
    assert.ok(processes > mostPids / 2 && processes < mostPids, `${processes}`)
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

  it('may write over the hosts file, which the next instance finds as it was', async () => {
    const script =
      'if [ -e /seen/one ]; then exec sleep 3600; fi; touch /seen/one; yes written | head -c 1000000 >/etc/hosts; exit 1'
    const volumeMounts = [{ name: 'seen', mountPath: '/seen' }]
    const manifest = podManifest('hosts', [hostile(script, { volumeMounts })], {
      volumes: [{ name: 'seen', emptyDir: {} }],
    })
    const pod = await node.createUntil(
      manifest,
      'restarted',
      (seen) => isReady(seen) && statusOf(seen, 'main').restartCount === 1,
    )
    const hosts = await node.exec(pod, 'main', 'cat', '/etc/hosts')
    assert.match(hosts, /^127\.0\.0\.1\s+localhost$/mu)
    assert.ok(!hosts.includes('written'))
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

  it('may ask for an environment that no process can have: they do not start, and can be removed', async () => {
    const env = Array.from({ length: 4 }, (_, index) => ({ name: `HUGE_${index}`, value: 'x'.repeat(200_000) }))
    const pod = await node.createUntil(
      podManifest('huge', [hostile('echo started', { env })]),
      'backed off',
      waitsFor('main', 'CrashLoopBackOff'),
    )
    const { lastState } = statusOf(pod, 'main')
    assert.notEqual(lastState?.terminated?.exitCode, 0)
    assert.ok(JSON.stringify(pod.status).length < 10_000)
    await removed('huge')
  })

  it('may come of an image that asks for too much of everything: nothing of it stays', async () => {
    const image = `hostile/absurd:${node.name}`
    const volumes = Array.from({ length: 60 }, (_, index) => `VOLUME /volumes/${index}`)
    const labels = Array.from({ length: 60 }, (_, index) => `LABEL absurd.${index}=${'x'.repeat(1000)}`)
    const rest = [`ENV ABSURD=${'x'.repeat(60_000)}`, 'HEALTHCHECK --interval=1s CMD false', 'EXPOSE 1-2000']
    const changes = [...volumes, ...labels, ...rest].flatMap((change) => ['--change', change])
    const base = await docker('create', 'busybox:1.36')
    try {
      await docker('commit', ...changes, base, image)
    } finally {
      await docker('rm', base)
    }
    try {
      const pod = await node.createUntil(podManifest('absurd', [hostile('sleep 3600', { image })]), 'ready', isReady)
      const format = '{{range .Mounts}}{{if .Name}}{{.Name}} {{end}}{{end}}'
      const names = (await docker('inspect', '--format', format, dockerId(pod, 'main'))).split(' ')
      assert.equal(names.length, 60)
      await removed('absurd')
      const left = new Set((await docker('volume', 'ls', '--quiet')).split('\n'))
      assert.deepEqual(
        names.filter((name) => left.has(name)),
        [],
      )
    } finally {
      await docker('rmi', image)
    }
  })

  it('end at once, again and again, ten of them', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `crashes-${index}`)
    await node.createAll(names.map((name) => podManifest(name, [hostile('exit 1')])))
    await Promise.all(names.map((name) => node.until(name, 'backed off', waitsFor('main', 'CrashLoopBackOff'))))
    await Promise.all(names.map(removed))
  })
})
