import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { openHttpPort } from '../../../../src/server/http-port.ts'
import { serveSystemLog } from '../../../../src/server/info/system-logs.ts'
import { quietLog } from '../../../support/quiet-log.ts'

describe('the files of the log folder', () => {
  it('are listed, with a slash behind folders', async (test) => {
    const node = await nodeWithLogs(test)
    const listed = ['docker.log', 'empty', 'inside', 'moved', 'outside', 'pods/', 'syslog']
    const links = listed.map((name) => `<a href="${name}">${name}</a>`)
    const { status, body, headers } = await node.get('/logs/')
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8'])
    assert.deepEqual(body.split('\n').slice(3, -2), links)
    assert.match((await node.get('/logs/pods/')).body, /<a href="0\.log">0\.log<\/a>/u)
  })

  it('are sent as they are', async (test) => {
    const node = await nodeWithLogs(test)
    const { status, body, headers } = await node.get('/logs/syslog')
    assert.deepEqual([status, body], [200, 'one\ntwo\n'])
    assert.partialDeepStrictEqual(headers, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '8',
      'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      'accept-ranges': 'bytes',
    })
    assert.equal((await node.get('/logs/pods/0.log')).body, 'of a pod')
    assert.deepEqual((await node.get('/logs/empty')).body, '')
  })

  it('are sent in part to who wants a part, and not at all to who has them', async (test) => {
    const node = await nodeWithLogs(test)
    const part = await node.get('/logs/syslog', { range: 'bytes=4-6' })
    assert.deepEqual([part.status, part.body, part.headers['content-range']], [206, 'two', 'bytes 4-6/8'])
    const beyond = await node.get('/logs/syslog', { range: 'bytes=8-' })
    assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */8'])
    const known = await node.get('/logs/syslog', { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' })
    assert.deepEqual([known.status, known.body], [304, ''])
  })

  it('have one place each: folders with a slash at the end, files without', async (test) => {
    const node = await nodeWithLogs(test)
    const places = ['/logs', '/logs/pods', '/logs/syslog/'].map(async (path) => {
      const { status, headers } = await node.get(path)
      return [status, headers['location']]
    })
    assert.deepEqual(await Promise.all(places), [
      [301, 'logs/'],
      [301, 'pods/'],
      [301, '../syslog'],
    ])
  })

  it('are those below it, by links too, and of others those to which its links may lead', async (test) => {
    const node = await nodeWithLogs(test)
    assert.equal((await node.get('/logs/inside')).body, 'one\ntwo\n')
    assert.equal((await node.get('/logs/moved/0.log')).body, 'of a pod')
    assert.equal((await node.get('/logs/docker.log')).body, 'of a container')
  })

  it('are no others, by whatever way', async (test) => {
    const node = await nodeWithLogs(test)
    const forbidden = ['/logs/outside', '/logs/pods/out/secret', '/logs/pods/up']
    for (const path of forbidden) {
      const { status, body } = await node.get(path)
      assert.deepEqual([status, body], [403, '403 Forbidden\n'], path)
    }
    const missing = [
      '/logs/none',
      '/logs/syslog/none',
      '/logs/..%2fsecret',
      '/logs/%2e%2e%2fsecret',
      '/logs/pods%2f..%2f..%2fsecret',
      '/logs/a%00b',
      `/logs/${'a'.repeat(300)}`,
    ]
    for (const path of missing) {
      const { status, body } = await node.get(path)
      assert.deepEqual([status, body], [404, '404 page not found\n'], path)
    }
  })

  it('are cut off with the connection when they become shorter while they are sent', async (test) => {
    const node = await nodeWithLogs(test)
    const path = join(node.folder, 'log', 'empty')
    await truncate(path, 256 * 1024 * 1024)
    const response = await node.ask('/logs/empty', { connection: 'keep-alive' })
    await once(response, 'readable')
    await truncate(path, 0)
    response.resume()
    await assert.rejects(once(response, 'end'), { code: 'ECONNRESET' })
  })

  it('are files: nothing else is opened', async (test) => {
    const node = await nodeWithLogs(test)
    await using server = createServer()
    server.listen(join(node.folder, 'log', 'socket'))
    await once(server, 'listening')
    assert.equal((await node.get('/logs/socket')).status, 403)
  })
})

/** A node whose log folder has files, folders and links; `secret` lies beside it. */
async function nodeWithLogs(test: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'system-logs-'))
  const log = join(folder, 'log')
  for (const made of ['log/pods', 'docker/containers', 'logs-of-others'])
    await mkdir(join(folder, made), { recursive: true })
  const files = {
    'log/syslog': 'one\ntwo\n',
    'log/empty': '',
    'log/pods/0.log': 'of a pod',
    'docker/containers/json.log': 'of a container',
    secret: 'the secret',
    'logs-of-others/secret': 'another',
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  await utimes(join(log, 'syslog'), 1_767_225_600, 1_767_225_600)
  const links = {
    inside: 'syslog',
    moved: 'pods',
    outside: '../secret',
    'docker.log': join(folder, 'docker/containers/json.log'),
    'pods/out': join(folder, 'logs-of-others'),
    'pods/up': '../..',
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, join(log, name))
  // Docker's folder is often a link itself.
  await symlink('docker', join(folder, 'docker-root'))
  const linked = async (): Promise<readonly string[]> => [join(folder, 'docker-root/containers')]
  const port = await openHttpPort({
    address: '127.0.0.1',
    port: 0,
    flag: 'port',
    routes: [
      {
        methods: ['GET'],
        pattern: '/logs/*',
        debugging: true,
        serve: (call, response) => serveSystemLog(call, response, { folder: log, linked }),
      },
    ],
    log: quietLog,
  })
  test.after(async () => {
    await port[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> => {
    const sent = request({ host: '127.0.0.1', port: port.port, path, headers, agent: false }).end()
    const [response] = await once(sent, 'response')
    return response
  }
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await ask(path, headers)
    return { status: response.statusCode, headers: response.headers, body: await text(response) }
  }
  return { folder, ask, get }
}
