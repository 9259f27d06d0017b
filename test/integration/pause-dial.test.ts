import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { pauseBinary } from '../../src/engine/pause-binary.ts'
import { dialAsChild } from '../../src/engine/streams/dial-child.ts'
import { DialStream } from '../../src/engine/streams/dial-stream.ts'
import { rejects } from '../contract/engine/expect.ts'

const binary = pauseBinary(process.arch)

describe('pause dial', { timeout: 60_000 }, () => {
  it('is over when the server has closed, though the client has not ended its data', async () => {
    await using server = await Listener.on('127.0.0.1', (socket) => {
      socket.write('bye')
      socket.destroySoon()
    })
    const connection = await dialled(server)
    assert.equal(await text(connection), 'bye')
    if (!connection.closed) await once(connection, 'close')
  })

  it('goes on when the server has ended its data and still reads', async () => {
    await using server = await Listener.on('127.0.0.1', () => {})
    const connection = await dialled(server)
    const socket = await server.connected()
    const received = text(socket)
    socket.end('only this')
    assert.equal(await said(connection), 'only this')
    connection.write('I still ')
    connection.end('have to say this')
    assert.equal(await received, 'I still have to say this')
    if (!connection.closed) await once(connection, 'close')
  })

  it('goes on when the client has ended its data and still reads', async () => {
    await using server = await Listener.on('127.0.0.1', () => {})
    const connection = await dialled(server)
    const socket = await server.connected()
    connection.end('a question')
    assert.equal(await text(socket), 'a question')
    socket.write('a long ')
    assert.equal(String(await nextChunk(connection)), 'a long ')
    socket.end('answer')
    assert.equal(await text(connection), 'answer')
  })

  it('reaches who listens on ::1 alone', async () => {
    await using server = await Listener.on('::1', (socket) => socket.end('six'))
    assert.equal(await text(await dialled(server)), 'six')
  })

  it('sends while the client does not read what comes', async () => {
    await using server = await Listener.on('127.0.0.1', () => {})
    const connection = await dialled(server)
    const socket = await server.connected()
    while (socket.write(Buffer.alloc(1_000_000))) await new Promise(setImmediate)
    connection.end('heard nevertheless')
    assert.equal(await text(socket), 'heard nevertheless')
    connection.destroy()
  })

  it('says that the server has reset the connection, after what it sent before', async () => {
    await using server = await Listener.on('127.0.0.1', () => {})
    const connection = await dialled(server)
    const socket = await server.connected()
    socket.write('almost')
    assert.equal(String(await nextChunk(connection)), 'almost')
    socket.resetAndDestroy()
    await rejects(text(connection), 'unavailable', /^read: connection reset by peer$/u)
  })

  it('ends when whoever runs it has gone', async () => {
    await using server = await Listener.on('127.0.0.1', () => {})
    const child = spawn(binary, ['dial', String(server.port)], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const socket = await server.connected()
    child.stdin.end()
    assert.deepEqual(await once(child, 'exit'), [1, null])
    assert.equal(await text(socket), '')
  })

  it('ends when whoever runs it has gone while the server takes nothing', async () => {
    await using server = await Listener.on('127.0.0.1', (socket) => socket.pause())
    const child = spawn(binary, ['dial', String(server.port)], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const frame = Buffer.concat([Buffer.from('d\x10\0\0'), Buffer.alloc(0x10_00_00)])
    while (child.stdin.write(frame)) await new Promise(setImmediate)
    child.stdin.on('error', () => {}).destroy()
    assert.deepEqual(await once(child, 'exit'), [1, null])
  })

  for (const [what, words, exitCode, says] of [
    ['when nothing listens', ['1'], 1, /^IPv4: 127\.0\.0\.1: connection refused, IPv6: \[::1\]: .*\n$/u],
    ['for a namespace that is not there', ['80', '/no/such/namespace'], 3, /^cannot enter the network namespace\n$/u],
    ['for a port that is none', ['65536'], 2, /^usage: /u],
    ['for a port in letters', ['http'], 2, /^usage: /u],
    ['for no port', [], 2, /^usage: /u],
  ] as const) {
    it(`says what is wrong ${what}`, async () => {
      const child = spawn(binary, ['dial', ...words], { stdio: ['pipe', 'pipe', 'pipe'] })
      const [said, wrote, [code]] = await Promise.all([text(child.stderr), text(child.stdout), once(child, 'exit')])
      assert.match(said, says)
      assert.deepEqual([wrote, code], ['', exitCode])
    })
  }

  it('takes frames cut anywhere, and ends at what is none', async () => {
    await using server = await Listener.on('127.0.0.1', () => {})
    const child = spawn(binary, ['dial', String(server.port)], { stdio: ['pipe', 'pipe', 'inherit'] })
    const received = text(await server.connected())
    child.stdin.on('error', () => {})
    const exit = once(child, 'exit')
    for (const byte of Buffer.from('d\0\0\x02hid\0\0\0d\0\0\x01!nonsense', 'latin1')) {
      child.stdin.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    assert.deepEqual(await exit, [2, null])
    assert.equal(await received, 'hi!')
  })
})

async function dialled(server: Listener): Promise<DialStream> {
  const connection = new DialStream(dialAsChild(binary, server.port))
  await connection.connected()
  return connection
}

/** All that the server says. Reading with `text` would end the client's side too. */
async function said(connection: DialStream): Promise<string> {
  const chunks: Buffer[] = []
  connection.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(connection, 'end')
  return Buffer.concat(chunks).toString()
}

async function nextChunk(connection: DialStream): Promise<Buffer> {
  const [chunk] = await once(connection, 'data')
  connection.pause()
  return chunk
}

/** A server with one client. */
class Listener implements AsyncDisposable {
  socket: Socket | undefined
  readonly #server: Server
  readonly #connected = Promise.withResolvers<Socket>()

  private constructor(greet: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.socket = socket.on('error', () => {})
      greet(socket)
      this.#connected.resolve(socket)
    })
  }

  static async on(address: string, greet: (socket: Socket) => void): Promise<Listener> {
    const listener = new Listener(greet)
    listener.#server.listen(0, address)
    await once(listener.#server, 'listening')
    return listener
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  connected(): Promise<Socket> {
    return this.#connected.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket?.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
