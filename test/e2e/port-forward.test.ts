import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import type { ContainerSpec, Pod } from '../../src/model/kube.ts'
import { Forwarding } from '../support/forwarding.ts'
import { freePort } from '../support/free-port.ts'
import { openPodSocket } from '../support/pod-socket.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const keepsReading = (await node.kubectl.serverMinor()) >= 35

const megabytes = 32
const line = '0123456789abcde\n'
/** What the Pod's servers do with whoever connects; each says on the container's output that it is through. */
const servers = {
  80: 'cat; echo over >/proc/1/fd/1',
  81: 'md5sum',
  82: `yes 0123456789abcde | head -c ${megabytes * 1024 * 1024}`,
  83: 'n=$(head -c 3 | wc -c); echo read $n bytes >/proc/1/fd/1',
  84: 'head -c 3 >/proc/1/fd/1; for i in 0 1 2 3 4 5 6 7 8 9; do printf xxxxxxxxxx; sleep 0.02; done; echo done >/proc/1/fd/1',
}

/** Serves them, and a page on the loopback alone. */
function serving(): ContainerSpec {
  const starts = Object.entries(servers).map(([port, script]) => `nc -ll -p ${port} -e sh -c '${script}' &`)
  const pages = `mkdir -p /www; echo a page >/www/index.html; httpd -p 127.0.0.1:85 -h /www`
  const listening = "test $(cat /proc/net/tcp /proc/net/tcp6 | grep -c ' 0A ') -ge 6"
  return shell('main', `${starts.join('\n')}\n${pages}\ntrap 'exit 0' TERM; sleep 86400 & wait`, {
    readinessProbe: { exec: { command: ['sh', '-c', listening] }, periodSeconds: 1 },
  })
}

function ready(name: string): Promise<Pod> {
  return node.createUntil(podManifest(name, [serving()]), 'ready', isReady)
}

describe('kubectl port-forward', { timeout: 300_000 }, () => {
  let pod: Pod
  before(async () => {
    pod = await ready('web')
  })

  it('forwards several ports, each in any number of connections at once', async () => {
    await using forwarding = await Forwarding.start(node.kubectl, 'web', 80, 81, 85)
    const talk = async (word: string): Promise<string> => {
      const socket = await forwarding.connect(80)
      socket.end(word)
      return text(socket)
    }
    const words = Array.from({ length: 20 }, (_, index) => `word ${index}`.repeat(1000))
    const sum = await forwarding.connect(81)
    sum.end('hello')
    assert.deepEqual(await Promise.all(words.map(talk)), words)
    assert.equal(await text(sum), `${md5('hello')}  -\n`)
  })

  it('loses no byte of what is large, in either direction', async () => {
    await using forwarding = await Forwarding.start(node.kubectl, 'web', 81, 82)
    const [up, down] = await Promise.all([forwarding.connect(81), forwarding.connect(82)])
    const data = Buffer.alloc(megabytes * 1024 * 1024, line)
    up.end(data)
    const hash = createHash('md5')
    for await (const chunk of down) hash.update(chunk)
    assert.equal(hash.digest('hex'), md5(data))
    assert.equal(await text(up), `${md5(data)}  -\n`)
  })

  it('reaches who listens on the loopback alone', async () => {
    await using forwarding = await Forwarding.start(node.kubectl, 'web', 85)
    const socket = await forwarding.connect(85)
    socket.write('GET / HTTP/1.0\r\n\r\n')
    assert.match(await text(socket), /\r\n\r\na page\n$/u)
  })

  it('says that nothing listens, to a client that says nothing, and ends its connection', async () => {
    await using forwarding = await Forwarding.start(node.kubectl, 'web', 9)
    const socket = await forwarding.connect(9)
    assert.equal(await text(socket), '')
    const said = await forwarding.complaints.until('why', (texts) => /refused/u.exec(texts.join(''))?.input)
    assert.match(said, /error forwarding port 9 to pod [0-9a-f]{64}, uid : failed to connect to localhost:9 .*refused/u)
  })

  // The upstream tests of "Kubectl Port forwarding", by their names.
  it('should support a client that connects, sends NO DATA, and disconnects', async () => {
    await using forwarding = await Forwarding.start(node.kubectl, 'web', 83)
    const socket = await forwarding.connect(83)
    socket.destroy()
    await node.untilPrinted(pod, 'main', 'read 0 bytes')
  })

  it('should support a client that connects, sends DATA, and disconnects', async () => {
    await using forwarding = await Forwarding.start(node.kubectl, 'web', 84)
    const socket = await forwarding.connect(84)
    socket.write('abc')
    assert.equal(await text(socket), 'x'.repeat(100))
    await node.untilPrinted(pod, 'main', 'abcdone')
  })

  it('should support forwarding over websockets', async () => {
    const options = { path: 'portforward', query: { ports: '84' }, protocols: ['v4.channel.k8s.io'] } as const
    using client = await openPodSocket(node.kubectl, 'web', options)
    await client.until(0, /^T\0$/u)
    await client.until(1, /^T\0$/u)
    client.send(0, 'def')
    await client.until(0, /^T\0x{100}$/u)
    assert.equal(await client.closed, 1000)
    await node.untilPrinted(pod, 'main', 'defdone')
  })

  it('should keep working after detect broken connection', async () => {
    await using forwarding = await Forwarding.start(node.kubectl, 'web', 80, 82)
    const broken = await forwarding.connect(82)
    await once(broken, 'data')
    broken.destroy()
    const next = await forwarding.connect(80)
    next.end('works')
    // Older kubectls read nothing more once a client has gone in the middle of what it was being sent.
    if (keepsReading) assert.equal(await text(next), 'works')
    else await forwarding.kill()
    await untilNothingIsForwarded()
  })

  it('should stop port-forwarding with a pod being removed', async () => {
    await ready('removed')
    await using forwarding = await Forwarding.start(node.kubectl, 'removed', 80)
    const socket = await forwarding.connect(80)
    socket.write('hello')
    await once(socket, 'data')
    const over = text(socket)
    await node.kubectl.run('delete', 'pod', 'removed', '--grace-period=1')
    assert.equal(await over, '')
    await untilNothingIsForwarded()
  })

  it('reaches the ports of a Pod in the host’s network', async () => {
    const port = await freePort()
    const script = `nc -ll -p ${port} -e sh -c 'echo here' & trap 'exit 0' TERM; sleep 86400 & wait`
    const probe = { tcpSocket: { host: '127.0.0.1', port }, periodSeconds: 1 }
    const container = shell('main', script, { readinessProbe: probe })
    await node.createUntil(podManifest('host', [container], { hostNetwork: true }), 'ready', isReady)
    await using forwarding = await Forwarding.start(node.kubectl, 'host', port)
    assert.equal(await text(await forwarding.connect(port)), 'here\n')
  })

  it('leaves nothing behind when it is killed', async () => {
    await using forwarding = await Forwarding.start(node.kubectl, 'web', 80)
    const socket = await forwarding.connect(80)
    socket.write('hello')
    await once(socket, 'data')
    assert.equal((await forwarded()).length, 1)
    await forwarding.kill()
    await node.untilPrinted(pod, 'main', 'over')
    await untilNothingIsForwarded()
  })
})

/** The processes by which the agent reaches ports. */
async function forwarded(): Promise<readonly string[]> {
  const parent = `${node.agent.pid}`
  const names = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/u.test(name))
      .map(async (pid) => {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
        const [, name = '', ppid] = /^\d+ \((.*)\) \S+ (\d+)/u.exec(stat) ?? []
        return ppid === parent && name.startsWith('pause') ? [pid] : []
      }),
  )
  return names.flat()
}

async function untilNothingIsForwarded(): Promise<void> {
  const deadline = AbortSignal.timeout(30_000)
  while ((await forwarded()).length > 0) await delay(20, undefined, { signal: deadline })
}

function md5(data: string | Buffer): string {
  return createHash('md5').update(data).digest('hex')
}
