import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { openHttpsPort } from '../../../src/server/https-port.ts'
import type { OpenPort } from '../../../src/server/listen.ts'
import type { Guard, Route, ServerCall } from '../../../src/server/route.ts'
import type { Logger } from '../../../src/util/log.ts'
import { keptLog } from '../../support/kept-log.ts'
import { quietLog } from '../../support/quiet-log.ts'
import { selfSigned } from '../../support/self-signed.ts'

const open: Guard = async () => ({ kind: 'allowed' })

function port(routes: readonly Route[], guard = open, log: Logger = quietLog): Promise<OpenPort> {
  const tls = { current: () => selfSigned, onChange: () => ({ [Symbol.dispose]: () => {} }) }
  return openHttpsPort({ address: '127.0.0.1', port: 0, flag: 'port', tls, guard, routes, log })
}

async function connected({ address: host, port: at }: OpenPort): Promise<TLSSocket> {
  const socket = connectTls({ host, port: at, rejectUnauthorized: false })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: node\r\n\r\n`
}

/** A route that waits for whatever it is told to wait for, and tells of each call. */
function waiting(pattern: string, wait: (call: ServerCall) => Promise<unknown>): Route {
  return {
    methods: ['GET'],
    pattern,
    debugging: false,
    serve: async (call, response) => {
      await wait(call)
      response.end(pattern)
    },
  }
}

describe('a client of the HTTPS port', () => {
  it('that says nothing does not hold up the end', async () => {
    const node = await port([])
    const silent = connect({ host: node.address, port: node.port })
    silent.on('error', () => {})
    await once(silent, 'connect')
    // The server has seen it when it has seen a later one.
    const later = await connected(node)
    const ended = once(silent, 'close')
    await node[Symbol.asyncDispose]()
    await ended
    later.destroy()
  })

  it('that sends the next request before it has its answer is answered in turn', async () => {
    const calls: string[] = []
    const first = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    await using node = await port([
      waiting('/first', async ({ path }) => {
        calls.push(path)
        begun.resolve()
        await first.promise
      }),
      waiting('/second', async ({ path }) => void calls.push(path)),
    ])
    const socket = await connected(node)
    socket.write(get('/first') + get('/second'))
    await begun.promise
    // A round trip on another connection: had the second been begun, it would be there.
    await text((await connected(node)).end(get('/none')))
    assert.deepEqual(calls, ['/first'])
    first.resolve()
    const answers = text(socket)
    socket.write('GET /second HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n')
    assert.deepEqual((await answers).match(/^\/(?:first|second)$|\/(?:first|second)(?=HTTP)/gmu), [
      '/first',
      '/second',
      '/second',
    ])
  })

  it('that goes while its requests wait for their turn has none of them served', async () => {
    const calls: string[] = []
    const begun = Promise.withResolvers<ServerCall>()
    const over = Promise.withResolvers<void>()
    await using node = await port([
      waiting('/follow', async (call) => {
        calls.push(call.path)
        begun.resolve(call)
        await once(call.signal, 'abort')
        over.resolve()
      }),
    ])
    const socket = await connected(node)
    socket.write(get('/follow').repeat(3))
    await begun.promise
    socket.destroy()
    await over.promise
    await text((await connected(node)).end(get('/none')))
    assert.deepEqual(calls, ['/follow'])
  })

  it('that sends ever more requests without an answer is cut', async () => {
    let guarded = 0
    await using node = await port([], async (_request, _path, signal) => {
      guarded += 1
      await once(signal, 'abort')
      return { kind: 'allowed' }
    })
    const socket = await connected(node)
    socket.resume().write(get('/pods').repeat(1000))
    await once(socket, 'close')
    assert.equal(guarded, 1)
  })

  it('that asks for another protocol before it has its answer is cut, which is no fault of ours', async () => {
    const { log, lines } = keptLog()
    const begun = Promise.withResolvers<void>()
    const first = waiting('/first', async ({ signal }) => {
      begun.resolve()
      await once(signal, 'abort')
    })
    await using node = await port([first], open, log)
    const socket = await connected(node)
    socket.resume().write(get('/first'))
    await begun.promise
    socket.write('GET /first HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n')
    await once(socket, 'close')
    const { level } = await lines.first('a word about it', ({ message }) => message.startsWith('A call'))
    assert.equal(level, 'debug')
  })
})
