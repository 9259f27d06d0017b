import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { openHttpPort } from '../../../src/server/http-port.ts'
import { alive } from '../../../src/server/info/health.ts'
import { healthRoutes } from '../../../src/server/info/info-routes.ts'
import { listen, type OpenPort } from '../../../src/server/listen.ts'
import type { Route } from '../../../src/server/route.ts'
import { keptLog } from '../../support/kept-log.ts'
import { quietLog } from '../../support/quiet-log.ts'

function openHealthz(port: number): Promise<OpenPort> {
  const place = { address: '127.0.0.1', port, flag: 'healthz-port' }
  return openHttpPort({ ...place, routes: healthRoutes([alive]), log: quietLog })
}

function* repeated(text: string): Generator<string> {
  for (;;) yield text
}

describe('a port without authentication, as that of /healthz', () => {
  it('says ok', async () => {
    await using port = await openHealthz(0)
    const response = await fetch(`http://127.0.0.1:${port.port}/healthz`)
    assert.deepEqual(
      [response.status, response.headers.get('content-type'), await response.text()],
      [200, 'text/plain; charset=utf-8', 'ok'],
    )
  })

  it('knows nothing else', async () => {
    await using port = await openHealthz(0)
    const other = await fetch(`http://127.0.0.1:${port.port}/pods`)
    assert.deepEqual([other.status, await other.text()], [404, '404 page not found\n'])
  })

  it('names the flag when the port is taken', async () => {
    await using port = await openHealthz(0)
    await assert.rejects(openHealthz(port.port), (error) => {
      assert.ok(KubeletError.is(error, 'configuration'))
      assert.equal(
        error.message,
        `Cannot listen on 127.0.0.1:${port.port}: the port is taken; choose another with --healthz-port`,
      )
      return true
    })
  })

  it('tells of a client that goes in the midst of an answer as of nothing unexpected', async () => {
    const { log, lines } = keptLog()
    const endless: Route = {
      methods: ['GET'],
      pattern: '/endless',
      debugging: false,
      serve: ({ signal }, response) => pipeline(Readable.from(repeated('more\n')), response, { signal }),
    }
    const place = { address: '127.0.0.1', port: 0, flag: 'read-only-port' }
    await using port = await openHttpPort({ ...place, routes: [endless], log })
    const client = new AbortController()
    const response = await fetch(`http://127.0.0.1:${port.port}/endless`, { signal: client.signal })
    await response.body?.getReader().read()
    client.abort()
    const { level, message } = await lines.first('a word about the call', ({ fields }) => fields['path'] === '/endless')
    assert.deepEqual([level, message], ['debug', 'A call was refused or broke off'])
  })

  it('is closed when it has been disposed, idle connections and all', async () => {
    const port = await openHealthz(0)
    const url = `http://127.0.0.1:${port.port}/healthz`
    await (await fetch(url)).text()
    await port[Symbol.asyncDispose]()
    await assert.rejects(fetch(url))
  })

  it('stays open when a connection could not be taken, however often', async () => {
    const { log, lines } = keptLog()
    const server = createServer()
    await listen(server, { address: '127.0.0.1', port: 0, flag: 'port', log })
    const tooMany = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' })
    for (let time = 0; time < 2; time += 1) server.emit('error', tooMany)
    const { fields } = await lines.first('a word about it', ({ message }) => message.startsWith('A connection could'))
    assert.equal(fields['error'], tooMany)
    assert.ok(server.listening)
    server.close()
  })
})
