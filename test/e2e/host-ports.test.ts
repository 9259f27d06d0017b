import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, describe, it } from 'node:test'
import type { ContainerSpec } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying, untilTold } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

type Port = NonNullable<ContainerSpec['ports']>[number]

/** A web server that says its Pod's name, with this port of the host. */
function web(port: Omit<Port, 'containerPort'>): ContainerSpec {
  const script = `mkdir /www; hostname >/www/index.html; httpd -h /www -p 8080; ${untilTold}`
  return shell('web', script, { ports: [{ containerPort: 8080, ...port }] })
}

/** What answers on a port of the host. */
async function read(host: string, port: number): Promise<string> {
  const answer = await fetch(`http://${host}:${port}/`)
  return (await answer.text()).trim()
}

const echoServer = `
  process.once('SIGTERM', () => process.exit())
  const socket = require('node:dgram').createSocket('udp4').bind(9000)
  socket.on('message', (text, { port, address }) => socket.send(text, port, address))`

/** What comes back for a datagram. It is sent again until something does: the first may come too early. */
async function echoed(text: string, port: number): Promise<string> {
  const socket = createSocket('udp4').on('error', () => undefined)
  const send = (): void => socket.send(text, port, '127.0.0.1')
  const again = setInterval(send, 200)
  try {
    const [answer]: unknown[] = await once(socket, 'message', { signal: AbortSignal.timeout(60_000) })
    return String(answer)
  } finally {
    clearInterval(again)
    socket.close()
  }
}

/** Who else may have a port of the host, how it is had and given back, and what Docker says then. */
const holders: readonly (readonly [
  who: string,
  hold: (port: number) => Promise<() => Promise<unknown>>,
  words: string,
])[] = [
  [
    'a process',
    async (port) => {
      const server = createServer().listen(port, '0.0.0.0')
      await once(server, 'listening')
      return async () => once(server.close(), 'close')
    },
    'address already in use',
  ],
  [
    'a container',
    async (port) => {
      const id = await docker('run', '--detach', '--publish', `${port}:80`, 'busybox:1.36', 'sleep', '600')
      return () => docker('rm', '--force', id)
    },
    'port is already allocated',
  ],
]

describe('A port of the host', { concurrency: 5 }, () => {
  it('may be had by several Pods at addresses of their own, and for protocols of their own', async () => {
    const hostPort = await freePort()
    const names = ['one', 'two'] as const
    const addresses = { one: '127.0.0.1', two: '127.0.0.2' }
    const udp: ContainerSpec = {
      name: 'echo',
      image: 'node:24-bookworm-slim',
      imagePullPolicy: 'IfNotPresent',
      command: ['node', '-e', echoServer],
      ports: [{ containerPort: 9000, hostPort, hostIP: '127.0.0.1', protocol: 'UDP' }],
    }
    await Promise.all([
      ...names.map((name) =>
        node.createUntil(podManifest(name, [web({ hostPort, hostIP: addresses[name] })]), 'ready', isReady),
      ),
      node.createUntil(podManifest('three', [udp]), 'ready', isReady),
    ])
    assert.deepEqual(await Promise.all(names.map((name) => read(addresses[name], hostPort))), ['one', 'two'])
    assert.equal(await echoed('hello', hostPort), 'hello')
  })

  it('that another Pod has keeps a Pod away which was bound past the scheduler', async () => {
    const hostPort = await freePort()
    await node.createUntil(podManifest('first', [web({ hostPort })]), 'ready', isReady)
    const pod = await node.createUntil(podManifest('second', [web({ hostPort })]), 'rejected', hasPhase('Failed'))
    assert.deepEqual(
      [pod.status?.reason, pod.status?.message],
      [
        'NodePorts',
        "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
      ],
    )
    assert.equal(await read('127.0.0.1', hostPort), 'first')
  })

  for (const [who, hold, words] of holders) {
    it(`that ${who} has keeps a Pod waiting, in Docker's words, until the port is free`, async () => {
      const name = `behind-${who.replaceAll(' ', '-')}`
      const hostPort = await freePort()
      await using held = new AsyncDisposableStack()
      const release = await hold(hostPort)
      held.defer(async () => void (await release()))
      await node.create(podManifest(name, [web({ hostPort })]))
      const { type, message = '' } = await node.untilEvent(name, 'FailedCreatePodSandBox')
      assert.equal(type, 'Warning')
      assert.ok(
        message.startsWith(
          `Failed to create pod sandbox: failed to start sandbox container for pod "${name}": Error response from daemon: `,
        ),
        message,
      )
      assert.match(message, new RegExp(`:${hostPort}\\b.*${words}`, 'u'))
      const { status } = await node.until(name, 'told of', ({ status: now }) => now?.containerStatuses !== undefined)
      assert.deepEqual(
        [status?.phase, status?.containerStatuses?.map(({ state }) => state?.waiting?.reason)],
        ['Pending', ['ContainerCreating']],
      )
      await held.disposeAsync()
      await node.until(name, 'ready', isReady)
      assert.equal(await read('127.0.0.1', hostPort), name)
    })
  }

  it("of a Pod on the host's network is the one that its container listens on", async () => {
    const port = await freePort()
    const server = shell('web', `mkdir /www; echo here >/www/index.html; httpd -h /www -p ${port}; ${untilTold}`, {
      ports: [{ containerPort: port }],
    })
    const pod = await node.createUntil(podManifest('on-host', [server], { hostNetwork: true }), 'ready', isReady)
    assert.equal(pod.spec.containers[0]?.ports?.[0]?.hostPort, port)
    assert.equal(await read('127.0.0.1', port), 'here')
  })

  it("for SCTP is Docker's to give, and the Pod says so where the host has none", async () => {
    const hostPort = await freePort()
    const publish = `127.0.0.1:${hostPort}:9000/sctp`
    const hasSctp = await docker('run', '--rm', '--publish', publish, 'busybox:1.36', 'true').then(
      () => true,
      () => false,
    )
    const ports = [{ containerPort: 9000, hostPort, protocol: 'SCTP' }]
    await node.create(podManifest('sctp', [staying('main', { ports })]))
    if (hasSctp) await node.until('sctp', 'ready', isReady)
    else await node.untilEvent('sctp', 'FailedCreatePodSandBox', 'protocol not supported')
  })
})
