import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { KubeletError } from '../../model/errors.ts'
import { abortable } from '../../util/abortable.ts'
import {
  decodeMessage,
  encodeCall,
  messageLength,
  type DbusMessage,
  type DbusValue,
  type MethodCall,
} from './message.ts'

/** Where the system's bus is, as every client of D-Bus finds it. */
export const systemBus = 'unix:path=/run/dbus/system_bus_socket'

/** What a bus of ours is ever sent is a few hundred bytes long; more is some mistake. */
const longestMessage = 1024 * 1024

const bus = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' }

/** A connection to a message bus. Dispose it to close it. */
export class DbusClient implements Disposable {
  readonly #socket: Socket
  readonly #answers = new Map<number, (answer: DbusMessage | KubeletError) => void>()
  readonly #onSignal: (signal: DbusMessage) => void
  readonly #closed = Promise.withResolvers<void>()
  #received = Buffer.alloc(0)
  #serial = 0
  /** `undefined` while it is there. */
  #whyGone: string | undefined

  private constructor(socket: Socket, onSignal: (signal: DbusMessage) => void) {
    this.#socket = socket
    this.#onSignal = onSignal
  }

  /** Connects to `address`, `unix:path=…`. Throws `unavailable` where nobody answers there, or not as a bus. */
  static async connect(
    address: string,
    onSignal: (signal: DbusMessage) => void,
    signal: AbortSignal,
  ): Promise<DbusClient> {
    const socket = createConnection(socketPath(address))
    const client = new DbusClient(socket, onSignal)
    try {
      await abortable(client.#open(), signal, 'Nobody waits for the bus any more')
      await client.call({ ...bus, member: 'Hello' }, signal)
      return client
    } catch (error) {
      client[Symbol.dispose]()
      if (KubeletError.is(error, 'aborted')) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new KubeletError('unavailable', `The message bus at ${address} does not answer: ${reason}`, {
        cause: error,
      })
    }
  }

  /** Resolves when the bus has closed the connection, or it was disposed. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  /** What a method gives. Throws `unavailable` with the text of the answer where that is an error, and when the bus goes. */
  async call(call: MethodCall, signal: AbortSignal): Promise<readonly DbusValue[]> {
    if (this.#whyGone !== undefined) throw gone(this.#whyGone)
    this.#serial += 1
    const serial = this.#serial
    const { promise, resolve } = Promise.withResolvers<DbusMessage | KubeletError>()
    this.#answers.set(serial, resolve)
    this.#socket.write(encodeCall(call, serial))
    try {
      const answer = await abortable(promise, signal, `Nobody waits for ${call.member} any more`)
      if (answer instanceof KubeletError) throw answer
      if (answer.kind !== 'error') return answer.body
      const [text = ''] = answer.body
      throw new KubeletError('unavailable', `${call.member}: ${answer.errorName}: ${String(text)}`)
    } finally {
      this.#answers.delete(serial)
    }
  }

  /** Asks for the signals that fit `rule`. */
  async match(rule: string, signal: AbortSignal): Promise<void> {
    await this.call({ ...bus, member: 'AddMatch', args: [{ type: 's', value: rule }] }, signal)
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  async #open(): Promise<void> {
    const socket = this.#socket
    socket.on('error', (error) => this.#end(error.message))
    socket.on('close', () => this.#end('it has closed the connection'))
    await once(socket, 'connect')
    const user = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex')
    socket.write(`\0AUTH EXTERNAL ${user}\r\n`)
    const closed = this.closed.then(() => [this.#whyGone])
    const [answer]: unknown[] = await Promise.race([once(socket, 'data'), closed])
    if (!String(answer).startsWith('OK ')) throw new Error(`it says "${String(answer).trim()}"`)
    socket.write('BEGIN\r\n')
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    for (;;) {
      const length = messageLength(this.#received)
      if (length !== undefined && length > longestMessage) {
        this.#socket.destroy(new Error(`it sends a message of ${length} bytes`))
        return
      }
      if (length === undefined || this.#received.length < length) return
      const message = this.#received.subarray(0, length)
      this.#received = this.#received.subarray(length)
      this.#read(message)
    }
  }

  #read(bytes: Buffer): void {
    try {
      const message = decodeMessage(bytes)
      if (message.kind === 'signal') this.#onSignal(message)
      else this.#answers.get(message.replyTo ?? 0)?.(message)
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : undefined)
    }
  }

  #end(why: string): void {
    this.#whyGone ??= why
    for (const answer of this.#answers.values()) answer(gone(why))
    this.#closed.resolve()
  }
}

function gone(why: string): KubeletError {
  return new KubeletError('unavailable', `The message bus is gone: ${why}`)
}

/** Of several addresses the first that this can use. */
function socketPath(address: string): string {
  for (const part of address.split(';')) {
    const [, kind, path = ''] = /^unix:(?:.*,)?(path|abstract)=([^,]+)/u.exec(part) ?? []
    if (kind !== undefined) return kind === 'abstract' ? `\0${path}` : path
  }
  throw new KubeletError('unavailable', `The message bus at ${address} has no socket on this machine`)
}
