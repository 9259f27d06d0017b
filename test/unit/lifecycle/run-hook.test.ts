import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Engine, ExecResult } from '../../../src/engine/engine.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { containerId, podUid } from '../../../src/model/ids.ts'
import type { LifecycleHandler } from '../../../src/model/kube.ts'
import { runHook, type HookResult } from '../../../src/lifecycle/run-hook.ts'
import { aContainer } from '../../builders/pod.ts'
import { quiet } from '../../support/quiet.ts'

const id = containerId('main-0')
const pod = { uid: podUid('uid'), namespace: 'default', name: 'web' }
const tools = { podIp: undefined, userAgent: 'kube-lifecycle/1.36' }
const { signal } = new AbortController()

/** Docker, of which only commands are asked: each of them comes to this. */
function engineThat(exec: () => Promise<ExecResult>): Pick<Engine, 'exec'> & { readonly commands: readonly string[] } {
  const commands: string[] = []
  return {
    commands,
    exec: async (container, command, options) => {
      commands.push(`${container} ${command.join(' ')} ${JSON.stringify(options)}`)
      return exec()
    },
  }
}

function exited(exitCode: number, output = ''): ReturnType<typeof engineThat> {
  return engineThat(async () => ({ kind: 'exited', exitCode, output }))
}

async function run(handler: LifecycleHandler, engine = exited(0), ending = signal): Promise<HookResult> {
  return await runHook({ handler, container: aContainer(), id, pod }, { engine, ...tools }, ending)
}

const command: LifecycleHandler = { exec: { command: ['sh', '-c', 'exit 3'] } }

describe('a hook that is a command', () => {
  it('is run in the container without a limit, and done when it ends with 0', async () => {
    const engine = exited(0, 'all is well')
    assert.deepEqual(await run(command, engine), { kind: 'done' })
    assert.deepEqual(engine.commands, ['main-0 sh -c exit 3 {}'])
  })

  const whose = 'for Container "main" in Pod "web_default(uid)" failed'
  it('has failed when it ends with anything else', async () => {
    assert.deepEqual(await run(command, exited(3, 'out\n')), {
      kind: 'failed',
      message: `Exec lifecycle hook ([sh -c exit 3]) ${whose} - error: command 'sh -c exit 3' exited with 3: out\n, message: "out\\n"`,
    })
  })

  it('has failed when Docker could not run it', async () => {
    const engine = engineThat(async () => {
      throw new KubeletError('conflict', 'Container main-0 is not running')
    })
    assert.deepEqual(await run(command, engine), {
      kind: 'failed',
      message: `Exec lifecycle hook ([sh -c exit 3]) ${whose} - error: Container main-0 is not running, message: ""`,
    })
  })

  it('throws when it is ended from outside', async () => {
    const ending = new AbortController()
    const engine = engineThat(async () => {
      ending.abort()
      throw new KubeletError('aborted', 'The call to Docker was aborted')
    })
    await assert.rejects(run(command, engine, ending.signal), (error) => KubeletError.is(error, 'aborted'))
  })
})

describe('a hook that sleeps', () => {
  it('is done when its time is over', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    const results: HookResult[] = []
    const hook = run({ sleep: { seconds: 5 } }).then((result) => results.push(result))
    t.mock.timers.tick(4999)
    await Promise.resolve()
    assert.deepEqual(results, [])
    t.mock.timers.tick(1)
    await hook
    assert.deepEqual(results, [{ kind: 'done' }])
  })

  it('is done then, too, when somebody has set the clock back meanwhile', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 3_600_000 })
    const hook = run({ sleep: { seconds: 5 } })
    t.mock.method(Date, 'now', () => 0)
    t.mock.timers.tick(5000)
    assert.deepEqual(await hook, { kind: 'done' })
  })

  it('sleeps for longer than a timer can be set', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const results: HookResult[] = []
    const hook = run({ sleep: { seconds: 3_000_000 } }).then((result) => results.push(result))
    t.mock.timers.tick(2 ** 31 - 1)
    await quiet()
    assert.deepEqual(results, [])
    t.mock.timers.tick(3_000_000_000 - 2 ** 31 + 1)
    await hook
  })

  it('is done at once with no time', async () => {
    for (const seconds of [0, -1]) assert.deepEqual(await run({ sleep: { seconds } }), { kind: 'done' })
  })

  it('throws when it is ended from outside', async () => {
    const ending = new AbortController()
    const hook = run({ sleep: { seconds: 3600 } }, undefined, ending.signal)
    ending.abort()
    await assert.rejects(hook, (error) => KubeletError.is(error, 'aborted'))
  })
})

describe('a hook that asks over HTTP', () => {
  it('cannot while its Pod has no address', async () => {
    assert.deepEqual(await run({ httpGet: { port: 80, path: '/quit' } }), {
      kind: 'failed',
      message:
        'HTTP lifecycle hook (/quit) for Container "main" in Pod "web_default(uid)" failed - error: failed to find networking container',
    })
  })
})

describe('a hook of another kind', () => {
  it('cannot be run', async () => {
    assert.deepEqual(await run({ tcpSocket: { port: 80 } }), {
      kind: 'failed',
      message: 'Cannot run handler: invalid handler: {"tcpSocket":{"port":80}}',
    })
  })
})
