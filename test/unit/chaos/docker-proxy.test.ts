import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { readText } from '../../../src/cluster/http/response-body.ts'
import { DockerProxy } from '../../chaos/bed/docker-proxy.ts'

const stack = new AsyncDisposableStack()
after(() => stack.disposeAsync())

const folder = await mkdtemp(join(tmpdir(), 'minikubelet-proxy-'))
stack.defer(() => rm(folder, { recursive: true, force: true }))
const done: string[] = []
const docker = createServer((from, to) => {
  done.push(`${from.method} ${from.url}`)
  to.end('by Docker')
})
docker.on('upgrade', (_from, socket) => {
  socket.write('HTTP/1.1 101 UPGRADED\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\n')
  socket.pipe(socket)
})
docker.listen(join(folder, 'docker.sock'))
await once(docker, 'listening')
stack.defer(() => void docker.close())
const proxy = stack.use(new DockerProxy(join(folder, 'proxy.sock'), join(folder, 'docker.sock')))
await proxy.open()

function send(method: string, path: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request({ socketPath: join(folder, 'proxy.sock'), method, path, agent: false }, resolve)
    .on('error', reject)
    .end()
  return promise
}

describe('the proxy before Docker', () => {
  it('hands on what it is not told to keep back', async () => {
    assert.equal(await readText(await send('GET', '/v1.41/info')), 'by Docker')
  })

  it('answers instead of Docker, which does not hear of it', async () => {
    using _ = proxy.use(({ kind }) => (kind === 'start-container' ? { status: 500, message: 'unwell' } : 'pass'))
    const answer = await send('POST', '/v1.41/containers/refused/start')
    assert.equal(answer.statusCode, 500)
    assert.equal(await readText(answer), '{"message":"unwell"}')
    assert.equal(await readText(await send('GET', '/v1.41/info')), 'by Docker')
    assert.ok(!done.includes('POST /v1.41/containers/refused/start'))
  })

  it('has Docker do it, and loses the answer', async () => {
    using _ = proxy.use(({ method }) => (method === 'POST' ? 'lose' : 'pass'))
    await assert.rejects(send('POST', '/v1.41/containers/lost/start'), { code: 'ECONNRESET' })
    assert.ok(done.includes('POST /v1.41/containers/lost/start'))
  })

  it('keeps back a call, whose connection breaks when that is over', async () => {
    const { promise: came, resolve } = Promise.withResolvers<void>()
    const use = proxy.use(() => {
      resolve()
      return 'hang'
    })
    const hanging = send('POST', '/v1.41/containers/hung/start')
    await came
    use[Symbol.dispose]()
    await assert.rejects(hanging, { code: 'ECONNRESET' })
    assert.ok(!done.includes('POST /v1.41/containers/hung/start'))
  })

  it('hands on connections that become streams', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'tcp' }
    const socketPath = join(folder, 'proxy.sock')
    const sent = request({ socketPath, method: 'POST', path: '/v1.41/exec/e/start', headers, agent: false })
    sent.end()
    const { promise, resolve } = Promise.withResolvers<string>()
    sent.on('upgrade', (_answer, socket) => {
      socket.write('back')
      socket.on('data', (chunk: Buffer) => {
        resolve(chunk.toString())
        socket.destroy()
      })
    })
    assert.equal(await promise, 'back')
  })

  it('is gone with its daemon, and comes back with it', async () => {
    await proxy.close()
    await assert.rejects(send('GET', '/v1.41/info'), { code: 'ENOENT' })
    await proxy.open()
    assert.equal(await readText(await send('GET', '/v1.41/info')), 'by Docker')
  })
})
