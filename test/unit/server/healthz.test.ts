import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { openHealthz } from '../../../src/server/healthz.ts'

describe('openHealthz', () => {
  it('says ok', async () => {
    await using port = await openHealthz('127.0.0.1', 0)
    const response = await fetch(`http://127.0.0.1:${port.port}/healthz`)
    assert.deepEqual(
      [response.status, response.headers.get('content-type'), await response.text()],
      [200, 'text/plain; charset=utf-8', 'ok'],
    )
  })

  it('knows nothing else, and takes nothing', async () => {
    await using port = await openHealthz('127.0.0.1', 0)
    const other = await fetch(`http://127.0.0.1:${port.port}/pods`)
    const post = await fetch(`http://127.0.0.1:${port.port}/healthz`, { method: 'POST' })
    assert.deepEqual([other.status, await other.text(), post.status], [404, '404 page not found\n', 405])
    await post.text()
  })

  it('names the flag when the port is taken', async () => {
    await using port = await openHealthz('127.0.0.1', 0)
    await assert.rejects(openHealthz('127.0.0.1', port.port), (error) => {
      assert.ok(KubeletError.is(error, 'configuration'))
      assert.equal(
        error.message,
        `Cannot listen on 127.0.0.1:${port.port}: the port is taken; choose another with --healthz-port`,
      )
      return true
    })
  })

  it('is closed when it has been disposed, idle connections and all', async () => {
    const port = await openHealthz('127.0.0.1', 0)
    const url = `http://127.0.0.1:${port.port}/healthz`
    await (await fetch(url)).text()
    await port[Symbol.asyncDispose]()
    await assert.rejects(fetch(url))
  })
})
