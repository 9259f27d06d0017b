/** Commands over SPDY: what every API server sends to a node, and what kubectl speaks unless it knows WebSockets. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, before, describe, it } from 'node:test'
import { pipe, type PipedResult } from '../support/piped-command.ts'
import { openPodSpdy } from '../support/pod-socket.ts'
import type { SpdyClient } from '../support/spdy-client.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, staying } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const { kubectl } = node
before(() => node.createUntil(podManifest('talks', [staying('main')]), 'ready', isReady))

/** kubectl of 1.30 and later speaks SPDY only when it is told so. */
const overSpdy = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }

function exec(input: Buffer | string, ...args: readonly string[]): Promise<PipedResult> {
  return pipe(input, [...kubectl.command, 'exec', ...args], overSpdy)
}

interface Asked {
  readonly client: SpdyClient
  readonly protocol: string
  /** The streams by their types. */
  readonly ids: Readonly<Record<string, number>>
}

/** Asks for SPDY through the API server as Go's clients do, one stream after the other. */
async function ask(pod: string, what: Parameters<typeof openPodSpdy>[2], ...types: readonly string[]): Promise<Asked> {
  const { client, protocol } = await openPodSpdy(kubectl, pod, what)
  const ids: Record<string, number> = {}
  for (const streamType of types) {
    const id = client.open({ streamType })
    ids[streamType] = id
    await client.until(() => client.ofKind('syn-reply').some(({ streamId }) => streamId === id))
  }
  return { client, protocol, ids }
}

function* randomMib(count: number): Generator<Buffer> {
  for (let made = 0; made < count; made += 1) yield randomBytes(1024 * 1024)
}

/** The most that the agent ever had in memory, in MiB. */
async function mostMemory(): Promise<number> {
  const status = await readFile(`/proc/${node.agent.pid}/status`, 'utf8')
  return Number(/^VmHWM:\s*(\d+) kB$/mu.exec(status)?.[1]) / 1024
}

describe('kubectl exec over SPDY', { concurrency: 2 }, () => {
  it('passes output, errors and exit code on', async () => {
    const { stdout, stderr, code } = await exec('', 'talks', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7')
    assert.equal(stdout.toString(), 'out\n')
    assert.match(stderr, /^err\n/u)
    assert.equal(code, 7)
  })

  it('passes 200 MiB of input on and back, in constant memory', async () => {
    const file = join(node.folder, 'random')
    await pipeline(Readable.from(randomMib(200)), createWriteStream(file))
    const before = await mostMemory()
    const script = 'sha256sum < "$0"; exec "$@" exec -i talks -- cat < "$0" | sha256sum'
    const { stdout, stderr } = await pipe('', ['sh', '-c', script, file, ...kubectl.command], overSpdy)
    await rm(file)
    const [sent, received] = stdout.toString().trim().split('\n')
    assert.equal(received, sent, stderr)
    const grown = (await mostMemory()) - before
    assert.ok(grown < 64, `the agent took ${grown} MiB more`)
  })
})

describe('SPDY through the API server', { concurrency: 4, timeout: 120_000 }, () => {
  const failing = ['sh', '-c', 'echo out; exit 7']

  for (const method of ['GET', 'POST'] as const) {
    for (const [protocol, told] of [
      ['v4.channel.k8s.io', /"reason":"ExitCode","message":"7"/u],
      ['v3.channel.k8s.io', /^command terminated with non-zero exit code: .*7$/u],
      ['v2.channel.k8s.io', /^command terminated with non-zero exit code: .*7$/u],
      ['channel.k8s.io', /^$/u],
    ] as const) {
      it(`is asked for with ${method} and speaks ${protocol}`, async () => {
        const what = { method, path: 'exec', query: { stdout: '1', command: failing }, protocols: [protocol] } as const
        const { client, protocol: agreed, ids } = await ask('talks', what, 'error', 'stdout')
        assert.equal(agreed, protocol)
        const { error = 0, stdout = 0 } = ids
        await client.until(() => client.hasEnded(stdout) && (client.hasEnded(error) || client.hasReset(error)))
        assert.equal(client.received(stdout).toString(), 'out\n')
        assert.match(client.received(error).toString(), told)
        client.end()
        await client.over()
      })
    }
  }

  it('has a terminal of the size that the client says', async () => {
    const query = { stdin: '1', stdout: '1', tty: '1', command: ['sh'] }
    const what = { method: 'POST', path: 'exec', query, protocols: ['v4.channel.k8s.io'] } as const
    const { client, ids } = await ask('talks', what, 'error', 'stdin', 'stdout', 'resize')
    const { error = 0, stdin = 0, stdout = 0, resize = 0 } = ids
    client.data(resize, '{"Width":100,"Height":30}\n')
    // The size is set beside what is typed: asked until it is there.
    client.data(stdin, 'until stty size | grep -q "30 100"; do sleep 0.05; done; echo it"\'s" set\n')
    await client.until(() => client.received(stdout).includes("it's set\r\n"))
    client.data(stdin, 'exit 3\n')
    await client.until(() => client.hasEnded(error))
    assert.match(client.received(error).toString(), /"message":"3"/u)
    client.end()
  })

  it('reaches the process of a container, and its end', async () => {
    const echoes = 'while read line; do echo "read $line"; done; echo over'
    const container = shell('main', echoes, { stdin: true, stdinOnce: true })
    await node.createUntil(podManifest('attached', [container], { restartPolicy: 'Never' }), 'ready', isReady)
    const query = { stdin: '1', stdout: '1', stderr: '1', container: 'main' }
    const what = { method: 'POST', path: 'attach', query, protocols: ['v4.channel.k8s.io'] } as const
    const { client, ids } = await ask('attached', what, 'error', 'stdin', 'stdout', 'stderr')
    const { error = 0, stdin = 0, stdout = 0 } = ids
    client.data(stdin, 'one\n', { fin: true })
    await client.until(() => client.hasEnded(error) && client.hasEnded(stdout))
    assert.equal(client.received(stdout).toString(), 'read one\nover\n')
    assert.match(client.received(error).toString(), /"status":"Success"/u)
    client.end()
  })
})
