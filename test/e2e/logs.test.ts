import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Printing } from '../support/printing.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, hasPhase, isReady, podManifest, shell, statusOf, untilTold, waitsFor } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const { kubectl } = node

/** What kubectl complains about. */
async function complaint(...args: readonly string[]): Promise<string> {
  const error = await kubectl.run(...args).then(
    (text) => new Error(`kubectl has not failed, but printed: ${text}`),
    (reason: unknown) => reason,
  )
  return String(error)
}

async function over(name: string, script: string): Promise<Pod> {
  const manifest = podManifest(name, [shell('main', script)], { restartPolicy: 'Never' })
  return node.createUntil(manifest, 'over', hasPhase('Succeeded'))
}

describe('kubectl logs', { concurrency: 4 }, () => {
  it('shows what a container has written that runs, all of it or a part', async () => {
    const script = `for i in 1 2 3 4 5; do echo "line $i"; done; echo; ${untilTold}`
    const pod = await node.createUntil(podManifest('runs', [shell('main', script)]), 'ready', isReady)
    await node.untilPrinted(pod, 'main', 'line 5\n\n')
    const all = ['line 1', 'line 2', 'line 3', 'line 4', 'line 5']
    assert.equal(await kubectl.run('logs', 'runs'), all.join('\n'))
    assert.equal(await kubectl.run('logs', 'runs', '--tail=3'), 'line 4\nline 5')
    assert.equal(await kubectl.run('logs', 'runs', '--tail=0'), '')
    assert.equal(await kubectl.run('logs', 'runs', '--limit-bytes=10'), 'line 1\nlin')
    assert.equal(await kubectl.run('logs', 'runs', '--since=1h', '--tail=2'), 'line 5')
    assert.equal(await kubectl.run('logs', 'runs', '--since-time=2038-01-01T00:00:00Z'), '')
    const timed = await kubectl.run('logs', 'runs', '--timestamps', '--limit-bytes=38')
    assert.match(timed, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line 1$/u)
  })

  it('shows what was written since a time', async () => {
    await over('late', 'echo early; sleep 2; echo late >&2')
    const timed = await kubectl.run('logs', 'late', '--timestamps')
    const [early = '', late = ''] = timed.split('\n').map((line) => line.split(' ')[0])
    assert.equal(await kubectl.run('logs', 'late', `--since-time=${late}`), 'late')
    assert.equal(await kubectl.run('logs', 'late', `--since-time=${early}`), 'early\nlate')
  })

  it('shows lines of any length and any bytes of UTF-8 as they are', async () => {
    await over('long', `head -c 100000 /dev/zero | tr '\\0' x; echo; echo 'ä → 語'`)
    assert.equal(await kubectl.run('logs', 'long'), `${'x'.repeat(100_000)}\nä → 語`)
    const timed = await kubectl.run('logs', 'long', '--timestamps')
    assert.match(timed, /^\S+Z x{100000}\n\S+Z ä → 語$/u)
  })

  it('shows the output of a terminal', async () => {
    const manifest = podManifest('terminal', [shell('main', 'echo out; echo err >&2', { tty: true })], {
      restartPolicy: 'Never',
    })
    await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    assert.equal(await kubectl.run('logs', 'terminal'), 'out\r\nerr')
    assert.match(await kubectl.run('logs', 'terminal', '--timestamps', '--tail=1'), /^\S+Z err$/u)
  })

  it('follows a container to its end, from its last lines on, and ends with it', async () => {
    const script = "trap 'echo bye; exit 0' TERM; echo old; echo up; sleep 86400 & wait"
    const pod = await node.createUntil(podManifest('followed', [shell('main', script)]), 'ready', isReady)
    await node.untilPrinted(pod, 'main', 'up')
    await using all = new Printing(kubectl, 'logs', '-f', 'followed')
    await using last = new Printing(kubectl, 'logs', '-f', '--tail=1', 'followed')
    await using none = new Printing(kubectl, 'logs', '-f', '--tail=0', 'followed')
    await all.until('up\n')
    await last.until('up\n')
    // Nothing tells that it has begun; what it must not show are the lines of before.
    await kubectl.run('delete', 'pod', 'followed', '--wait=false')
    assert.equal(await all.end(), 'old\nup\nbye\n')
    assert.equal(await last.end(), 'up\nbye\n')
    assert.ok(['bye\n', ''].includes(await none.end()))
  })

  it('shows the instance before with --previous, and the last one that was there while none runs', async () => {
    const script = 'echo "instance $(cat /seen/count 2>/dev/null | wc -l)"; echo x >>/seen/count; exit 1'
    const volumeMounts = [{ name: 'seen', mountPath: '/seen' }]
    const manifest = podManifest('restarts', [shell('main', script, { volumeMounts })], {
      volumes: [{ name: 'seen', emptyDir: {} }],
    })
    const isBackedOff = (pod: Pod): boolean =>
      waitsFor('main', 'CrashLoopBackOff')(pod) && statusOf(pod, 'main').restartCount === 1
    await node.createUntil(manifest, 'backed off', isBackedOff)
    assert.equal(await kubectl.run('logs', 'restarts'), 'instance 1')
    assert.equal(await kubectl.run('logs', 'restarts', '--previous'), 'instance 1')
  })

  it('shows init containers and all containers', async () => {
    const initContainers = [shell('init', 'echo init')]
    const containers = [shell('one', 'echo one'), shell('two', 'echo two >&2')]
    await node.createUntil(
      podManifest('several', containers, { initContainers, restartPolicy: 'Never' }),
      'over',
      hasPhase('Succeeded'),
    )
    assert.equal(await kubectl.run('logs', 'several', '-c', 'init'), 'init')
    assert.equal(await kubectl.run('logs', 'several', '-c', 'two'), 'two')
    const all = await kubectl.run('logs', 'several', '--all-containers')
    assert.deepEqual(all.split('\n').toSorted(), ['init', 'one', 'two'])
    const prefixed = await kubectl.run('logs', 'several', '--all-containers', '--prefix')
    // kubectl has an order of its own.
    assert.deepEqual(prefixed.split('\n').toSorted(), [
      '[pod/several/init] init',
      '[pod/several/one] one',
      '[pod/several/two] two',
    ])
  })

  it('follows all containers, each to its end', async () => {
    const containers = ['one', 'two'].map((name) =>
      shell(name, `trap 'echo bye ${name}; exit 0' TERM; echo ${name}; sleep 86400 & wait`),
    )
    const pod = await node.createUntil(podManifest('both', containers), 'ready', isReady)
    await using both = new Printing(kubectl, 'logs', '-f', '--all-containers', 'both')
    for (const { name } of pod.spec.containers) await both.until(`${name}\n`)
    await kubectl.run('delete', 'pod', 'both', '--wait=false')
    assert.deepEqual((await both.end()).trim().split('\n').toSorted(), ['bye one', 'bye two', 'one', 'two'])
  })

  it('says why there is no log', async () => {
    const volumes = [{ name: 'missing', configMap: { name: 'missing' } }]
    const volumeMounts = [{ name: 'missing', mountPath: '/missing' }]
    const waits = podManifest('waits', [shell('main', 'true', { volumeMounts })], { volumes })
    const unpulled = podManifest('unpulled', [
      shell('main', 'true', { image: '127.0.0.1:1/none', imagePullPolicy: 'Always' }),
    ])
    await node.createUntil(waits, 'waiting', waitsFor('main', 'ContainerCreating'))
    await node.createUntil(unpulled, 'backed off', waitsFor('main', 'ImagePullBackOff'))
    const once = await over('once', 'echo once')
    const refusal = 'Error from server (BadRequest): '
    const texts: readonly (readonly [readonly string[], string])[] = [
      [['waits'], `${refusal}container "main" in pod "waits" is waiting to start: ContainerCreating`],
      [
        ['unpulled'],
        `${refusal}container "main" in pod "unpulled" is waiting to start: trying and failing to pull image`,
      ],
      [['once', '--previous'], `${refusal}previous terminated container "main" in pod "once" not found`],
    ]
    for (const [args, text] of texts) assert.ok((await complaint('logs', ...args)).trim().endsWith(text), text)
    // kubectl itself says so, since some version with the names that there are.
    assert.match(
      await complaint('logs', 'once', '-c', 'other'),
      /container other is not valid for pod once(?: out of: main)?$/mu,
    )
    const id = dockerId(once, 'main')
    await docker('rm', id)
    const lost = await complaint('logs', 'once')
    assert.match(lost, new RegExp(`unable to retrieve container logs for docker://${id}\\n$`, 'u'))
  })
})
