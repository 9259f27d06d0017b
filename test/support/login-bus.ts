import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from './command.ts'
import { endProcess } from './end-process.ts'

const deadlineMs = 30_000
const manager = ['org.freedesktop.login1', '/org/freedesktop/login1', 'org.freedesktop.login1.Manager'] as const

/** What somebody, or a package, has set on this machine of how long a shutdown waits. */
const unset = [
  'for set in /etc/systemd/logind.conf.d /usr/lib/systemd/logind.conf.d; do [ ! -d $set ] || mount -t tmpfs none $set; done',
  '[ ! -e /etc/systemd/logind.conf ] || mount --bind /dev/null /etc/systemd/logind.conf',
].join('; ')

/** Everybody may do everything: nobody else is on this bus. */
const types = ['method_call', 'method_return', 'error', 'signal']
const anything = ['own="*"', 'user="*"', ...types.flatMap((type) => [`send_type="${type}"`, `receive_type="${type}"`])]
const doctype =
  '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">'
const settings = (path: string): string => `${doctype}<busconfig>
  <type>system</type><listen>unix:path=${path}</listen><auth>EXTERNAL</auth>
  <policy context="default">${anything.map((rule) => `<allow ${rule}/>`).join('')}</policy>
</busconfig>`

/**
 * The real systemd-logind on a message bus that nobody else is on, in a /run of its own: on this bus there is no systemd,
 * so no shutdown either.
 */
export class LoginBus implements AsyncDisposable {
  readonly #folder: string
  readonly #processes: ChildProcess[] = []

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async start(): Promise<LoginBus> {
    const bus = new LoginBus(await mkdtemp(join(tmpdir(), 'minikubelet-bus-')))
    const config = join(bus.#folder, 'bus.conf')
    await writeFile(config, settings(join(bus.#folder, 'bus')))
    bus.#spawn('dbus-daemon', `--config-file=${config}`, '--nofork', '--nopidfile')
    const own = `mount -t tmpfs none /run && mkdir /run/systemd; ${unset}; exec /lib/systemd/systemd-logind`
    try {
      await bus.#until(() => run('busctl', `--address=${bus.address}`, 'list'))
      bus.#spawn('unshare', '--mount', '--propagation', 'private', 'sh', '-c', own)
      await bus.#until(() => bus.locks())
      return bus
    } catch (error) {
      await bus[Symbol.asyncDispose]()
      throw error
    }
  }

  /** For `$DBUS_SYSTEM_BUS_ADDRESS`. */
  get address(): string {
    return `unix:path=${join(this.#folder, 'bus')}`
  }

  /** Who holds up a shutdown, in logind's words. */
  locks(): Promise<string> {
    return this.#call('ListInhibitors')
  }

  /** Says that the machine shuts down, or does not after all, as the kubelet's own tests do it. */
  async emit(isBeginning: boolean): Promise<void> {
    const [, path, of] = manager
    await run('busctl', `--address=${this.address}`, 'emit', path, of, 'PrepareForShutdown', 'b', String(isBeginning))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes.toReversed()) await endProcess(child)
    await rm(this.#folder, { recursive: true, force: true })
  }

  #call(method: string, ...args: readonly string[]): Promise<string> {
    return run('busctl', `--address=${this.address}`, 'call', ...manager, method, ...args)
  }

  #spawn(command: string, ...args: readonly string[]): void {
    // The folder may lie below the /run that logind does not see.
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/proc/self/cwd/bus' }
    this.#processes.push(spawn(command, [...args], { stdio: 'ignore', cwd: this.#folder, env }))
  }

  async #until(test: () => Promise<unknown>): Promise<void> {
    for (const until = Date.now() + deadlineMs; ; await delay(50)) {
      try {
        await test()
        return
      } catch (error) {
        if (Date.now() > until) throw error
      }
    }
  }
}
