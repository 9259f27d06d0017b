import type { Agent } from 'node:http'
import type Dockerode from 'dockerode'
import { chooseApiVersion } from './api-version.ts'
import { aborted, withDeadline } from './deadline.ts'
import { dial } from './dial.ts'
import { dockerAgent, securedWith } from './docker-agent.ts'
import { dockerError } from './docker-errors.ts'
import { formatDockerHost, type DockerHost } from './docker-host.ts'
import { GatheringSocket } from './gathering-socket.ts'
import { loadDockerode } from './load-dockerode.ts'
import { plainGet } from './plain-get.ts'

export interface DockerConnectionOptions {
  readonly host: DockerHost
  /** How long Docker may take to answer a call, on top of what the call lasts by its nature (facts 0.1). */
  readonly requestTimeoutMs: number
}

export interface DockerCall {
  /** The call in words, for messages. */
  readonly what: string
  /** How long the call lasts by its nature: 0 by default, infinite for a pull. */
  readonly lastsMs?: number
}

/** dockerode hands `agent` on to docker-modem, which its types leave out. */
type ClientOptions = Dockerode.DockerOptions & { readonly agent: Agent }

/** dockerode and the way to the daemon: API version, connection pool, deadlines, errors. */
export class DockerConnection implements Disposable {
  readonly host: string
  readonly #place: DockerHost
  readonly #options: ClientOptions
  readonly #agent: Agent
  readonly #requestTimeoutMs: number
  #docker: Dockerode
  #apiVersion = ''

  private constructor(options: DockerConnectionOptions, agent: Agent) {
    this.host = formatDockerHost(options.host)
    this.#place = options.host
    this.#agent = agent
    this.#requestTimeoutMs = options.requestTimeoutMs
    this.#options = { agent, ...addressOf(options.host) }
    this.#docker = this.#client(undefined)
  }

  /**
   * Throws `unavailable` when Docker does not answer, `unsupported` when it is too old,
   * `configuration` for bad certificates.
   */
  static async open(options: DockerConnectionOptions, signal: AbortSignal): Promise<DockerConnection> {
    const connection = new DockerConnection(options, await dockerAgent(options.host, signal))
    try {
      await connection.negotiate(signal)
    } catch (error) {
      connection[Symbol.dispose]()
      throw error
    }
    return connection
  }

  /** The API version that is spoken, `1.41`. */
  get apiVersion(): string {
    return this.#apiVersion
  }

  /** Agrees on an API version again: the daemon behind the address may be another one than before. */
  async negotiate(signal: AbortSignal): Promise<void> {
    const unversioned = this.#client(undefined)
    const answer = await this.#call(
      { what: 'Ask Docker for its version' },
      (abortSignal) => dial(unversioned, { path: '/version' }, abortSignal),
      signal,
    )
    const apiVersion = chooseApiVersion(answer)
    if (apiVersion === this.#apiVersion) return
    this.#apiVersion = apiVersion
    this.#docker = this.#client(`v${apiVersion}`)
  }

  /**
   * One call to Docker. `call` gets a signal to hand on as `abortSignal`; whatever it throws comes out as a
   * `KubeletError`. The answer is `unknown`: dockerode's types are what Docker promises, not what it has sent.
   */
  ask(
    options: DockerCall,
    call: (docker: Dockerode, abortSignal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<unknown> {
    return this.#call(options, (abortSignal) => call(this.#docker, abortSignal), signal)
  }

  /** Like `ask`, for the calls whose answer is a stream. The deadline ends with the first byte of it. */
  stream(
    options: DockerCall,
    call: (docker: Dockerode, abortSignal: AbortSignal) => Promise<NodeJS.ReadableStream>,
    signal: AbortSignal,
  ): Promise<NodeJS.ReadableStream> {
    return this.#call(options, (abortSignal) => call(this.#docker, abortSignal), signal)
  }

  /**
   * Like `stream`, for a GET whose answer comes in little pieces and without end: over a connection of its own, see
   * `plainGet`. Reading it throws what Node throws, and `aborted` when `signal` fires; whoever
   * asked reads it, or fires that.
   */
  plainStream(options: DockerCall, path: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    return this.#call(
      options,
      async (abortSignal) => {
        const socket = await GatheringSocket.connect(this.#place, securedWith(this.#agent), abortSignal)
        socket.endOn(abortSignal, () => aborted(abortSignal))
        socket.endOn(signal, () => aborted(signal))
        return plainGet(socket, `/v${this.#apiVersion}${path}`)
      },
      signal,
    )
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }

  async #call<T>(
    { what, lastsMs = 0 }: DockerCall,
    call: (abortSignal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    try {
      return await withDeadline({ what, deadlineMs: lastsMs + this.#requestTimeoutMs }, call, signal)
    } catch (error) {
      throw dockerError(error, this.host)
    }
  }

  #client(version: string | undefined): Dockerode {
    const Docker = loadDockerode()
    return new Docker({ ...this.#options, ...(version === undefined ? {} : { version }) })
  }
}

/** Every option that docker-modem would otherwise take from the environment is given, be it as `undefined`. */
function addressOf(host: DockerHost): Dockerode.DockerOptions {
  const unset = {
    host: undefined,
    port: undefined,
    socketPath: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  }
  if (host.kind === 'unix') return { ...unset, protocol: 'http', socketPath: host.path }
  return {
    ...unset,
    protocol: host.certificates === undefined ? 'http' : 'https',
    host: host.hostname,
    port: host.port,
  }
}
