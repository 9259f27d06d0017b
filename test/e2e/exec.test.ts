import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { proxiedNode } from '../support/node-address.ts'
import { pipe, type PipedResult } from '../support/piped-command.ts'
import { Terminal } from '../support/terminal.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying } from '../support/test-pod.ts'

const node = await TestNode.start(...(await proxiedNode()))
after(() => node[Symbol.asyncDispose]())
const { kubectl } = node
before(() => node.createUntil(podManifest('main', [staying('first'), staying('second')]), 'ready', isReady))

function run(input: Buffer | string, ...args: readonly string[]): Promise<PipedResult> {
  return pipe(input, [...kubectl.command, ...args])
}

describe('kubectl exec', { concurrency: 4, timeout: 120_000 }, () => {
  it('has output and errors apart, and the exit code of the command', async () => {
    const script = 'echo out; echo err >&2; exit 42'
    const { stdout, stderr, code } = await run('', 'exec', 'main', '-c', 'second', '--', 'sh', '-c', script)
    assert.equal(stdout.toString(), 'out\n')
    assert.match(stderr, /^err\n(?:error: )?command terminated with exit code 42\n$/mu)
    assert.equal(code, 42)
    assert.equal((await run('', 'exec', 'main', '-c', 'first', '--', 'true')).code, 0)
  })

  it('ends with its command, though there is more input', async () => {
    const { stdout, code } = await run(
      randomBytes(8_000_000),
      'exec',
      '-i',
      'main',
      '-c',
      'first',
      '--',
      'head',
      '-c',
      '3',
    )
    assert.deepEqual([stdout.length, code], [3, 0])
  })

  it('gives the end of the input to the command', async () => {
    const { stdout } = await run('one\ntwo\n', 'exec', '-i', 'main', '-c', 'first', '--', 'wc', '-l')
    assert.equal(stdout.toString().trim(), '2')
  })

  it('is a terminal with -t, of the size of its own, in which every key is seen at once', async () => {
    await using terminal = new Terminal(...kubectl.command, 'exec', '-it', 'main', '-c', 'first', '--', 'sh')
    terminal.type('until stty size | grep -q "30 100"; do sleep 0.05; done; echo fi"tt"ing\r')
    await terminal.shows(/fitting\r\n/u)
    // ctrl-p brings the last line back, without another key; Docker's own clients would wait for one.
    terminal.type("echo Do'cke'r; tty\r")
    await terminal.shows(/Docker\r\n\/dev\/pts\/\d+\r\n/u)
    terminal.type('\u0010')
    await terminal.shows(/pts[^]*Do'cke'r; tty(?!\r)/u)
    terminal.type('\u0003exit 7\r')
    assert.equal(await terminal.ended(), 7)
  })

  it('carries 200 MiB there and back, unchanged', async () => {
    const [there, back] = [join(node.folder, '200.bin'), join(node.folder, '200.back')]
    const exec = [...kubectl.command, 'exec', '-i', 'main', '-c', 'second', '--', 'cat'].join(' ')
    const { code, stderr } = await pipe('', [
      'sh',
      '-ec',
      `head -c 200M /dev/urandom > ${there}; ${exec} < ${there} > ${back}; cmp ${there} ${back}`,
    ])
    assert.equal(code, 0, stderr)
  })

  it("has an elder sister, /run, that answers with all output, through the node's proxy", async () => {
    const path = `/api/v1/nodes/${node.name}/proxy/run/${kubectl.namespace}/main/first`
    assert.equal(await kubectl.feed('create', '', '--raw', `${path}?cmd=echo%20run%20here`), 'run here')
    await assert.rejects(
      kubectl.feed('create', '', '--raw', `${path}?cmd=false`),
      /command 'false' exited with 1|InternalError/u,
    )
  })

  it("says in the runtime's words what cannot be run, and has its exit code", async () => {
    const { stdout, stderr, code } = await run('', 'exec', 'main', '-c', 'first', '--', '/no/such/command')
    assert.match(
      `${stdout.toString()}${stderr}`,
      /exec: "\/no\/such\/command": stat \/no\/such\/command: no such file/u,
    )
    assert.ok([126, 127].includes(code ?? 0), `exit code ${code}`)
  })

  it('says what is wrong with a container that is not there, or is over', async () => {
    await node.createUntil(
      podManifest('over', [shell('main', 'true')], { restartPolicy: 'Never' }),
      'over',
      hasPhase('Succeeded'),
    )
    assert.match(
      (await run('', 'exec', 'main', '-c', 'no', '--', 'id')).stderr,
      /container (?:"?no"? )?(?:is )?not (?:valid|found)/u,
    )
    assert.match(
      (await run('', 'exec', 'over', '--', 'id')).stderr,
      /cannot exec (?:into|in) a container in a completed pod/u,
    )
    const failing = podManifest('failing', [staying('up'), shell('down', 'exit 1')], { restartPolicy: 'Never' })
    await node.createUntil(
      failing,
      'half over',
      ({ status }) => status?.containerStatuses?.some(({ state }) => state?.terminated?.exitCode === 1) === true,
    )
    assert.match((await run('', 'exec', 'failing', '-c', 'down', '--', 'id')).stderr, /container not found \("down"\)/u)
  })
})

describe('kubectl cp', { concurrency: 2, timeout: 120_000 }, () => {
  it('takes files and folders both ways, byte for byte', async () => {
    const [there, back] = [join(node.folder, 'there'), join(node.folder, 'back')]
    await mkdir(join(there, 'deep'), { recursive: true })
    const files = {
      'one.bin': randomBytes(3_000_000),
      'deep/two.bin': randomBytes(100_001),
      'deep/none': Buffer.alloc(0),
    }
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(there, name), bytes)
    await kubectl.run('cp', there, 'main:/tmp/there', '-c', 'first')
    await kubectl.run('cp', 'main:/tmp/there', back, '-c', 'first')
    for (const [name, bytes] of Object.entries(files)) {
      assert.ok(bytes.equals(await readFile(join(back, name))), name)
    }
  })
})
