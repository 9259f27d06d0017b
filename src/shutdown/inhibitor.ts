import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { KubeletError } from '../model/errors.ts'
import { abortable } from '../util/abortable.ts'

/** A shutdown waits as long as it is held. */
export interface InhibitorLock extends AsyncDisposable {
  /** Resolves when nothing holds it any more, whoever has let go of it. */
  readonly gone: Promise<void>
}

const options = [
  '--what=shutdown',
  '--mode=delay',
  '--who=kubelet',
  '--why=Kubelet needs time to handle node shutdown',
] as const
/** Says that the lock is held, then ends when its input does: with the agent, however that ends. */
const holding = 'echo held; exec cat'

/**
 * Has logind delay a shutdown until the result is disposed. The lock is an open file that logind hands over the bus;
 * Node.js can be handed none, so systemd-inhibit holds it. Throws `unsupported` where that is not installed,
 * `unavailable` with its text where it is given no lock.
 */
export async function inhibitShutdown(busAddress: string, signal: AbortSignal): Promise<InhibitorLock> {
  const child = spawn('systemd-inhibit', [...options, 'sh', '-c', holding], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: busAddress },
  })
  // Written to by nobody: that it is gone shows in its end.
  child.stdin.on('error', () => undefined)
  const exited = once(child, 'close').then(
    () => undefined,
    () => undefined,
  )
  const lock: InhibitorLock = {
    gone: exited,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await exited
    },
  }
  try {
    await abortable(held(child), signal, 'Nobody waits for the lock any more')
    return lock
  } catch (error) {
    await lock[Symbol.asyncDispose]()
    throw error
  }
}

async function held(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let errors = ''
  child.stderr?.on('data', (bytes: Buffer) => (errors += bytes.toString()))
  child.stdout?.once('data', () => resolve())
  child.once('error', (error) => {
    const text = `Nothing holds up a shutdown: systemd-inhibit, of the package systemd, cannot be run: ${error.message}`
    reject(new KubeletError('unsupported', text, { cause: error }))
  })
  child.once('close', () => {
    reject(new KubeletError('unavailable', `failed creating systemd inhibitor: ${errors.trim()}`))
  })
  return promise
}
