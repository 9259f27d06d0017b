import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ChannelClient } from '../support/channel-client.ts'
import { openPodSocket } from '../support/pod-socket.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, staying } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

const echoes = 'while read line; do echo "read $line"; done; echo over'
before(async () => {
  await node.createAll([
    podManifest('main', [staying('main')]),
    podManifest('attached', [shell('main', echoes, { stdin: true, stdinOnce: true })], { restartPolicy: 'Never' }),
  ])
  await Promise.all([node.until('main', 'ready', isReady), node.until('attached', 'ready', isReady)])
})

function exec(
  protocol: string,
  query: Readonly<Record<string, string>>,
  ...command: readonly string[]
): Promise<ChannelClient> {
  const options = { path: 'exec', query: { ...query, command }, protocols: [protocol] } as const
  return openPodSocket(node.kubectl, 'main', options)
}

describe('A WebSocket to a Pod, through the API server', { concurrency: 4, timeout: 120_000 }, () => {
  it('gives the output of a command, and then ends', async () => {
    // As test/e2e/common/node/pods.go of Kubernetes asks: nothing but empty messages on other channels than stdout.
    using client = await exec('channel.k8s.io', { stdout: '1', stderr: '1' }, 'echo', 'remote execution test')
    await client.closed
    assert.equal(client.of(1), 'remote execution test\n')
    assert.deepEqual(
      client.messages.filter(([channel, payload]) => channel !== 1 && payload !== ''),
      [],
    )
  })

  it('tells the exit code in protocol 4', async () => {
    using client = await exec('v4.channel.k8s.io', { stdout: '1', stderr: '1' }, 'sh', '-c', 'echo no >&2; exit 42')
    await client.closed
    assert.equal(client.of(2), 'no\n')
    assert.match(client.of(3), /"reason":"ExitCode","message":"42"/u)
  })

  it('is a terminal of the size that the client says', async () => {
    using client = await exec('v4.channel.k8s.io', { stdin: '1', stdout: '1', tty: '1' }, 'sh')
    client.send(4, '{"Width":100,"Height":30}')
    // The size is set beside what is typed: asked until it is there.
    client.send(0, 'until stty size | grep -q "30 100"; do sleep 0.05; done; echo it"\'s" set\n')
    await client.until(1, /it's set\r\n/u)
    client.send(0, 'exit 7\n')
    await client.closed
    assert.match(client.of(3), /"message":"7"/u)
  })

  it('ends the input of a command in protocol 5, which newer servers pass on to nodes that declare it', async () => {
    using client = await exec('v5.channel.k8s.io', { stdin: '1', stdout: '1', stderr: '1' }, 'wc', '-c')
    client.send(0, 'twelve bytes')
    client.send(255, Buffer.from([0]))
    assert.equal(await client.closed, 1000)
    assert.equal(client.protocol, 'v5.channel.k8s.io')
    assert.equal(client.of(1).trim(), '12')
    assert.equal(JSON.parse(client.of(3)).status, 'Success')
  })

  it('reaches the process of a container, in base64 too', async () => {
    const query = { stdin: '1', stdout: '1', stderr: '1', container: 'main' }
    const protocols = ['base64.channel.k8s.io']
    using client = await openPodSocket(node.kubectl, 'attached', { path: 'attach', query, protocols })
    client.sendText(0, 'hello\n')
    await client.until(1, /read hello\n/u)
  })

  it('is refused for a Pod that there is not, and for a container that does not run', async () => {
    const query = { stdout: '1', command: 'id' }
    const options = { path: 'exec', query, protocols: ['v4.channel.k8s.io'] } as const
    await assert.rejects(openPodSocket(node.kubectl, 'nobody', options), /HTTP 404/u)
    const another = { ...options, query: { ...query, container: 'no' } }
    await assert.rejects(
      openPodSocket(node.kubectl, 'main', another),
      /HTTP 400: .*container no is not valid for pod main/u,
    )
  })
})
