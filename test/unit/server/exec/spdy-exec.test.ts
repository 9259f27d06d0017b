import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FakeCommand } from '../../../fakes/fake-container.ts'
import { copiesInput, tellsSize, type FakeTerminal } from '../../../fakes/fake-session.ts'
import { ExecNode } from '../../../support/exec-node.ts'
import type { SpdyClient } from '../../../support/spdy-client.ts'

const exec = '/exec/default/web/main'
const all = 'input=1&output=1&error=1'
const v4 = 'v4.channel.k8s.io'

function command([name]: readonly string[]): FakeCommand {
  switch (name) {
    case 'cat':
      return { kind: 'talks', talk: copiesInput }
    case 'size':
      return { kind: 'talks', talk: tellsSize }
    default:
      return { kind: 'ends', exitCode: 3, output: 'out', errors: 'err' }
  }
}

function open(client: SpdyClient, ...types: readonly string[]): readonly number[] {
  return types.map((streamType) => client.open({ streamType }))
}

describe('A command over SPDY', () => {
  for (const method of ['GET', 'POST'] as const) {
    it(`is asked for with ${method}, and gives its output, errors and end`, async () => {
      await using node = await ExecNode.open({ command })
      const path = `${exec}?command=fail&output=1&error=1`
      const { client, protocol } = await node.spdy(path, method, 'v5.channel.k8s.io', v4)
      assert.equal(protocol, v4)
      const ids = open(client, 'error', 'stdout', 'stderr')
      await client.until(() => ids.every((id) => client.hasEnded(id)))
      const [error, stdout, stderr] = ids.map((id) => client.received(id).toString())
      assert.deepEqual([stdout, stderr], ['out', 'err'])
      assert.match(error ?? '', /"reason":"ExitCode","message":"3"/u)
      client.end()
    })
  }

  it('reads its input to the end, and gives all of it back', async () => {
    await using node = await ExecNode.open({ command })
    const { client } = await node.spdy(`${exec}?command=cat&${all}`, 'POST', v4)
    const [error = 0, stdin = 0, stdout = 0] = open(client, 'error', 'stdin', 'stdout', 'stderr')
    const bytes = Buffer.alloc(3_000_000, 'abcdefg')
    client.data(stdin, bytes, { fin: true })
    await client.until(() => client.hasEnded(stdout) && client.hasEnded(error))
    assert.ok(client.received(stdout).equals(bytes))
    assert.equal(client.received(error).toString(), '{"status":"Success"}')
    client.end()
  })

  it('with a terminal has the size that the client says', async () => {
    await using node = await ExecNode.open({ command })
    const { client } = await node.spdy(`${exec}?command=size&tty=1&${all}`, 'POST', v4)
    const [, stdin = 0, stdout = 0, resize = 0] = open(client, 'error', 'stdin', 'stdout', 'resize')
    client.data(resize, '{"Width":132,"Height":43}\n')
    client.data(stdin, 'x')
    await client.until(() => client.hasEnded(stdout))
    assert.equal(client.received(stdout).toString(), '{"width":132,"height":43}')
    client.end()
  })

  it('is let go of when its client goes, at whatever moment', async () => {
    let ended = Promise.withResolvers<void>()
    const talk = async ({ stdin }: FakeTerminal): Promise<number> => {
      stdin.once('close', () => ended.resolve())
      return new Promise(() => {})
    }
    await using node = await ExecNode.open({ command: () => ({ kind: 'talks', talk }) })
    for (const leave of ['destroy', 'end'] as const) {
      ended = Promise.withResolvers()
      const { client, socket } = await node.spdy(`${exec}?command=wait&${all}`, 'POST', v4)
      open(client, 'error', 'stdin', 'stdout', 'stderr')
      await client.until(() => client.ofKind('syn-reply').length === 4)
      client.data(3, 'read by nobody')
      socket[leave]()
      await ended.promise
    }
  })

  it('that cannot be told the end of takes nothing else with it', async () => {
    await using node = await ExecNode.open({ command })
    const other = await node.spdy(`${exec}?command=cat&${all}`, 'POST', v4)
    const [, stdin = 0, stdout = 0] = open(other.client, 'error', 'stdin', 'stdout', 'stderr')
    const { client } = await node.spdy(`${exec}?command=cat&${all}`, 'POST', v4)
    open(client, 'error', 'stdin')
    client.raw(Buffer.from('80030001ffffffff', 'hex'))
    await client.over()
    client.end()
    other.client.data(stdin, 'unharmed', { fin: true })
    await other.client.until(() => other.client.hasEnded(stdout))
    assert.equal(other.client.received(stdout).toString(), 'unharmed')
    other.client.end()
  })

  it('is refused in the kubelet\u2019s words', async () => {
    await using node = await ExecNode.open({ command })
    const path = `${exec}?command=cat&${all}`
    await assert.rejects(node.spdy(path, 'POST'), {
      message:
        'HTTP 400: unable to upgrade: header X-Stream-Protocol-Version does not exist in request with 3 headers\n',
    })
    await assert.rejects(node.spdy(path, 'POST', 'v9.channel.k8s.io'), {
      message:
        'HTTP 403: unable to upgrade: unable to negotiate protocol: client supports [v9.channel.k8s.io], server accepts [v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]\n',
    })
    await assert.rejects(node.spdy('/exec/default/nobody/main?output=1', 'POST', v4), {
      message: 'HTTP 404: pod does not exist',
    })
  })
})
