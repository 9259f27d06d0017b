import type { Engine } from '../../engine/engine.ts'
import { KubeletError } from '../../model/errors.ts'
import { podUid, type ContainerId, type PodUid } from '../../model/ids.ts'
import { runningSandbox, type ObservedPod } from '../../model/observed.ts'
import { wantsTunnel } from '../../streaming/port-forward/choose-protocol.ts'
import { forwardTo } from '../../streaming/port-forward/forward.ts'
import { forwardedPorts } from '../../streaming/port-forward/forwarded-ports.ts'
import { goQuote } from '../../util/go-quote.ts'
import { upgradeRequired } from '../answers.ts'
import type { Route, ServerCall } from '../route.ts'
import type { ServedPods } from '../served-pods.ts'

export interface PortForwardParts {
  readonly pods: ServedPods
  readonly engine: Pick<Engine, 'dial'>
  /** What is known of a Pod in Docker. */
  readonly observed: (uid: PodUid) => ObservedPod
  /** A connection on which nothing is said for so long is closed. */
  readonly idleTimeoutMs: number
}

/**
 * `/portForward`, also with the Pod's UID in its path. Refusals are the kubelet's (pkg/kubelet/server/server.go): 400 for
 * ports that are none, 404 for a Pod that is not here, 500 for one of which nothing runs.
 */
export function portForwardRoutes(parts: PortForwardParts): readonly Route[] {
  return ['/portForward/:namespace/:pod', '/portForward/:namespace/:pod/:uid'].map((pattern) => ({
    methods: ['GET', 'POST'],
    pattern,
    debugging: true,
    serve: async (call) => {
      offer(parts, call)
      throw upgradeRequired()
    },
    upgrade: async (call, socket, head) => {
      const { ports, sandbox } = offer(parts, call)
      const { servePortForward } = await import('../../streaming/port-forward/serve-port-forward.ts')
      const { request, signal } = call
      await servePortForward({ request, socket, head, signal }, ports, {
        pod: sandbox,
        uid: '',
        forward: forwardTo(parts.engine, sandbox),
        idleTimeoutMs: parts.idleTimeoutMs,
      })
    },
  }))
}

interface Offer {
  /** Those that the query names, for a WebSocket without a tunnel. */
  readonly ports: readonly number[]
  readonly sandbox: ContainerId
}

/** Looks at everything that can be refused beforehand. */
function offer(parts: PortForwardParts, { request, query, params }: ServerCall): Offer {
  const { namespace = '', pod: name = '', uid } = params
  const hasChannels = isWebSocket(request.headers.upgrade) && !wantsTunnel(request.headers['sec-websocket-protocol'])
  const ports = hasChannels ? forwardedPorts(query) : []
  const named = parts.pods.find(namespace, name)
  if (named === undefined) throw new KubeletError('not-found', 'pod does not exist', { status: 404 })
  const pod = parts.pods.find(namespace, name, uid)
  if (pod === undefined) throw new KubeletError('not-found', 'pod not found', { status: 404 })
  const observed = parts.observed(podUid(pod.metadata.uid))
  const [newest] = observed.sandboxes
  const sandbox = runningSandbox(observed) ?? newest
  if (sandbox === undefined) {
    throw new KubeletError('not-found', `pod not found (${goQuote(`${name}_${namespace}`)})`, { status: 500 })
  }
  if (sandbox.state.phase !== 'running') {
    throw new KubeletError('conflict', `container not running (${sandbox.id})`, { status: 500 })
  }
  return { ports, sandbox: sandbox.id }
}

function isWebSocket(upgrade: string | undefined): boolean {
  return upgrade?.toLowerCase() === 'websocket'
}
