import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, it, type TestContext } from 'node:test'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

class Agent {
  readonly #process: ChildProcess
  readonly ended: Promise<Ended>

  constructor(t: TestContext, argv: readonly string[]) {
    const process_ = spawn(process.execPath, [main, ...argv], { stdio: ['ignore', 'pipe', 'pipe'], env: {} })
    const { stdout, stderr } = process_
    this.#process = process_
    this.ended = Promise.all([text(stdout), text(stderr), once(process_, 'exit')]).then(([out, err]) => ({
      code: process_.exitCode,
      stdout: out,
      stderr: err,
    }))
    t.after(() => process_.kill('SIGKILL'))
  }

  signal(name: 'SIGTERM' | 'SIGINT'): void {
    this.#process.kill(name)
  }
}

function run(t: TestContext, ...argv: readonly string[]): Promise<Ended> {
  return new Agent(t, argv).ended
}

/** What is on standard error besides the log. */
function messages({ stderr }: Ended): readonly string[] {
  return stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{"level":'))
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'main-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A Docker that takes calls and never answers; `called` resolves at the first one. */
async function silentDocker(t: TestContext): Promise<{ readonly host: string; readonly called: Promise<unknown> }> {
  const path = join(await temporaryFolder(t), 'docker.sock')
  const server = createServer()
  const called = once(server, 'connection')
  server.on('connection', (socket) => t.after(() => socket.destroy()))
  server.listen(path)
  await once(server, 'listening')
  t.after(() => server.close())
  return { host: `unix://${path}`, called }
}

describe('minikubelet', { timeout: 120_000, concurrency: true }, () => {
  it('explains its flags on standard output', async (t) => {
    const { code, stdout, stderr } = await run(t, '--help')
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^minikubelet: a kubelet for Docker.*\n\nUsage: minikubelet /u)
  })

  it('says its version', async (t) => {
    const version = 'minikubelet v1.36.0+minikubelet.0.1.0\n'
    assert.deepEqual(await run(t, '--version'), { code: 0, stdout: version, stderr: '' })
  })

  it('ends with 2 and one line when a flag is wrong', async (t) => {
    const stderr = 'minikubelet: Unknown flag --kubeconfg, did you mean --kubeconfig?\n'
    assert.deepEqual(await run(t, '--kubeconfg=x'), { code: 2, stdout: '', stderr })
  })

  it('ends with 2 and the line when the file of --config is wrong', async (t) => {
    const file = join(await temporaryFolder(t), 'config.yaml')
    await writeFile(file, 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: many\n')
    const { code, stderr } = await run(t, '--pod-manifest-path=/tmp', `--config=${file}`)
    const message = 'config.yaml, line 3: maxPods must be a whole number from 0 to 2147483647, not "many"'
    assert.deepEqual([code, stderr], [2, `minikubelet: ${message}\n`])
  })

  it('ends with 1 and one line when Docker is not there', async (t) => {
    const folder = await temporaryFolder(t)
    const ended = await run(t, `--pod-manifest-path=${folder}`, `--docker-host=unix://${folder}/none.sock`)
    const [message = '', ...others] = messages(ended)
    assert.deepEqual([ended.code, others], [1, []])
    assert.match(message, /^minikubelet: .*none\.sock/u)
  })

  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with 0 on ${name}, whatever it waits for`, async (t) => {
      const { host, called } = await silentDocker(t)
      const agent = new Agent(t, ['--pod-manifest-path=/tmp', `--docker-host=${host}`])
      await called
      agent.signal(name)
      const ended = await agent.ended
      assert.deepEqual([ended.code, messages(ended)], [0, []])
    })
  }
})
