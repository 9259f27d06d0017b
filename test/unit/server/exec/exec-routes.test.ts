import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FakeCommand } from '../../../fakes/fake-container.ts'
import { aPodUid } from '../../../builders/pod.ts'
import { ExecNode } from '../../../support/exec-node.ts'

const outputs = 'output=1&error=1'

function command(words: readonly string[]): FakeCommand {
  if (words[0] === 'fail') return { kind: 'ends', exitCode: 3, output: 'out\n', errors: 'err\n' }
  return { kind: 'ends', exitCode: 0, output: `${words.join('|')}\n`, errors: 'and this\n' }
}

describe('/exec and /attach', () => {
  it('refuse what asks for no stream, and a Pod or a container that is not there', async () => {
    await using node = await ExecNode.open()
    for (const [path, status, body] of [
      ['/exec/default/web/main?command=id', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
      ['/exec/default/web/main?command=id&output=true', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
      ['/exec/default/web/main?command=id&error=1&tty=1', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
      [`/exec/default/no/main?${outputs}`, 404, 'pod does not exist'],
      [`/exec/other/web/main?${outputs}`, 404, 'pod does not exist'],
      [`/exec/default/web/no?${outputs}`, 500, 'container not found ("no")'],
      [`/exec/default/web/another-uid/main?${outputs}`, 500, 'container not found ("main")'],
      [`/attach/default/web/no?${outputs}`, 500, 'container no not found in pod web_default'],
      [`/attach/default/no/main?${outputs}`, 404, 'pod does not exist'],
    ] as const) {
      assert.deepEqual(await node.ask(path), [status, body], path)
      assert.deepEqual(await node.ask(path, 'POST'), [status, body], path)
      await assert.rejects(node.connect(path), { message: `HTTP ${status}: ${body}` }, path)
    }
  })

  it('refuse what asks for no other protocol, or for one that there is not', async () => {
    await using node = await ExecNode.open()
    for (const path of [`/exec/default/web/main?${outputs}`, `/attach/default/web/${aPodUid}/main?${outputs}`]) {
      assert.deepEqual(await node.ask(path), [500, 'Upgrade request required\n'])
      // Whatever is no WebSocket is SPDY, and says which of its protocols it speaks.
      const headers = { connection: 'Upgrade', upgrade: 'chat' }
      const [status, body] = await node.ask(path, 'POST', headers)
      assert.equal(status, 400)
      assert.match(
        body,
        /^unable to upgrade: header X-Stream-Protocol-Version does not exist in request with \d headers\n$/u,
      )
      const [another, text] = await node.ask(path, 'POST', {
        ...headers,
        'x-stream-protocol-version': 'v4.channel.k8s.io',
      })
      assert.equal(another, 400)
      assert.match(text, /^unable to upgrade: missing upgrade headers in request: /u)
    }
  })

  it('find a container that runs, though the status does not say so yet', async () => {
    await using node = await ExecNode.open({ command, told: 'nothing' })
    using client = await node.connect(`/exec/default/web/main?command=id&${outputs}`, 'v4.channel.k8s.io')
    assert.equal(await client.closed, 1000)
    assert.equal(client.of(1), 'id\n')
    node.docker.stop(node.id)
    await assert.rejects(node.connect(`/exec/default/web/main?command=id&${outputs}`), /HTTP 500: container not found/u)
  })

  it('say on the error channel that the container has ended, when that is found out last', async () => {
    await using node = await ExecNode.open()
    node.docker.stop(node.id)
    for (const [path, failure] of [
      ['exec', 'error executing command in container'],
      ['attach', 'error attaching to container'],
    ] as const) {
      using client = await node.connect(`/${path}/default/web/main?command=id&${outputs}`, 'v4.channel.k8s.io')
      assert.equal(await client.closed, 1000)
      assert.deepEqual(JSON.parse(client.of(3)), {
        status: 'Failure',
        message: `Internal error occurred: ${failure}: container not running (${node.id})`,
        reason: 'InternalError',
        code: 500,
      })
    }
  })
})

describe('/run', () => {
  it('answers with the output of a command, whose words are parted by spaces', async () => {
    await using node = await ExecNode.open({ command })
    assert.deepEqual(await node.ask('/run/default/web/main?cmd=ls%20-l+/', 'POST'), [200, 'ls|-l|/\nand this\n'])
    assert.deepEqual(await node.ask(`/run/default/web/${aPodUid}/main?cmd=id`, 'POST'), [200, 'id\nand this\n'])
  })

  it('answers 500 for a command that fails, with its errors', async () => {
    await using node = await ExecNode.open({ command })
    assert.deepEqual(await node.ask('/run/default/web/main?cmd=fail+now', 'POST'), [
      500,
      "command 'fail now' exited with 3: err\n",
    ])
  })

  it('refuses Pods and containers that are not there, and other methods', async () => {
    await using node = await ExecNode.open({ command })
    assert.deepEqual(await node.ask('/run/default/no/main?cmd=id', 'POST'), [404, 'pod does not exist'])
    assert.deepEqual(await node.ask('/run/default/web/no?cmd=id', 'POST'), [500, 'container not found ("no")'])
    assert.equal((await node.ask('/run/default/web/main?cmd=id'))[0], 405)
  })
})
