import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair, type Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { SessionStreams } from '../../../../src/engine/streams/container-session.ts'
import { HijackedSession } from '../../../../src/engine/streams/hijacked-session.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { dockerFrame } from '../../../support/docker-frames.ts'

const all: SessionStreams = { stdin: true, stdout: true, stderr: true, tty: false }

function open(streams: SessionStreams = all) {
  const [connection, docker] = duplexPair()
  return { docker, ...openOver(connection, streams) }
}

function openOver(connection: Duplex, streams: SessionStreams = all) {
  const controller = new AbortController()
  const session = new HijackedSession(
    {
      streams,
      connection,
      resize: async () => {},
      exitCode: async () => 7,
      explain: (error) => new KubeletError('unavailable', String(error)),
    },
    controller.signal,
  )
  return { session, connection, abort: () => controller.abort() }
}

/** Writes frames until nobody takes them any more; returns how many bytes that were. */
async function fill(docker: Duplex, stream: number): Promise<number> {
  const frame = dockerFrame(stream, Buffer.alloc(32_000))
  const isFull = (): boolean => docker.writableNeedDrain
  for (let bytes = 0; ; bytes += frame.length) {
    for (let turn = 0; turn < 20 && isFull(); turn++) await setImmediate()
    if (isFull()) return bytes
    docker.write(frame)
  }
}

describe('A session over a connection of Docker', () => {
  it('takes no more than is read, however much there is', async () => {
    const { session, docker, abort } = open()
    assert.ok((await fill(docker, 1)) < 400_000)
    session.stdout?.read()
    assert.ok((await fill(docker, 1)) < 400_000)
    abort()
  })

  it('holds up one output while the other is not read, and goes on when it is', async () => {
    const { session, docker } = open()
    const bytes = await fill(docker, 2)
    docker.end(dockerFrame(1, 'after all'))
    const stdout = session.stdout && text(session.stdout)
    const stderr = session.stderr && text(session.stderr)
    assert.equal(await stdout, 'after all')
    assert.equal((await stderr)?.length, bytes - (bytes / 32_008) * 8)
    assert.deepEqual(await session.ended(), { exitCode: 7 })
  })

  it('drops an output that is destroyed, which holds up nothing', async () => {
    const { session, docker } = open()
    await fill(docker, 2)
    session.stderr?.destroy()
    docker.end(dockerFrame(1, 'after all'))
    assert.equal(session.stdout && (await text(session.stdout)), 'after all')
    assert.deepEqual(await session.ended(), { exitCode: 7 })
  })

  for (const { when, isUnread } of [
    { when: 'while its input is being written', isUnread: false },
    { when: 'without having read its input', isUnread: true },
  ]) {
    it(`has all output of a command that ends ${when}`, async ({ signal }) => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'minikubelet-session-'))
      const server = createServer({ pauseOnConnect: true }).listen(join(folder.path, 'docker.sock'))
      try {
        const connection = connect(join(folder.path, 'docker.sock'))
        const [[docker]] = await Promise.all([
          once(server, 'connection', { signal }),
          once(connection, 'connect', { signal }),
        ])
        const { session } = openOver(connection)
        if (isUnread) session.stdin?.write('input')
        // Nothing of this is read before the session learns that the connection is gone.
        docker.write(dockerFrame(1, 'output'))
        docker.destroy()
        if (!isUnread) session.stdin?.write('input')
        assert.equal(session.stdout && (await text(session.stdout)), 'output')
        assert.deepEqual(await session.ended(), { exitCode: 7 })
      } finally {
        server.close()
      }
    })
  }

  it('half-closes the connection at the end of its input', async () => {
    const { session, docker } = open()
    session.stdin?.end('input')
    assert.equal(await text(docker), 'input')
    docker.end(dockerFrame(1, 'output'))
    assert.equal(session.stdout && (await text(session.stdout)), 'output')
  })

  it('waits with its input while Docker takes none', async () => {
    const { session, docker } = open()
    let taken = 0
    while (session.stdin?.write(Buffer.alloc(10_000)) === true) taken += 10_000
    assert.ok(taken < 400_000)
    docker.resume()
    const { promise, resolve } = Promise.withResolvers<void>()
    session.stdin?.once('drain', resolve)
    await promise
  })

  it('leaves no connection open at its end, though input is left that nobody reads', async () => {
    const { session, docker, connection } = open()
    for (let turn = 0; turn < 20; turn++) session.stdin?.write(Buffer.alloc(10_000))
    docker.end()
    session.stdout?.resume()
    session.stderr?.resume()
    await session.ended()
    assert.equal(connection.destroyed, true)
  })

  it('is unavailable, for its readers too, when the connection ends in the middle of a frame or breaks', async () => {
    for (const breakUp of [
      (docker: Duplex) => docker.end(dockerFrame(1, 'cut').subarray(0, 9)),
      (_docker: Duplex, connection: Duplex) => connection.destroy(new Error('ECONNRESET')),
    ]) {
      const { session, docker, connection } = open()
      const reading = session.stdout && text(session.stdout)
      breakUp(docker, connection)
      await assert.rejects(session.ended(), { code: 'unavailable' })
      await assert.rejects(Promise.resolve(reading), { code: 'unavailable' })
    }
  })

  it('has one raw output in a terminal', async () => {
    const { session, docker } = open({ ...all, tty: true })
    docker.end(dockerFrame(2, 'raw'))
    assert.equal(session.stderr, undefined)
    assert.equal(session.stdout && (await text(session.stdout)), dockerFrame(2, 'raw').toString())
  })
})
