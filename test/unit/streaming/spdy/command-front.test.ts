import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { SessionStreams } from '../../../../src/engine/streams/container-session.ts'
import type { ClientStreams } from '../../../../src/streaming/client-streams.ts'
import { acceptCommandSpdy } from '../../../../src/streaming/spdy/command-front.ts'
import { quiet } from '../../../support/quiet.ts'
import { SpdyClient } from '../../../support/spdy-client.ts'
import { SpdyUpgrade } from '../../../support/spdy-upgrade.ts'

const everything: SessionStreams = { stdin: true, stdout: true, stderr: true, tty: false }
const v4 = 'v4.channel.k8s.io'

interface Asked {
  readonly client: SpdyClient
  readonly front: Promise<ClientStreams>
  /** Opens streams of these types, in this order; gives their ids. */
  readonly open: (...types: readonly string[]) => readonly number[]
}

async function ask(wanted: Partial<SessionStreams>, ...protocols: readonly string[]): Promise<Asked> {
  const asked = SpdyUpgrade.of(...protocols)
  const options = { wanted: { ...everything, ...wanted }, idleTimeoutMs: 3_600_000 }
  const front = acceptCommandSpdy(asked.upgrade, options)
  const client = await asked.client()
  return { client, front, open: (...types) => types.map((streamtype) => client.open({ streamtype })) }
}

/** What the error stream says of an end. */
async function told(protocol: string, end: Parameters<ClientStreams['finish']>[0]): Promise<string> {
  const { client, front, open } = await ask({ stdin: false, stderr: false }, protocol)
  const [error = 0] = open('error', 'stdout')
  const { finish } = await front.then((streams) => ({ finish: streams.finish.bind(streams) }))
  const finished = finish(end)
  await client.until(() => client.hasEnded(error))
  client.end()
  await finished
  return client.received(error).toString()
}

describe('A command over SPDY', () => {
  it('is answered with the protocol that was agreed on', async () => {
    const asked = SpdyUpgrade.of('v5.channel.k8s.io', v4)
    const front = acceptCommandSpdy(asked.upgrade, { wanted: everything, idleTimeoutMs: 3_600_000 })
    assert.deepEqual(await asked.answer(), [
      'HTTP/1.1 101 Switching Protocols',
      'Connection: Upgrade',
      'Upgrade: SPDY/3.1',
      'X-Stream-Protocol-Version: v4.channel.k8s.io',
    ])
    new SpdyClient(asked.wire).end()
    await assert.rejects(front, /the client has gone before it created its streams/)
  })

  it('has the streams that its client opens, in whatever order', async () => {
    const { client, front, open } = await ask({}, v4)
    const [stderr = 0, stdout = 0, , stdin = 0] = open('stderr', 'stdout', 'error', 'stdin')
    const streams = await front
    client.data(stdin, 'in', { fin: true })
    assert.ok(streams.stdin && streams.stdout && streams.stderr)
    assert.equal(await text(streams.stdin), 'in')
    streams.stdout.write('out')
    streams.stderr.write('err')
    await client.until(() => client.received(stderr).length > 0 && client.received(stdout).length > 0)
    assert.equal(client.received(stdout).toString(), 'out')
    assert.equal(client.received(stderr).toString(), 'err')
    assert.equal(streams.resizes, undefined)
  })

  it('waits for just those that were asked for; others are refused', async () => {
    const { client, front, open } = await ask({ stdin: false, stderr: false }, v4)
    const [stdin = 0, nonsense = 0, error = 0, again = 0] = open(
      'stdin',
      'nonsense',
      'error',
      'error',
      'stdout',
      'stderr',
    )
    const streams = await front
    assert.equal(streams.stdin, undefined)
    assert.equal(streams.stderr, undefined)
    await client.until(() => client.ofKind('rst-stream').length === 4)
    assert.ok([stdin, nonsense, again].every((id) => client.hasReset(id)))
    assert.equal(client.hasReset(error), false)
  })

  it('is not held up by what a client sends where nothing should come', async () => {
    const { client, front, open } = await ask({}, v4)
    const [error = 0, stdin = 0, stdout = 0, stderr = 0] = open('error', 'stdin', 'stdout', 'stderr')
    const streams = await front
    for (const id of [error, stdout, stderr]) client.data(id, Buffer.alloc(1024 * 1024))
    client.data(stdin, 'in', { fin: true })
    assert.ok(streams.stdin)
    assert.equal(await text(streams.stdin), 'in')
  })

  it('with a terminal has sizes, and no stderr', async () => {
    const { client, front, open } = await ask({ tty: true }, v4)
    const [, , , resize = 0] = open('error', 'stdin', 'stdout', 'resize')
    const streams = await front
    assert.equal(streams.stderr, undefined)
    client.data(resize, '{"Width":80,"Height":24}\n{"Wid')
    client.data(resize, 'th":120,"Height":50}\n', { fin: true })
    const sizes = []
    for await (const size of streams.resizes ?? []) sizes.push(size)
    assert.deepEqual(sizes, [
      { width: 80, height: 24 },
      { width: 120, height: 50 },
    ])
  })

  it('with a terminal has no sizes before the third protocol', async () => {
    const { front, open } = await ask({ tty: true }, 'v2.channel.k8s.io')
    open('error', 'stdin', 'stdout')
    assert.equal((await front).resizes, undefined)
  })

  it('ends when its client does not open its streams in time', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const { client, front, open } = await ask({}, v4)
    open('error', 'stdin', 'stdout')
    await client.until(() => client.ofKind('syn-reply').length === 3)
    const ended = assert.rejects(front, { message: 'timed out waiting for client to create streams' })
    test.mock.timers.tick(30_000)
    await client.over()
    client.end()
    await ended
  })
})

describe('A client that breaks the protocol before its command has begun', () => {
  it('is not served, and the reason is known', async () => {
    const { client, front, open } = await ask({}, v4)
    open('error')
    client.raw(Buffer.from('8003000100ffffff', 'hex'))
    const refused = assert.rejects(front, { code: 'invalid', message: 'a control frame has 16777215 bytes' })
    await client.over()
    client.end()
    await refused
  })
})

describe('The end of a command over SPDY', () => {
  it('comes after all output, with an end for each stream', async () => {
    const { client, front, open } = await ask({}, v4)
    const ids = open('error', 'stdin', 'stdout', 'stderr')
    const streams = await front
    const bytes = Buffer.alloc(300_000, 'x')
    streams.stdout?.write(bytes)
    const finished = streams.finish({ kind: 'exited', exitCode: 0 })
    await client.until(() => ids.every((id) => client.hasEnded(id)))
    assert.equal(client.received(5).length, bytes.length)
    const ends = client.ofKind('data').filter(({ fin }) => fin)
    assert.deepEqual(new Set(ends.slice(0, 2).map(({ streamId }) => streamId)), new Set([5, 7]))
    assert.equal(client.received(1).toString(), '{"status":"Success"}')
    assert.equal(client.ofKind('goaway').length, 0)
    client.end()
    await finished
  })

  it('closes the connection when the client does not', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const { client, front, open } = await ask({ stdin: false, stderr: false }, v4)
    open('error', 'stdout')
    const finished = (await front).finish({ kind: 'exited', exitCode: 0 })
    await client.until(() => client.hasEnded(1))
    await quiet()
    test.mock.timers.tick(10_000)
    await client.until(() => client.ofKind('goaway').length === 1)
    client.end()
    await finished
  })

  it('is told to the client as its protocol has it', async () => {
    const failed = { kind: 'failed', message: 'error executing command in container: no' } as const
    const exited = { kind: 'exited', exitCode: 7 } as const
    for (const protocol of ['v2.channel.k8s.io', 'v3.channel.k8s.io']) {
      assert.equal(await told(protocol, { kind: 'exited', exitCode: 0 }), '')
      assert.match(await told(protocol, exited), /^command terminated with non-zero exit code: .*7$/u)
      assert.match(await told(protocol, failed), /error executing command in container: no$/u)
    }
    assert.match(await told(v4, exited), /"causes":\[\{"reason":"ExitCode","message":"7"\}\]/u)
    assert.match(await told(v4, failed), /"reason":"InternalError"/u)
  })

  it('is not told with the first protocol, whose error stream is closed when it is there', async () => {
    const { client, front, open } = await ask({ stderr: false }, 'channel.k8s.io')
    const [error = 0, stdin = 0, stdout = 0] = open('error', 'stdin', 'stdout')
    const streams = await front
    await client.until(() => client.hasReset(error) && client.hasEnded(stdin))
    client.data(stdin, 'still read', { fin: true })
    assert.ok(streams.stdin)
    assert.equal(await text(streams.stdin), 'still read')
    const finished = streams.finish({ kind: 'exited', exitCode: 7 })
    await client.until(() => client.hasEnded(stdout))
    client.end()
    await finished
  })

  it('needs nobody who listens', async () => {
    const { client, front, open } = await ask({}, v4)
    open('error', 'stdin', 'stdout', 'stderr')
    const streams = await front
    client.end()
    await streams.finish({ kind: 'exited', exitCode: 0 })
    assert.equal(streams.stdout?.destroyed, true)
  })
})
