import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { openHttpPort } from '../../../src/server/http-port.ts'
import { alive } from '../../../src/server/info/health.ts'
import { healthRoutes } from '../../../src/server/info/info-routes.ts'
import type { OpenPort } from '../../../src/server/listen.ts'
import { quietLog } from '../../support/quiet-log.ts'

function openHealthz(port: number): Promise<OpenPort> {
  const place = { address: '127.0.0.1', port, flag: 'healthz-port' }
  return openHttpPort({ ...place, routes: healthRoutes([alive]), log: quietLog })
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

  it('is closed when it has been disposed, idle connections and all', async () => {
    const port = await openHealthz(0)
    const url = `http://127.0.0.1:${port.port}/healthz`
    await (await fetch(url)).text()
    await port[Symbol.asyncDispose]()
    await assert.rejects(fetch(url))
  })
})
