import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { KubeletError } from '../model/errors.ts'
import { Bell } from '../util/bell.ts'
import { goDuration } from '../util/go-duration.ts'
import { DbusClient } from './dbus/dbus-client.ts'
import type { DbusMessage, DbusValue } from './dbus/message.ts'

const manager = {
  destination: 'org.freedesktop.login1',
  path: '/org/freedesktop/login1',
  interface: 'org.freedesktop.login1.Manager',
} as const
const member = 'PrepareForShutdown'
const rule = `type='signal',interface='${manager.interface}',member='${member}',path='${manager.path}'`

export interface LogindOptions {
  /** `unix:path=…`. */
  readonly busAddress: string
  /** Where logind reads what is to be different from its own settings. */
  readonly settingsFolder: string
}

/**
 * systemd-logind, on the system's message bus: how long a shutdown waits, and when there is one. Dispose it to close the
 * connection.
 */
export class Logind implements Disposable {
  readonly #options: LogindOptions
  readonly #signals: DbusMessage[] = []
  readonly #came = new Bell()
  #client: DbusClient | undefined

  private constructor(options: LogindOptions) {
    this.#options = options
  }

  /** Throws `unavailable` where there is no bus, or no logind on it. */
  static async connect(options: LogindOptions, signal: AbortSignal): Promise<Logind> {
    const logind = new Logind(options)
    const onSignal = (message: DbusMessage): void => {
      if (message.interface !== manager.interface || message.member !== member) return
      logind.#signals.push(message)
      logind.#came.ring()
    }
    logind.#client = await DbusClient.connect(options.busAddress, onSignal, signal)
    try {
      await logind.#client.match(rule, signal)
      await logind.delayMs(signal)
      return logind
    } catch (error) {
      logind[Symbol.dispose]()
      throw error
    }
  }

  /** How long it lets a shutdown be delayed at most (`InhibitDelayMaxSec` in logind.conf). */
  async delayMs(signal: AbortSignal): Promise<number> {
    const delayUs = await this.#property('InhibitDelayMaxUSec', signal)
    if (typeof delayUs !== 'bigint')
      throw new KubeletError('unavailable', 'logind does not say how long a shutdown waits')
    return Number(delayUs / 1000n)
  }

  /** Whether the machine shuts down just now: it may have begun before anybody listened. */
  async isShuttingDown(signal: AbortSignal): Promise<boolean> {
    return (await this.#property('PreparingForShutdown', signal)) === true
  }

  /**
   * Has it let a shutdown be delayed by so many seconds, if it would not: by a file of settings, as the kubelet does
   * it. Throws `unavailable` with the kubelet's text where that does not help.
   */
  async allowSeconds(seconds: number, signal: AbortSignal): Promise<void> {
    if ((await this.delayMs(signal)) >= seconds * 1000) return
    const { settingsFolder } = this.#options
    await mkdir(settingsFolder, { recursive: true, mode: 0o755 })
    const text = `# Kubelet logind override\n[Login]\nInhibitDelayMaxSec=${seconds}\n`
    await writeFile(join(settingsFolder, '99-kubelet.conf'), text, { mode: 0o644 })
    await this.#reload(signal)
    // It reads them by and by.
    let delayMs = 0
    for (const pauseMs of [0, 100, 200, 400, 800]) {
      await delay(pauseMs, undefined, { signal })
      delayMs = await this.delayMs(signal)
      if (delayMs >= seconds * 1000) return
    }
    const wanted = `${goDuration(seconds * 1000)} (ShutdownGracePeriod), current value is ${goDuration(delayMs)}`
    const message = `node shutdown manager was timed out after 5 attempts waiting for logind InhibitDelayMaxSec to update to ${wanted}`
    throw new KubeletError('unavailable', message)
  }

  /**
   * True when the machine begins to shut down, false when it does not after all, until `signal` fires or the bus is gone.
   * Whoever says so is believed, as by the kubelet: who it was cannot be found out once he has left the bus.
   */
  async *shutdowns(signal: AbortSignal): AsyncGenerator<boolean, void, undefined> {
    const bus = { isGone: false }
    const gone = this.#bus.closed.then(() => {
      bus.isGone = true
      this.#came.ring()
    })
    while (!signal.aborted && !bus.isGone) {
      const [isBeginning] = this.#signals.shift()?.body ?? []
      if (typeof isBeginning === 'boolean') yield isBeginning
      else if (this.#signals.length === 0) await this.#came.wait(undefined, signal)
    }
    if (bus.isGone) await gone
  }

  [Symbol.dispose](): void {
    this.#client?.[Symbol.dispose]()
  }

  get #bus(): DbusClient {
    if (this.#client === undefined) throw new KubeletError('unavailable', 'The message bus is not connected')
    return this.#client
  }

  async #property(name: string, signal: AbortSignal): Promise<DbusValue | undefined> {
    const args = [manager.interface, name].map((value) => ({ type: 's', value }) as const)
    const get = { ...manager, interface: 'org.freedesktop.DBus.Properties', member: 'Get', args }
    const [value] = await this.#bus.call(get, signal)
    return value
  }

  /** As its unit's reload does it: there is no method of its own for that. */
  async #reload(signal: AbortSignal): Promise<void> {
    const hangup = 1
    const args = [
      { type: 's', value: 'systemd-logind.service' },
      { type: 's', value: 'all' },
      { type: 'i', value: hangup },
    ] as const
    const systemd = { destination: 'org.freedesktop.systemd1', path: '/org/freedesktop/systemd1' }
    await this.#bus.call(
      { ...systemd, interface: 'org.freedesktop.systemd1.Manager', member: 'KillUnit', args },
      signal,
    )
  }
}
