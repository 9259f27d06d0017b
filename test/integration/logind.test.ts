import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { inhibitShutdown } from '../../src/shutdown/inhibitor.ts'
import { Logind } from '../../src/shutdown/logind.ts'
import { LoginBus } from '../support/login-bus.ts'
import { temporaryFolder } from '../unit/volume/temporary-folder.ts'

const bus = await LoginBus.start()
after(() => bus[Symbol.asyncDispose]())

const lock = '"shutdown" "kubelet" "Kubelet needs time to handle node shutdown" "delay"'

describe('systemd-logind', { timeout: 60_000 }, () => {
  it('is held up as long as the lock is', async (t) => {
    assert.ok(!(await bus.locks()).includes(lock))
    {
      await using _ = await inhibitShutdown(bus.address, t.signal)
      assert.ok((await bus.locks()).includes(lock))
    }
    await gone(() => bus.locks())
  })

  it('says how long it would wait, and when there is a shutdown and when there is none after all', async (t) => {
    using logind = await connect(await temporaryFolder(t), t.signal)
    assert.equal(await logind.delayMs(t.signal), 5000)
    await logind.allowSeconds(5, t.signal)
    assert.equal(await logind.isShuttingDown(t.signal), false)
    const told = logind.shutdowns(t.signal)
    await bus.emit(true)
    await bus.emit(false)
    assert.deepEqual(await told.next(), { value: true, done: false })
    assert.deepEqual(await told.next(), { value: false, done: false })
  })

  it('is told to wait longer in a file, and said not to do it where there is no systemd to have it read that', async (t) => {
    using logind = await connect(await temporaryFolder(t), t.signal)
    await assert.rejects(logind.allowSeconds(30, t.signal), /^KubeletError: KillUnit: .*ServiceUnknown/u)
  })

  it('is not there where there is no bus', async (t) => {
    const options = { busAddress: 'unix:path=/nowhere/bus', settingsFolder: '/nowhere' }
    await assert.rejects(Logind.connect(options, t.signal), {
      code: 'unavailable',
      message: /^The message bus at unix:path=\/nowhere\/bus does not answer: connect ENOENT/u,
    })
    await assert.rejects(inhibitShutdown(options.busAddress, t.signal), {
      code: 'unavailable',
      message: /^failed creating systemd inhibitor: Failed to connect to bus/u,
    })
  })
})

function connect(settingsFolder: string, signal: AbortSignal): Promise<Logind> {
  return Logind.connect({ busAddress: bus.address, settingsFolder }, signal)
}

/** logind sees that a lock is let go of by and by. */
async function gone(locks: () => Promise<string>): Promise<void> {
  while ((await locks()).includes(lock)) await new Promise(setImmediate)
}
