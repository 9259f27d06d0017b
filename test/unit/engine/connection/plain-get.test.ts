import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { GatheringSocket } from '../../../../src/engine/connection/gathering-socket.ts'
import { plainGet } from '../../../../src/engine/connection/plain-get.ts'
import { KubeletError } from '../../../../src/model/errors.ts'

const head = 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n'

describe('A GET over a connection of its own', () => {
  it('asks in HTTP/1.0, so that the answer comes whole', async (t) => {
    const { socket, server } = await connected(t)
    const answer = plainGet(socket, '/v1.41/x?y=1')
    assert.equal(String((await once(server, 'data'))[0]), 'GET /v1.41/x?y=1 HTTP/1.0\r\nHost: docker\r\n\r\n')
    server.end(head)
    assert.equal(await text(await answer), '')
  })

  it('gives the body, wherever it is cut from its head', async (t) => {
    const whole = `${head}one\ntwo\n`
    for (const cut of [1, head.length - 1, head.length, head.length + 1, whole.length]) {
      const { socket, server } = await connected(t)
      const answer = plainGet(socket, '/x')
      server.write(whole.slice(0, cut))
      await once(server, 'data')
      server.end(whole.slice(cut))
      assert.equal(await text(await answer), 'one\ntwo\n')
    }
  })

  const refusals: readonly (readonly [string, KubeletError])[] = [
    [
      'HTTP/1.0 404 Not Found\r\n\r\n{"message":"No such container: x"}\n',
      new KubeletError('not-found', 'No such container: x', { status: 404 }),
    ],
    ['HTTP/1.1 501 Not Implemented\r\n\r\nno reading', new KubeletError('internal', 'no reading', { status: 501 })],
    [
      'HTTP/1.0 500 Internal Server Error\r\n\r\n',
      new KubeletError('internal', 'Docker answered with HTTP status 500', { status: 500 }),
    ],
    ['SSH-2.0-OpenSSH\r\n\r\n', new KubeletError('internal', 'Docker has answered with what is no HTTP')],
    ['', new KubeletError('unavailable', 'Docker has closed the connection without an answer')],
    ['HTTP/1.0 200', new KubeletError('unavailable', 'Docker has closed the connection without an answer')],
    ['x'.repeat(100_000), new KubeletError('unavailable', 'Docker has closed the connection without an answer')],
  ]
  for (const [answer, error] of refusals) {
    it(`throws ${error.code} for "${answer.slice(0, 30).replaceAll('\r\n', ' ')}"`, async (t) => {
      const { socket, server } = await connected(t)
      server.end(answer)
      await assert.rejects(plainGet(socket, '/x'), error)
      socket.destroy()
    })
  }

  it('reads no further than it is read', async (t) => {
    const { socket, server } = await connected(t)
    const megabyte = Buffer.alloc(1024 * 1024, 'x')
    server.write(head)
    for (let count = 0; count < 64; count++) server.write(megabyte)
    server.end()
    const body = (await plainGet(socket, '/x'))[Symbol.asyncIterator]()
    let bytes = (await body.next()).value?.length ?? 0
    for (let before = -1, left = 0; left !== before;) {
      before = left
      for (let turns = 0; turns < 1000; turns++) await turn()
      left = server.writableLength
    }
    assert.ok(server.writableLength > 32 * megabyte.length, `${server.writableLength} bytes are still to be sent`)
    for (let next = await body.next(); next.done !== true; next = await body.next()) bytes += next.value.length
    assert.equal(bytes, 64 * megabyte.length)
  })

  it('lets go of the connection when its reader leaves, and when the signal fires', async (t) => {
    for (const leave of ['break', 'signal']) {
      const { socket, server } = await connected(t)
      const end = new AbortController()
      socket.endOn(end.signal, () => new KubeletError('aborted', 'enough'))
      server.write(`${head}one`)
      const closed = once(server, 'close')
      const body = (await plainGet(socket, '/x'))[Symbol.asyncIterator]()
      assert.equal(String((await body.next()).value), 'one')
      if (leave === 'break') await body.return?.()
      else {
        const next = assert.rejects(body.next(), new KubeletError('aborted', 'enough'))
        end.abort()
        await next
      }
      await closed
    }
  })

  it('throws what breaks the connection', async (t) => {
    const { socket, server } = await connected(t)
    server.write(`${head}one`)
    const body = (await plainGet(socket, '/x'))[Symbol.asyncIterator]()
    await body.next()
    const next = assert.rejects(body.next(), { code: 'ECONNRESET' })
    server.resetAndDestroy()
    await next
  })
})

/** A connection, and its other end. */
async function connected(t: TestContext): Promise<{ readonly socket: GatheringSocket; readonly server: Socket }> {
  const listener = createServer()
  listener.listen(0, '127.0.0.1')
  t.after(() => listener.close())
  await once(listener, 'listening')
  const address = listener.address()
  assert.ok(typeof address === 'object' && address !== null)
  const accepted = once(listener, 'connection')
  const host = { kind: 'tcp', hostname: '127.0.0.1', port: address.port, certificates: undefined } as const
  const socket = await GatheringSocket.connect(host, {}, t.signal)
  const [server]: Socket[] = await accepted
  assert.ok(server)
  server.on('error', () => {})
  // It sees that the other end has gone.
  server.resume()
  t.after(() => server.destroy())
  return { socket, server }
}

async function text(body: AsyncIterable<Buffer>): Promise<string> {
  let read = ''
  for await (const chunk of body) read += chunk.toString()
  return read
}
