import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, LifecycleHandler, Pod, PodSpec } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import {
  hasPhase,
  isReady,
  podManifest,
  shell,
  staying,
  statusOf,
  waitsFor,
  type PodManifest,
} from '../support/test-pod.ts'
import { applyExample } from './examples.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const minor = await node.kubectl.serverMinor()

/** A Pod whose containers write into a folder of the node, mounted at /told. */
function telling(name: string, containers: readonly ContainerSpec[], change: Partial<PodSpec> = {}): PodManifest {
  const volumes = [{ name: 'told', hostPath: { path: join(node.folder, name), type: 'DirectoryOrCreate' } }]
  const volumeMounts = [{ name: 'told', mountPath: '/told' }]
  const mounting = containers.map((container) => ({ ...container, volumeMounts }))
  return podManifest(name, mounting, { volumes, ...change })
}

/** What a container of such a Pod has told so far. */
async function told(name: string, file = 'main'): Promise<readonly string[]> {
  return (await readFile(join(node.folder, name, file), 'utf8')).trimEnd().split('\n')
}

function exec(script: string): LifecycleHandler {
  return { exec: { command: ['sh', '-c', script] } }
}

/** Stays until SIGTERM, which it tells of. */
const tellsOfTerm = "trap 'echo term >>/told/main; exit 0' TERM; sleep 86400 & wait"

function ready(manifest: PodManifest): Promise<Pod> {
  return node.createUntil(manifest, 'ready', isReady)
}

/** Seconds from the deletion of a Pod to the end of its container, by the node's own clock. */
function secondsToEnd(last: Pod, deletedAtMs: number): number {
  return (Date.parse(statusOf(last, 'main').state?.terminated?.finishedAt ?? '') - deletedAtMs) / 1000
}

describe('A postStart hook', { concurrency: 8 }, () => {
  it('has run when the Pod is ready, with the environment of its container', async () => {
    const lifecycle = { postStart: exec('echo $GREETING >/tmp/message') }
    const main = staying('main', { lifecycle, env: [{ name: 'GREETING', value: 'hello' }] })
    const pod = await ready(podManifest('greets', [main]))
    assert.equal(await node.exec(pod, 'main', 'cat', '/tmp/message'), 'hello')
  })

  it('keeps its container from being started, and the next one from starting, until it returns', async () => {
    const slow = staying('main', { lifecycle: { postStart: exec('until test -e /told/go; do sleep 0.1; done') } })
    const next = shell('next', 'touch /told/next; sleep 86400')
    await node.create(telling('slow', [slow, next]))
    const pod = await node.until('slow', 'starting', (seen) => seen.status?.podIP !== undefined)
    await node.agent.logged('container-started', 'slow')
    assert.deepEqual(statusOf(pod, 'main').state, { waiting: { reason: 'ContainerCreating' } })
    assert.equal((await node.containers(pod)).filter(({ State }) => State.Running).length, 2)
    await writeFile(join(node.folder, 'slow', 'go'), '')
    await node.until('slow', 'ready', isReady)
  })

  it('whose command is missing has its container killed, and started again and again', async () => {
    const lifecycle = { postStart: { exec: { command: ['/no/such/command'] } } }
    const manifest = podManifest('missing', [staying('main', { lifecycle })])
    const pod = await node.createUntil(manifest, 'failing', waitsFor('main', 'PostStartHookError'))
    assert.match(
      statusOf(pod, 'main').state?.waiting?.message ?? '',
      /^Exec lifecycle hook \(\[\/no\/such\/command\]\) for Container "main" in Pod ".*" failed - error: .*no such file or directory/u,
    )
    await node.untilEvent('missing', 'FailedPostStartHook', 'PostStartHook failed')
    await node.untilEvent('missing', 'Killing', 'FailedPostStartHook')
    const looping = await node.until('missing', 'looping', waitsFor('main', 'CrashLoopBackOff'))
    assert.equal(statusOf(looping, 'main').lastState?.terminated?.exitCode, 0)
    assert.equal(looping.status?.phase, 'Running')
  })

  it('that fails ends a Never Pod', async () => {
    const main = shell('main', 'sleep 86400', { lifecycle: { postStart: exec('exit 1') } })
    const manifest = podManifest('once', [main], { restartPolicy: 'Never', terminationGracePeriodSeconds: 1 })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Failed'))
    assert.equal(statusOf(pod, 'main').state?.terminated?.exitCode, 137)
  })

  it('is left alone when its Pod is deleted', async () => {
    const main = staying('main', { lifecycle: { postStart: exec('sleep 86400') } })
    await node.create(podManifest('hangs-at-start', [main]))
    await node.agent.logged('container-started', 'hangs-at-start')
    await node.kubectl.run('delete', 'pod', 'hangs-at-start')
    const last = await node.untilGone('hangs-at-start')
    assert.equal(statusOf(last, 'main').state?.terminated?.exitCode, 0)
  })
})

describe('A preStop hook', { concurrency: 8 }, () => {
  it('runs before the container is told to stop', async () => {
    const lifecycle = { preStop: exec('echo hook >>/told/main; sleep 1; echo done >>/told/main') }
    await ready(telling('ordered', [shell('main', tellsOfTerm, { lifecycle })]))
    await node.kubectl.run('delete', 'pod', 'ordered')
    const last = await node.untilGone('ordered')
    assert.deepEqual(await told('ordered'), ['hook', 'done', 'term'])
    assert.equal(last.status?.phase, 'Succeeded')
  })

  it('asks the container over HTTP, and says who asks', async () => {
    const answer = 'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n'
    const serve = `printf '${answer}' | nc -l -p 8080 >/told/main; sleep 86400 & wait`
    const lifecycle = { preStop: { httpGet: { port: 'web', path: '/quit?now=1' } } }
    const main = shell('main', `trap 'exit 0' TERM; ${serve}`, {
      lifecycle,
      ports: [{ name: 'web', containerPort: 8080 }],
    })
    await ready(telling('asked', [main]))
    await node.kubectl.run('delete', 'pod', 'asked')
    await node.untilGone('asked')
    const [request, ...headers] = (await told('asked')).map((line) => line.trimEnd())
    assert.equal(request, 'GET /quit?now=1 HTTP/1.1')
    assert.ok(headers.includes('User-Agent: kube-lifecycle/1.36'), headers.join('\n'))
  })

  it('that fails is told of, and the container is stopped all the same', async () => {
    const main = shell('main', tellsOfTerm, { lifecycle: { preStop: exec('exit 1') } })
    await ready(telling('failing', [main]))
    await node.kubectl.run('delete', 'pod', 'failing')
    await node.untilGone('failing')
    await node.untilEvent('failing', 'FailedPreStopHook', 'PreStopHook failed')
    assert.deepEqual(await told('failing'), ['term'])
  })

  it('that hangs is left behind when the grace is used up, and the container gets two seconds more', async () => {
    const main = shell('main', 'sleep 86400', { lifecycle: { preStop: exec('sleep 86400') } })
    await ready(podManifest('hanging', [main], { terminationGracePeriodSeconds: 3 }))
    const deletedAtMs = Date.now()
    await node.kubectl.run('delete', 'pod', 'hanging')
    const last = await node.untilGone('hanging')
    assert.deepEqual([last.status?.phase, statusOf(last, 'main').state?.terminated?.exitCode], ['Failed', 137])
    assert.ok(secondsToEnd(last, deletedAtMs) >= 4, `ended after ${secondsToEnd(last, deletedAtMs)} s`)
    await node.untilEvent('hanging', 'FailedPreStopHook')
  })

  it('is left behind sooner by each deletion that gives it less time', async () => {
    const main = shell('main', tellsOfTerm, { lifecycle: { preStop: exec('sleep 86400') } })
    await ready(telling('hurried', [main], { terminationGracePeriodSeconds: 600 }))
    await node.kubectl.run('delete', 'pod', 'hurried', '--wait=false')
    await node.agent.logged('container-killing', 'hurried')
    await node.kubectl.run('delete', 'pod', 'hurried', '--grace-period=300', '--wait=false')
    await node.kubectl.run('delete', 'pod', 'hurried', '--grace-period=1')
    await node.untilGone('hurried')
    assert.deepEqual(await told('hurried'), ['term'])
  })

  it('runs before a container is replaced whose image has changed', async () => {
    const lifecycle = { preStop: exec('echo hook >>/told/main') }
    await ready(telling('replaced', [shell('main', tellsOfTerm, { lifecycle })]))
    await node.kubectl.run('set', 'image', 'pod/replaced', 'main=busybox:1.28')
    await node.until('replaced', 'replaced', (pod) => statusOf(pod, 'main').restartCount === 1 && isReady(pod))
    assert.deepEqual(await told('replaced'), ['hook', 'term'])
  })
})

describe('The example lifecycle-demo', () => {
  it('writes its message, and its nginx quits by itself before it is told to', async () => {
    await applyExample(node, 'lifecycle-demo.yaml')
    const pod = await node.until('lifecycle-demo', 'ready', isReady)
    const container = 'lifecycle-demo-container'
    assert.equal(await node.exec(pod, container, 'cat', '/usr/share/message'), 'Hello from the postStart handler')
    await node.kubectl.run('delete', 'pod', 'lifecycle-demo')
    const last = await node.untilGone('lifecycle-demo')
    assert.deepEqual([last.status?.phase, statusOf(last, container).state?.terminated?.exitCode], ['Succeeded', 0])
  })
})

// Older servers take no such Pod; static-ends.test.ts shows the same on any.
if (minor >= 30) {
  describe('A sleep before the stop, on a server that takes it (1.30 and later)', { concurrency: 4 }, () => {
    const sleeping = (name: string, seconds: number): PodManifest =>
      podManifest(name, [shell('main', 'sleep 86400', { lifecycle: { preStop: { sleep: { seconds } } } })], {
        terminationGracePeriodSeconds: Math.max(2, seconds),
      })

    it('lasts as long as it says', async () => {
      await ready(sleeping('slept', 3))
      const deletedAtMs = Date.now()
      await node.kubectl.run('delete', 'pod', 'slept')
      const lasted = secondsToEnd(await node.untilGone('slept'), deletedAtMs)
      assert.ok(lasted >= 4, `ended after ${lasted} s`)
    })

    it('is left behind when the deletion gives less time', async () => {
      await ready(sleeping('overslept', 3600))
      const deletedAtMs = Date.now()
      await node.kubectl.run('delete', 'pod', 'overslept', '--grace-period=3')
      const lasted = secondsToEnd(await node.untilGone('overslept'), deletedAtMs)
      assert.ok(lasted >= 4, `ended after ${lasted} s`)
    })

    it('may be none at all', async () => {
      await ready(sleeping('awake', 0))
      await node.kubectl.run('delete', 'pod', 'awake')
      await node.untilGone('awake')
      assert.ok(
        !node.events.items.some(
          ({ object }) => object.reason === 'FailedPreStopHook' && object.involvedObject.name === 'awake',
        ),
      )
    })
  })
}
