import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OomWatcher } from '../../../../src/node/oom/oom-watcher.ts'
import { Feed } from '../../../support/feed.ts'

/** A machine whose kernel kills; what is told of that. */
class Machine {
  readonly events = new Feed<string>('Events of the node')
  readonly debug: string[] = []
  /** How often the log was read. */
  reads = 0
  #kills = 3
  readonly #records: string[] = []
  readonly #ending = new AbortController()
  readonly #looked = new Feed<number>('Looks at the count')
  #run: Promise<void> = Promise.resolve()

  kill(pid: number, atSeconds: number, cause: 'CONSTRAINT_NONE' | 'CONSTRAINT_MEMCG' = 'CONSTRAINT_NONE'): void {
    this.#kills += 1
    const messages = [
      'sh invoked oom-killer: order=0',
      `oom-kill:constraint=${cause},x`,
      `Killed process ${pid} (sh) x`,
    ]
    this.#records.push(...messages.map((message) => `6,1,${atSeconds * 1_000_000},-;${message}\n`))
  }

  watch(): void {
    const watcher = new OomWatcher({
      recorder: {
        recordOfNode: ({ type, reason, message }) => this.events.push(`${type} ${reason} ${message}`),
      },
      log: {
        warn: () => undefined,
        debug: (message, fields) => this.debug.push(`${message}: ${String(fields?.['error'])}`),
      },
      openLog: async () => ({
        read: () => this.#read(),
        [Symbol.asyncDispose]: async () => undefined,
      }),
      readVmstat: async () => {
        this.#looked.push(this.#kills)
        return `oom_kill ${this.#kills}\n`
      },
      intervalMs: 1,
    })
    this.#run = watcher.run(this.#ending.signal)
  }

  /** Waits until the count has been looked at so often. */
  async looked(times: number): Promise<void> {
    await this.#looked.until(`${times} looks`, (looks) => (looks.length >= times ? true : undefined))
  }

  async end(): Promise<void> {
    this.#ending.abort()
    await this.#run
  }

  async *#read(): AsyncGenerator<string> {
    this.reads += 1
    yield* this.#records.splice(0)
  }
}

const message = (pid: number): string => `Warning SystemOOM System OOM encountered, victim process: sh, pid: ${pid}`

describe('A machine that runs out of memory', () => {
  it('has an event on its Node for each process that was killed since', async () => {
    const machine = new Machine()
    machine.kill(1, 10)
    machine.watch()
    await machine.looked(2)
    machine.kill(2, 500)
    await machine.events.first('the second', (event) => event === message(2))
    machine.kill(3, 600)
    await machine.events.first('the third', (event) => event === message(3))
    await machine.end()
    assert.deepEqual(machine.events.items, [message(2), message(3)])
  })

  it('has none for a container that reached its own limit', async () => {
    const machine = new Machine()
    machine.watch()
    await machine.looked(1)
    machine.kill(1, 10, 'CONSTRAINT_MEMCG')
    machine.kill(2, 11)
    await machine.events.first('the second', (event) => event === message(2))
    await machine.end()
    assert.deepEqual(machine.events.items, [message(2)])
  })

  it('has its log read only when something was killed', async () => {
    const machine = new Machine()
    machine.watch()
    await machine.looked(4)
    await machine.end()
    assert.equal(machine.reads, 0)
  })

  it('is not watched where its kernel cannot be asked, which whoever debugs is told', async () => {
    const debug: string[] = []
    const watcher = new OomWatcher({
      recorder: undefined,
      log: { warn: () => undefined, debug: (text, fields) => debug.push(`${text}: ${String(fields?.['error'])}`) },
      openLog: async () => {
        throw new Error('EPERM: operation not permitted')
      },
    })
    await watcher.run(new AbortController().signal)
    assert.deepEqual(debug, [
      'That the machine runs out of memory is not told: its kernel cannot be asked: Error: EPERM: operation not permitted',
    ])
  })
})
