import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { DockerConnection } from '../../../../src/engine/connection/docker-connection.ts'
import { openExec } from '../../../../src/engine/streams/docker-sessions.ts'
import { containerId } from '../../../../src/model/ids.ts'
import { dockerFrame } from '../../../support/docker-frames.ts'
import { Loopback } from '../../../support/loopback.ts'

const id = containerId('abc')
const streams = { stdin: false, stdout: true, stderr: true, tty: false }
const refusal = 'OCI runtime exec failed: exec: "/no/such": stat /no/such: no such file or directory'

interface Daemon extends AsyncDisposable {
  readonly connection: DockerConnection
  /** The body of each request that had one. */
  readonly bodies: readonly string[]
}

/** A daemon that makes an exec, answers its start with these bytes, and tells its end at the third look. */
async function daemon(started: string | Buffer, signal: AbortSignal): Promise<Daemon> {
  const bodies: string[] = []
  let looks = 0
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = '' } = request
    if (url.endsWith('/version')) response.end('{"Version":"28.0","ApiVersion":"1.48"}')
    else if (url.endsWith('/json'))
      response.end(JSON.stringify({ Running: ++looks < 3, ExitCode: looks < 3 ? 0 : 127 }))
    else {
      bodies.push(await text(request))
      response.writeHead(201).end('{"Id":"e1"}')
    }
  }
  const server = createServer((request, response) => void answer(request, response))
  server.on('upgrade', (_request, socket) => socket.end(started))
  const loopback = await Loopback.listen(server)
  const host = { kind: 'tcp', hostname: '127.0.0.1', port: loopback.port, certificates: undefined } as const
  const connection = await DockerConnection.open({ host, requestTimeoutMs: 10_000 }, signal)
  return {
    connection,
    bodies,
    [Symbol.asyncDispose]: async () => {
      connection[Symbol.dispose]()
      await loopback[Symbol.asyncDispose]()
    },
  }
}

const upgraded = Buffer.from('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')

function refused(status: string, message: string): string {
  const body = JSON.stringify({ message })
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
}

describe('A session with a command in Docker', () => {
  it('has what comes together with the upgrade, and the exit code that Docker learns of later', async ({ signal }) => {
    await using docker = await daemon(Buffer.concat([upgraded, dockerFrame(1, 'out')]), signal)
    await using session = await openExec(docker.connection, id, { ...streams, command: ['id'] }, signal)
    assert.equal(session.stdout && (await text(session.stdout)), 'out')
    assert.deepEqual(await session.ended(), { exitCode: 127 })
  })

  it('asks for stdout where nothing is asked for: Docker would not tell of the end', async ({ signal }) => {
    await using docker = await daemon(upgraded, signal)
    const nothing = { stdin: true, stdout: false, stderr: false, tty: true, command: ['id'] }
    await using session = await openExec(docker.connection, id, nothing, signal)
    await session.ended()
    const { DetachKeys: keys, ...body } = JSON.parse(docker.bodies[0] ?? '')
    assert.deepEqual(body, { Cmd: ['id'], AttachStdin: true, AttachStdout: true, AttachStderr: false, Tty: true })
    assert.doesNotMatch(keys, /ctrl-p/u)
  })

  it('says on its output what Docker answers that it cannot run', async ({ signal }) => {
    await using docker = await daemon(refused('400 Bad Request', refusal), signal)
    await using session = await openExec(docker.connection, id, { ...streams, command: ['/no/such'] }, signal)
    assert.equal(session.stdout && (await text(session.stdout)), `${refusal}\r\n`)
    assert.equal(session.stderr && (await text(session.stderr)), '')
    assert.deepEqual(await session.ended(), { exitCode: 127 })
  })

  it('is refused where the container has gone, or something between does not hand the connection over', async ({
    signal,
  }) => {
    for (const [answer, code] of [
      [refused('409 Conflict', 'Container abc is not running'), 'conflict'],
      [refused('404 Not Found', 'No such exec instance: e1'), 'not-found'],
      ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'internal'],
    ] as const) {
      await using docker = await daemon(answer, signal)
      await assert.rejects(openExec(docker.connection, id, { ...streams, command: ['id'] }, signal), { code })
    }
  })
})
