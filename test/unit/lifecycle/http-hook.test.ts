import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { runHttpHook, type HttpHookResult } from '../../../src/lifecycle/http-hook.ts'
import type { HttpGetAction } from '../../../src/probe/http/http-get-request.ts'
import { aContainer } from '../../builders/pod.ts'
import { freePort } from '../../support/free-port.ts'
import { Loopback } from '../../support/loopback.ts'

const tools = { podIp: '127.0.0.1', userAgent: 'kube-lifecycle/1.36' }

function ask(action: HttpGetAction, signal: AbortSignal): Promise<HttpHookResult> {
  const container = aContainer({ ports: [{ name: 'web', containerPort: 1 }] })
  return runHttpHook(action, container, tools, signal)
}

describe('a hook that asks over HTTP', { timeout: 30_000 }, () => {
  it('asks at the Pod, says who it is, and is done with any answer', async ({ signal }) => {
    const seen: unknown[] = []
    await using server = await Loopback.http((request, response) => {
      seen.push([request.url, request.headers['user-agent']])
      response.writeHead(500).end('no')
    })
    assert.deepEqual(await ask({ port: server.port, path: '/quit?now=1' }, signal), { kind: 'done' })
    assert.deepEqual(seen, [['/quit?now=1', 'kube-lifecycle/1.36']])
  })

  it('has failed without an answer', async ({ signal }) => {
    const port = await freePort()
    assert.deepEqual(await ask({ port, path: '/quit' }, signal), {
      kind: 'failed',
      error: `Get "http://127.0.0.1:${port}/quit": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    })
  })

  it('has failed at a port that the container does not have', async ({ signal }) => {
    assert.deepEqual(await ask({ port: 'admin' }, signal), {
      kind: 'failed',
      error: 'strconv.Atoi: parsing "admin": invalid syntax',
    })
  })

  it('asks over HTTPS without looking at the certificate', async ({ signal }) => {
    await using server = await Loopback.https((_, response) => response.end())
    assert.deepEqual(await ask({ port: server.port, scheme: 'HTTPS' }, signal), { kind: 'done' })
  })

  it('falls back to HTTP where nothing else is spoken, without the password that was for HTTPS', async ({ signal }) => {
    const seen: unknown[] = []
    await using server = await Loopback.http(({ headers }, response) => {
      seen.push([headers.authorization, headers['x-unit']])
      response.end()
    })
    const httpHeaders = [
      { name: 'authorization', value: 'Basic secret' },
      { name: 'x-unit', value: 'a' },
    ]
    const result = await ask({ port: server.port, scheme: 'HTTPS', httpHeaders }, signal)
    assert.deepEqual(result, { kind: 'done', plainAt: `127.0.0.1:${server.port}` })
    assert.deepEqual(seen, [[undefined, 'a']])
  })

  it('throws when it is ended from outside', async () => {
    const ending = new AbortController()
    await using server = await Loopback.http(() => ending.abort())
    await assert.rejects(ask({ port: server.port }, ending.signal), (error) => KubeletError.is(error, 'aborted'))
  })
})
