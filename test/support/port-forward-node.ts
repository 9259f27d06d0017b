import { once } from 'node:events'
import { request } from 'node:https'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createWebSocketStream, WebSocket } from 'ws'
import { containerId, podUid, type ContainerId } from '../../src/model/ids.ts'
import type { ObservedSandbox } from '../../src/model/observed.ts'
import { openHttpsPort } from '../../src/server/https-port.ts'
import type { OpenPort } from '../../src/server/listen.ts'
import { portForwardRoutes } from '../../src/server/port-forward/port-forward-routes.ts'
import { servedPods } from '../../src/server/served-pods.ts'
import { anObservedSandbox } from '../builders/observed.ts'
import { aPod } from '../builders/pod.ts'
import { sandboxRequest } from '../contract/engine/requests.ts'
import { FakeDocker } from '../fakes/fake-docker.ts'
import { FakeEngine } from '../fakes/fake-engine.ts'
import { ChannelClient } from './channel-client.ts'
import { quietLog } from './quiet-log.ts'
import { selfSigned } from './self-signed.ts'
import { SpdyClient } from './spdy-client.ts'

const nodeName = 'node-1'
const image = 'busybox:1.36'

export interface PortForwardNodeOptions {
  /** Who listens on the Pod's ports. */
  readonly ports?: Readonly<Record<number, (connection: Duplex) => void>>
  /** What is known of the Pod's sandboxes. Default: that its one runs. */
  readonly sandboxes?: (id: ContainerId) => readonly ObservedSandbox[]
}

export interface TunnelClient {
  readonly spdy: SpdyClient
  readonly webSocket: WebSocket
  /** The bytes in it. */
  readonly wire: Duplex
  /** What the handshake has agreed on. */
  readonly protocol: string | undefined
}

/** The routes `/portForward` of a node with one Pod, `default/web`. */
export class PortForwardNode implements AsyncDisposable {
  readonly docker: FakeDocker
  readonly sandbox: ContainerId
  readonly #port: OpenPort

  private constructor(docker: FakeDocker, sandbox: ContainerId, port: OpenPort) {
    this.docker = docker
    this.sandbox = sandbox
    this.#port = port
  }

  static async open(options: PortForwardNodeOptions = {}): Promise<PortForwardNode> {
    const docker = new FakeDocker({ program: () => ({ kind: 'runs', ports: options.ports ?? {} }) })
    docker.addImage(image)
    const id = containerId(docker.create(sandboxRequest({ nodeName, image })).id)
    docker.start(id)
    const sandboxes = options.sandboxes?.(id) ?? [anObservedSandbox({ id })]
    const pod = aPod()
    const pods = servedPods({ pods: () => [pod], status: () => undefined, staticUid: (uid) => uid })
    const port = await openHttpsPort({
      address: '127.0.0.1',
      port: 0,
      flag: 'port',
      tls: { current: () => selfSigned, onChange: () => ({ [Symbol.dispose]: () => {} }) },
      guard: async () => ({ kind: 'allowed' }),
      routes: portForwardRoutes({
        pods,
        engine: new FakeEngine({ docker, nodeName }),
        observed: (uid) => ({
          uid: podUid(uid),
          sandboxes: uid === podUid(pod.metadata.uid) ? sandboxes : [],
          containers: [],
        }),
        idleTimeoutMs: 60_000,
      }),
      log: quietLog,
    })
    return new PortForwardNode(docker, id, port)
  }

  /** A plain request; the answer's status and body. */
  async ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<[number, string]> {
    const response = await this.#response(path, headers)
    return [response.statusCode ?? 0, await text(response)]
  }

  /** A connected client of the protocol with a pair of channels for each port. Throws what it is refused with. */
  channels(path: string, ...protocols: readonly string[]): Promise<ChannelClient> {
    return ChannelClient.connect(this.#url('wss', path), protocols, { rejectUnauthorized: false })
  }

  /** A client of SPDY in a WebSocket. */
  async tunnel(path: string): Promise<TunnelClient> {
    // The library lets nobody ask for a protocol with a slash in its name.
    const asked = { 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io' }
    const options = { headers: asked, rejectUnauthorized: false, perMessageDeflate: false }
    const webSocket = new WebSocket(this.#url('wss', path), options)
    let agreed: string | undefined
    webSocket.once('upgrade', ({ headers }) => {
      agreed = headers['sec-websocket-protocol']
      delete headers['sec-websocket-protocol']
    })
    const wire = createWebSocketStream(webSocket)
    const spdy = new SpdyClient(wire)
    await once(webSocket, 'open')
    return { spdy, webSocket, wire, protocol: agreed }
  }

  /** A client of SPDY. */
  async spdy(path: string): Promise<SpdyClient> {
    const headers = { 'X-Stream-Protocol-Version': 'portforward.k8s.io' }
    const asked = this.#request(path, { ...headers, connection: 'Upgrade', upgrade: 'SPDY/3.1' }, 'POST')
    const [, socket, head] = await once(asked, 'upgrade')
    socket.unshift(head)
    return new SpdyClient(socket)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#port[Symbol.asyncDispose]()
  }

  async #response(path: string, headers: Readonly<Record<string, string>>) {
    const [response] = await once(this.#request(path, headers, 'GET'), 'response')
    return response
  }

  #request(path: string, headers: Readonly<Record<string, string>>, method: string) {
    const { address: host, port } = this.#port
    return request({ host, port, path, method, headers, agent: false, rejectUnauthorized: false }).end()
  }

  #url(scheme: string, path: string): string {
    return `${scheme}://${this.#port.address}:${this.#port.port}${path}`
  }
}
