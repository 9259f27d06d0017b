import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Engine } from '../../src/engine/engine.ts'
import { containerId, type ContainerId } from '../../src/model/ids.ts'
import { labels } from '../../src/model/labels.ts'
import { execRoutes } from '../../src/server/exec/exec-routes.ts'
import { openHttpsPort } from '../../src/server/https-port.ts'
import type { OpenPort } from '../../src/server/listen.ts'
import { servedPods } from '../../src/server/served-pods.ts'
import { aContainer, aContainerStatus, aPod, aPodUid } from '../builders/pod.ts'
import { containerRequest } from '../contract/engine/requests.ts'
import type { FakeCommand, Program } from '../fakes/fake-container.ts'
import { FakeDocker } from '../fakes/fake-docker.ts'
import { FakeEngine } from '../fakes/fake-engine.ts'
import { ChannelClient } from './channel-client.ts'
import { connectSpdy, type SpdyAnswer } from './connect-spdy.ts'
import { quietLog } from './quiet-log.ts'
import { selfSigned } from './self-signed.ts'

const nodeName = 'node-1'
const image = 'busybox:1.36'

export interface ExecNodeOptions {
  /** What a command does that is executed in the Pod's container. */
  readonly command?: (command: readonly string[]) => FakeCommand
  readonly program?: Program
  readonly tty?: boolean
  /** What the Pod's status says of the container. Default: that it runs. */
  readonly told?: 'running' | 'nothing'
  readonly idleTimeoutMs?: number
}

/** The routes `/exec`, `/attach` and `/run` of a node with one Pod, `default/web`, with one container, `main`. */
export class ExecPort implements AsyncDisposable {
  readonly #port: OpenPort

  protected constructor(port: OpenPort) {
    this.#port = port
  }

  /** With a container that runs in this engine. */
  static async on(engine: Engine, id: ContainerId): Promise<ExecPort> {
    return new ExecPort(await openPort(engine, id))
  }

  /** A plain request; the answer's status and body. */
  async ask(path: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Promise<[number, string]> {
    const { address: host, port } = this.#port
    const asked = request({ host, port, path, method, headers, agent: false, rejectUnauthorized: false })
    asked.end()
    const [response] = await once(asked, 'response')
    return [response.statusCode, await text(response)]
  }

  /** A connected client of a command's WebSocket. Throws what the handshake is refused with. */
  connect(path: string, ...protocols: readonly string[]): Promise<ChannelClient> {
    const { address, port } = this.#port
    return ChannelClient.connect(`wss://${address}:${port}${path}`, protocols, { rejectUnauthorized: false })
  }

  /** A connected client of SPDY. Throws what the request is refused with. */
  spdy(path: string, method: 'GET' | 'POST', ...protocols: readonly string[]): Promise<SpdyAnswer> {
    const { address: host, port } = this.#port
    return connectSpdy({ host, port, path, method, rejectUnauthorized: false }, ...protocols)
  }

  /** The bare socket of a command's WebSocket, behind the handshake, for what no client says. */
  async upgrade(path: string): Promise<Duplex> {
    const { address: host, port } = this.#port
    const key = randomBytes(16).toString('base64')
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': key,
    }
    const asked = request({ host, port, path, headers, agent: false, rejectUnauthorized: false })
    asked.end()
    const [, socket] = await once(asked, 'upgrade')
    return socket
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#port[Symbol.asyncDispose]()
  }
}

/** The same in memory. */
export class ExecNode extends ExecPort {
  readonly docker: FakeDocker
  readonly id: ContainerId

  private constructor(docker: FakeDocker, id: ContainerId, port: OpenPort) {
    super(port)
    this.docker = docker
    this.id = id
  }

  static async open(options: ExecNodeOptions = {}): Promise<ExecNode> {
    const { command = () => ({ kind: 'ends', exitCode: 0 }) as const, program = { kind: 'runs' } } = options
    const docker = new FakeDocker({ command, program: () => program })
    docker.addImage(image)
    const engine = new FakeEngine({ docker, nodeName })
    const { id } = docker.create(containerRequest({ nodeName, image }, { labels: { [labels.podUid]: aPodUid } }))
    docker.start(id)
    const port = await openPort(engine, containerId(id), options)
    return new ExecNode(docker, containerId(id), port)
  }
}

function openPort(engine: Engine, id: ContainerId, options: ExecNodeOptions = {}): Promise<OpenPort> {
  const status = { containerStatuses: [aContainerStatus({ containerID: `docker://${id}` })] }
  const pod = aPod({ spec: { containers: [aContainer({ tty: options.tty ?? false })] } })
  const pods = servedPods({
    pods: () => [pod],
    status: () => (options.told === 'nothing' ? undefined : status),
    staticUid: (uid) => uid,
  })
  return openHttpsPort({
    address: '127.0.0.1',
    port: 0,
    flag: 'port',
    tls: { current: () => selfSigned, onChange: () => ({ [Symbol.dispose]: () => {} }) },
    guard: async () => ({ kind: 'allowed' }),
    routes: execRoutes({ pods, engine, idleTimeoutMs: options.idleTimeoutMs ?? 60_000 }),
    log: quietLog,
  })
}
