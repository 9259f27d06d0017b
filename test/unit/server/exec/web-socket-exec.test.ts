import assert from 'node:assert/strict'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { aPodUid } from '../../../builders/pod.ts'
import type { FakeCommand } from '../../../fakes/fake-container.ts'
import { copiesInput, tellsSize, type FakeTerminal } from '../../../fakes/fake-session.ts'
import { ExecNode } from '../../../support/exec-node.ts'

const exec = '/exec/default/web/main'
const all = 'input=1&output=1&error=1'
const success = '{"status":"Success"}'

function command([name]: readonly string[]): FakeCommand {
  switch (name) {
    case 'cat':
      return { kind: 'talks', talk: copiesInput }
    case 'size':
      return { kind: 'talks', talk: tellsSize }
    case 'fail':
      return { kind: 'ends', exitCode: 3, output: 'out', errors: 'err' }
    case 'hang':
      return { kind: 'hangs', output: 'here' }
    default:
      return { kind: 'ends', exitCode: 0, output: 'hello' }
  }
}

describe("A command's WebSocket", () => {
  it('begins with an empty message, and ends with 1000 after output and status', async () => {
    await using node = await ExecNode.open({ command })
    using client = await node.connect(`${exec}?command=fail&${all}`, 'v4.channel.k8s.io')
    assert.equal(client.protocol, 'v4.channel.k8s.io')
    assert.equal(await client.closed, 1000)
    assert.deepEqual(client.messages[0], [1, ''])
    assert.deepEqual([client.of(1), client.of(2)], ['out', 'err'])
    const [channel, status] = client.messages.at(-1) ?? []
    assert.equal(channel, 3)
    assert.match(status ?? '', /"reason":"ExitCode","message":"3"/u)
  })

  it('begins on stderr, or on the error channel, where there is no stdout', async () => {
    await using node = await ExecNode.open({ command })
    for (const [wanted, first] of [
      ['error=1', 2],
      ['input=1', 3],
    ] as const) {
      using client = await node.connect(`${exec}?command=hello&${wanted}`)
      await client.closed
      assert.deepEqual(client.messages[0], [first, ''])
    }
  })

  it('tells a success in the first protocol by its end alone, a failure as text', async () => {
    await using node = await ExecNode.open({ command })
    for (const protocols of [[], ['channel.k8s.io'], ['base64.channel.k8s.io']]) {
      using client = await node.connect(`${exec}?command=hello&${all}`, ...protocols)
      assert.equal(await client.closed, 1000)
      assert.equal(client.protocol, protocols[0] ?? '')
      assert.deepEqual(client.messages, [
        [1, ''],
        [1, 'hello'],
      ])
      using failing = await node.connect(`${exec}?command=fail&${all}`, ...protocols)
      await failing.closed
      assert.equal(failing.of(3), 'command terminated with non-zero exit code: Error executing in Docker Container: 3')
    }
  })

  it('speaks base64 both ways where that is asked for', async () => {
    await using node = await ExecNode.open({ command })
    using client = await node.connect(`${exec}?command=size&tty=1&${all}`, 'v4.base64.channel.k8s.io')
    client.sendText(4, '{"Width":80,"Height":24}')
    client.sendText(0, 'go')
    assert.equal(await client.closed, 1000)
    assert.deepEqual([client.of(1), client.of(3)], ['{"width":80,"height":24}', success])
  })

  it('ends the input of a command in protocol 5 with a signal, which may be repeated', async () => {
    await using node = await ExecNode.open({ command })
    using client = await node.connect(`${exec}?command=cat&${all}`, 'v4.channel.k8s.io', 'v5.channel.k8s.io')
    assert.equal(client.protocol, 'v5.channel.k8s.io')
    client.send(0, 'one ')
    client.send(0)
    client.send(9, 'nowhere')
    client.send(2, 'not to be sent')
    client.send(0, 'two')
    client.send(255, Buffer.from([0]))
    client.send(255, Buffer.from([0]))
    client.send(0, 'too late')
    assert.equal(await client.closed, 1000)
    assert.deepEqual([client.of(1), client.of(3)], ['one two', '{"metadata":{},"status":"Success"}'])
  })

  it('is cut when the signal names no channel', async () => {
    await using node = await ExecNode.open({ command })
    using client = await node.connect(`${exec}?command=cat&${all}`, 'v5.channel.k8s.io')
    client.send(255, Buffer.from([7]))
    assert.equal(await client.closed, 1006)
  })

  it('has no signal in other protocols, and no input where none is asked for', async () => {
    await using node = await ExecNode.open({ command })
    using client = await node.connect(`${exec}?command=cat&output=1`, 'v4.channel.k8s.io')
    client.send(255, Buffer.from([7]))
    client.send(0, 'unheard')
    assert.equal(await client.closed, 1000)
    assert.deepEqual([client.of(1), client.of(3)], ['', success])
  })

  it('answers pings while a command runs', async () => {
    await using node = await ExecNode.open({ command })
    using client = await node.connect(`${exec}?command=cat&${all}`, 'v4.channel.k8s.io')
    client.webSocket.ping('there?')
    const [pong] = await once(client.webSocket, 'pong')
    assert.equal(String(pong), 'there?')
  })

  it('waits with reading while a command does not read, and then goes on', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const late = async (terminal: FakeTerminal): Promise<number> => {
      await begun
      return copiesInput(terminal)
    }
    await using node = await ExecNode.open({ command: () => ({ kind: 'talks', talk: late }) })
    using client = await node.connect(`${exec}?command=late&${all}`, 'v5.channel.k8s.io')
    for (let sent = 0; sent < 64; sent++) client.send(0, Buffer.alloc(250_000, 'x'))
    client.send(255, Buffer.from([0]))
    using another = await node.connect(`${exec}?command=late&${all}`, 'v5.channel.k8s.io')
    for (let turn = 0; turn < 50; turn++) {
      another.webSocket.ping()
      await once(another.webSocket, 'pong')
    }
    // What neither side's sockets hold is still with the client.
    assert.ok(client.webSocket.bufferedAmount > 4_000_000, `${client.webSocket.bufferedAmount} bytes are held up`)
    begin()
    assert.equal(await client.closed, 1000)
    assert.equal(client.of(1).length, 16_000_000)
  })

  it('lets go of the session when the client goes', async () => {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const talk = async ({ stdin }: FakeTerminal): Promise<number> => {
      stdin.once('close', resolve)
      return new Promise(() => {})
    }
    await using node = await ExecNode.open({ command: () => ({ kind: 'talks', talk }) })
    for (const go of ['terminate', 'close'] as const) {
      using client = await node.connect(`${exec}?command=wait&${all}`, 'v4.channel.k8s.io')
      client.webSocket[go]()
      await over
    }
  })

  it('is closed for a message that is too large, and for frames that no client sends', async () => {
    await using node = await ExecNode.open({ command })
    using client = await node.connect(`${exec}?command=cat&${all}`, 'v4.channel.k8s.io')
    client.send(0, Buffer.alloc(33 * 1024 * 1024))
    assert.equal(await client.closed, 1009)
    for (const [what, bytes] of [
      ['is not masked', [0x82, 2, 0, 1]],
      ['is of no known kind', [0x83, 0x82, 0, 0, 0, 0, 0, 1]],
      ['says that it has 2 EiB', [0x82, 0xff, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
      ['is a ping in two parts', [0x09, 0x80, 0, 0, 0, 0]],
    ] as const) {
      const socket = await node.upgrade(`${exec}?command=cat&${all}`)
      socket.write(Buffer.from(bytes))
      // The rest of it says why, and then it is over.
      assert.ok(await buffer(socket), what)
    }
    using another = await node.connect(`${exec}?command=hello&${all}`, 'v4.channel.k8s.io')
    await another.closed
    assert.equal(another.of(1), 'hello')
  })

  it('is closed when nothing is said for long', async () => {
    await using node = await ExecNode.open({ command, idleTimeoutMs: 50 })
    using client = await node.connect(`${exec}?command=hang&${all}`, 'v4.channel.k8s.io')
    assert.equal(await client.closed, 1006)
  })

  it('is refused for protocols that there are not, other methods and requests that are broken', async () => {
    await using node = await ExecNode.open({ command })
    await assert.rejects(
      node.connect(`${exec}?command=hello&${all}`, 'v3.channel.k8s.io'),
      /HTTP 403: requested protocol\(s\) are not supported: \[v3\.channel\.k8s\.io\]/u,
    )
    const headers = { connection: 'Upgrade', upgrade: 'websocket' }
    assert.deepEqual(await node.ask(`${exec}?${all}`, 'POST', headers), [405, 'bad method'])
    assert.deepEqual(await node.ask(`${exec}?${all}`, 'GET', headers), [
      400,
      'Missing or invalid Sec-WebSocket-Key header',
    ])
  })

  it('attaches to a container by its UID, with the terminal that it has', async () => {
    const program = { kind: 'runs', talk: tellsSize } as const
    await using node = await ExecNode.open({ program, tty: true })
    using client = await node.connect(`/attach/default/web/${aPodUid}/main?tty=1&${all}`, 'v4.channel.k8s.io')
    client.send(4, '{"Width":132,"Height":43}')
    client.send(0, 'x')
    assert.equal(await client.closed, 1000)
    assert.deepEqual([client.of(1), client.of(3)], ['{"width":132,"height":43}', success])
  })
})
