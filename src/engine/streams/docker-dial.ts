import type { Duplex } from 'node:stream'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import { aborted } from '../connection/deadline.ts'
import { dial } from '../connection/dial.ts'
import type { DockerConnection } from '../connection/docker-connection.ts'
import { asObject, booleanAt, numberAt, objectAt, textAt, type JsonObject } from '../docker-json.ts'
import { pauseBinary } from '../pause-binary.ts'
import { dialCommand } from './dial-commands.ts'
import { dialAsChild, networkNamespace } from './dial-child.ts'
import { dialInSession } from './dial-exec.ts'
import { DialStream, type DialProcess } from './dial-stream.ts'
import { openExec } from './docker-sessions.ts'

/** Each is a process on Docker's host while it is open. */
const usualMost = 1000

export interface DockerDialsOptions {
  /** Whether processes of Docker's may be looked for on this host. */
  readonly seesHost: boolean
  /** How many connections may be open at once. Default: 1000. */
  readonly mostConnections?: number
}

/** `PortDialing` on Docker. */
export class DockerDials {
  readonly #connection: DockerConnection
  readonly #seesHost: boolean
  readonly #mostConnections: number
  #architecture: string | undefined
  #open = 0

  constructor(connection: DockerConnection, { seesHost, mostConnections = usualMost }: DockerDialsOptions) {
    this.#connection = connection
    this.#seesHost = seesHost
    this.#mostConnections = mostConnections
  }

  /** `sandbox` is Docker's JSON for it. */
  async dial(id: ContainerId, sandbox: JsonObject, port: number, signal: AbortSignal): Promise<Duplex> {
    const state = objectAt(sandbox, 'State')
    if (!booleanAt(state, 'Running')) throw new KubeletError('conflict', `container not running (${id})`)
    if (this.#open >= this.#mostConnections) {
      throw new KubeletError(
        'throttled',
        `Too many connections to ports of this node's Pods are open (${this.#mostConnections}): close some of them`,
      )
    }
    this.#open += 1
    try {
      const stream = await this.#connect(id, sandbox, port, signal)
      stream.once('close', () => (this.#open -= 1))
      return stream
    } catch (error) {
      this.#open -= 1
      if (!KubeletError.is(error, 'unavailable')) throw error
      const place = `localhost:${port} inside namespace "${id}"`
      throw new KubeletError('unavailable', `failed to connect to ${place}, ${error.message}`, { cause: error })
    }
  }

  async #connect(id: ContainerId, sandbox: JsonObject, port: number, signal: AbortSignal): Promise<Duplex> {
    const pid = this.#seesHost ? numberAt(objectAt(sandbox, 'State'), 'Pid') : 0
    const namespace = await networkNamespace(id, pid)
    try {
      // On Docker's own host: ten times faster than an exec of Docker's.
      if (namespace !== undefined) {
        return await connected(dialAsChild(pauseBinary(process.arch), port, namespace), signal)
      }
    } catch (error) {
      if (!KubeletError.is(error, 'unsupported')) throw error
    } finally {
      await namespace?.close()
    }
    const image = textAt(objectAt(sandbox, 'Config'), 'Image')
    this.#architecture ??= await this.#askArchitecture(signal)
    const command = await dialCommand(this.#connection, { id, image, architecture: this.#architecture }, signal)
    const request = { stdin: true, stdout: true, stderr: true, tty: false, command: [...command, String(port)] }
    return connected(dialInSession(await openExec(this.#connection, id, request, signal)), signal)
  }

  /** Of Docker's host. */
  async #askArchitecture(signal: AbortSignal): Promise<string> {
    const answer = await this.#connection.ask(
      { what: 'Ask Docker about itself' },
      (docker, abortSignal) => dial(docker, { path: '/info' }, abortSignal),
      signal,
    )
    return textAt(asObject(answer, 'info'), 'Architecture')
  }
}

/** The connection once it stands. It ends when `signal` fires. */
async function connected(process: DialProcess, signal: AbortSignal): Promise<DialStream> {
  const stream = new DialStream(process)
  const onAbort = (): void => void stream.destroy(aborted(signal))
  signal.addEventListener('abort', onAbort, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', onAbort))
  if (signal.aborted) onAbort()
  await stream.connected()
  return stream
}
