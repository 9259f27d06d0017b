/** Commands over SPDY: what every API server sends to a node, and what kubectl speaks unless it knows WebSockets. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { pipe, type PipedResult } from '../support/piped-command.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const { kubectl } = node
const mib = 1024 * 1024

/** kubectl of 1.30 and later speaks SPDY only when it is told so. */
const overSpdy = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }

function exec(input: Buffer | string, ...args: readonly string[]): Promise<PipedResult> {
  return pipe(input, [...kubectl.command, 'exec', ...args], overSpdy)
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('kubectl exec over SPDY', { concurrency: 2 }, () => {
  it('passes output, errors and exit code on', async () => {
    await node.createUntil(podManifest('talks', [staying('main')]), 'ready', isReady)
    const { stdout, stderr, code } = await exec('', 'talks', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7')
    assert.equal(stdout.toString(), 'out\n')
    assert.match(stderr, /^err\n/u)
    assert.equal(code, 7)
  })

  it('passes input on to its end, and back', async () => {
    await node.createUntil(podManifest('echoes', [staying('main')]), 'ready', isReady)
    const bytes = randomBytes(20 * mib)
    const { stdout, code } = await exec(bytes, '-i', 'echoes', '--', 'cat')
    assert.equal(code, 0)
    assert.equal(stdout.length, bytes.length)
    assert.equal(digest(stdout), digest(bytes))
  })
})
