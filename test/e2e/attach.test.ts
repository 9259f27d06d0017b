import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Opened } from '../support/opened.ts'
import { pipe, type PipedResult } from '../support/piped-command.ts'
import { Terminal } from '../support/terminal.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying } from '../support/test-pod.ts'
import { Debugger } from './debugging.ts'

const opened = new Opened()
const node = await opened.open(TestNode.start())
const kubectlDebug = await opened.open(Debugger.start(node))
const { kubectl } = node

const image = ['--image=busybox:1.36', '--image-pull-policy=IfNotPresent']

function run(input: string, ...args: readonly string[]): Promise<PipedResult> {
  return pipe(input, [...kubectl.command, ...args])
}

/** `kubectl run` of a Pod on this node. */
function ownPod(...args: readonly string[]): readonly string[] {
  const spec = { nodeName: node.name, automountServiceAccountToken: false, terminationGracePeriodSeconds: 1 }
  return ['run', ...args, ...image, `--overrides=${JSON.stringify({ apiVersion: 'v1', spec })}`]
}

async function untilLogged(pod: string, text: string): Promise<string> {
  return node.untilPrinted(await node.until(pod, 'started', ({ status }) => status?.startTime !== undefined), pod, text)
}

describe('kubectl attach', { concurrency: 4, timeout: 120_000 }, () => {
  it('passes input to the process of a container, and shows what it writes until it ends', async () => {
    const script = 'while read line; do echo "read $line"; done; echo over'
    const spec = podManifest('reads', [shell('main', script, { stdin: true, stdinOnce: true })], {
      restartPolicy: 'Never',
    })
    await node.createUntil(spec, 'ready', isReady)
    const { stdout, code } = await run('one\ntwo\n', 'attach', '-i', 'reads')
    assert.match(stdout.toString(), /read one\nread two\nover\n$/u)
    assert.equal(code, 0)
    await node.until('reads', 'over', hasPhase('Succeeded'))
  })

  it('is the terminal that the container has, of the size of its own', async () => {
    const manifest = podManifest('tty', [shell('main', 'exec sh', { stdin: true, tty: true })], {
      restartPolicy: 'Never',
    })
    await node.createUntil(manifest, 'ready', isReady)
    await using terminal = new Terminal(...kubectl.command, 'attach', '-it', 'tty')
    terminal.type('until stty size | grep -q "30 100"; do sleep 0.05; done; echo fi"tt"ing\r')
    await terminal.shows(/fitting\r\n/u)
    terminal.type('exit 0\r')
    await terminal.ended()
    await node.until('tty', 'over', hasPhase('Succeeded'))
  })
})

describe('kubectl run', { concurrency: 4, timeout: 120_000 }, () => {
  it('with -i gives its input to the Pod, whose exit code it has, and with --rm removes it', async () => {
    const args = ownPod('once', '-i', '--rm', '--restart=Never')
    const { stdout, code } = await run('hello\n', ...args, '--', 'sh', '-c', 'echo -n read: && cat; exit 3')
    // What was written before it was attached is not shown.
    assert.match(stdout.toString(), /hello\n/u)
    assert.equal(code, 3)
    await node.untilGone('once')
  })

  it('with -it is a terminal', async () => {
    await using terminal = new Terminal(
      ...kubectl.command,
      ...ownPod('term', '-it', '--rm', '--restart=Never'),
      '--',
      'sh',
    )
    terminal.type('tty; echo do"n"e\r')
    await terminal.shows(/\/dev\/pts\/\d+\r\ndone\r\n/u)
    terminal.type('exit\r')
    assert.equal(await terminal.ended(), 0)
    await node.untilGone('term')
  })

  // The three that follow are upstream's "should support inline execution and attach" (test/e2e/kubectl/kubectl.go).
  it('with stdin ends the input of the Pod with its own', async () => {
    const command = 'echo -n read: && cat && echo "stdin closed"'
    await run(
      'value\nabcd1234',
      ...ownPod('run-test', '--restart=OnFailure', '--attach=true', '--stdin'),
      '--',
      'sh',
      '-c',
      command,
    )
    const logged = await untilLogged('run-test', 'stdin closed')
    assert.match(logged, /read:value\nabcd1234stdin closed/u)
  })

  it('without stdin gives the Pod none', async () => {
    const flags = ['--restart=OnFailure', '--attach=true', '--leave-stdin-open=true']
    await run('abcd1234', ...ownPod('run-test-2', ...flags), '--', 'sh', '-c', 'cat && echo "stdin closed"')
    assert.doesNotMatch(await untilLogged('run-test-2', 'stdin closed'), /abcd1234/u)
  })

  it('that leaves the stdin open leaves the Pod running', async () => {
    const flags = ['--restart=OnFailure', '--attach=true', '--leave-stdin-open=true', '--stdin']
    await run('abcd1234\n', ...ownPod('run-test-3', ...flags), '--', 'sh', '-c', 'cat && echo "stdin closed"')
    assert.doesNotMatch(await untilLogged('run-test-3', 'abcd1234'), /stdin closed/u)
    await node.until('run-test-3', 'ready', isReady)
  })
})

describe('kubectl debug', { concurrency: 4, timeout: 120_000 }, () => {
  it('is a terminal in an ephemeral container that it adds to the Pod', async () => {
    await node.createUntil(podManifest('debugged', [staying('main')]), 'ready', isReady)
    const args = ['debug', 'debugged', '-it', '--target=main', '--container=debug', '--image=busybox:1.36', '--', 'sh']
    await using terminal = new Terminal(...kubectlDebug.command, ...args)
    terminal.type('ps | grep -c "slee[p] 86400"; echo do"n"e\r')
    await terminal.shows(/\n[1-9]\r\ndone\r\n/u)
    terminal.type('exit\r')
    assert.equal(await terminal.ended(), 0)
  })

  it('is a terminal in a container of a copy of the Pod', async () => {
    await node.createUntil(podManifest('broken', [staying('main')]), 'ready', isReady)
    const args = [
      'debug',
      'broken',
      '-it',
      '--copy-to=mended',
      '--same-node',
      '--container=helper',
      '--image=busybox:1.36',
    ]
    await using terminal = new Terminal(...kubectl.command, ...args, '--', 'sh')
    terminal.type('tty; echo do"n"e\r')
    await terminal.shows(/\/dev\/pts\/\d+\r\ndone\r\n/u)
    terminal.type('exit\r')
    assert.equal(await terminal.ended(), 0)
  })
})
