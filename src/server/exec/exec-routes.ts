import type { Duplex } from 'node:stream'
import type { Engine } from '../../engine/engine.ts'
import type { ContainerSession } from '../../engine/streams/container-session.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import type { Pod } from '../../model/kube.ts'
import { allContainers } from '../../model/pod.ts'
import type { RemoteCommand } from '../../streaming/remote-command.ts'
import type { FrontOptions } from '../../streaming/front-options.ts'
import { goQuote } from '../../util/go-quote.ts'
import { upgradeRequired } from '../answers.ts'
import type { Route, ServerCall } from '../route.ts'
import type { ServedPods } from '../served-pods.ts'
import { wantedStreams } from './exec-request.ts'
import { runInContainer } from './run-in-container.ts'
import { runningContainer } from './running-container.ts'

export interface ExecParts {
  readonly pods: ServedPods
  readonly engine: Pick<Engine, 'list' | 'inspect' | 'openExec' | 'attach'>
  /** A connection on which nothing is said for so long is closed. */
  readonly idleTimeoutMs: number
}

/** A session that may be upgraded to: everything that could be refused beforehand has been looked at. */
interface Offer {
  readonly options: FrontOptions
  readonly command: RemoteCommand
}

/**
 * `/exec`, `/attach` and `/run`, each also with the Pod's UID in its path. Refusals are the kubelet's
 * (pkg/kubelet/server/server.go): 400 without any stream, 404 for a Pod that is not here, 500 for a container that does not
 * run.
 */
export function execRoutes(parts: ExecParts): readonly Route[] {
  return [
    ...withUid('/exec', (pattern) => streamRoute(pattern, (call) => offerExec(parts, call))),
    ...withUid('/attach', (pattern) => streamRoute(pattern, (call) => offerAttach(parts, call))),
    ...withUid('/run', (pattern) => ({
      methods: ['POST'],
      pattern,
      debugging: true,
      serve: async (call, response) => {
        const { id } = await findContainer(parts, call, containerNotFound)
        const command = (call.query.get('cmd') ?? '').split(' ')
        const output = await runInContainer(parts.engine, { id, command }, call.signal)
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': output.length })
        response.end(output)
      },
    })),
  ]
}

function withUid(path: string, route: (pattern: string) => Route): readonly Route[] {
  return [route(`${path}/:namespace/:pod/:container`), route(`${path}/:namespace/:pod/:uid/:container`)]
}

function streamRoute(pattern: string, offer: (call: ServerCall) => Promise<Offer>): Route {
  return {
    methods: ['GET', 'POST'],
    pattern,
    debugging: true,
    serve: async (call) => {
      await offer(call)
      throw upgradeRequired()
    },
    upgrade: async (call: ServerCall, socket: Duplex, head: Buffer) => {
      const { options, command } = await offer(call)
      const { serveRemoteCommand } = await import('../../streaming/serve-remote-command.ts')
      await serveRemoteCommand({ request: call.request, socket, head, signal: call.signal }, options, command)
    },
  }
}

async function offerExec(parts: ExecParts, call: ServerCall): Promise<Offer> {
  const wanted = wantedStreams(call.query)
  const { id } = await findContainer(parts, call, containerNotFound)
  const command = call.query.getAll('command')
  return {
    options: { wanted, idleTimeoutMs: parts.idleTimeoutMs },
    command: {
      open: (signal) => whileRunning(id, parts.engine.openExec(id, { ...wanted, command }, signal)),
      failure: 'error executing command in container',
    },
  }
}

async function offerAttach(parts: ExecParts, call: ServerCall): Promise<Offer> {
  const wanted = wantedStreams(call.query)
  const { id, pod, name } = await findContainer(
    parts,
    call,
    (container, { metadata }) => `container ${container} not found in pod ${metadata.name}_${metadata.namespace}`,
  )
  // Whether there is a terminal was settled when the container was created, whatever the client says.
  const tty = allContainers(pod).find((container) => container.name === name)?.tty === true
  return {
    options: { wanted, idleTimeoutMs: parts.idleTimeoutMs },
    command: {
      open: (signal) => whileRunning(id, parts.engine.attach(id, { ...wanted, tty }, signal)),
      failure: 'error attaching to container',
    },
  }
}

interface FoundContainer {
  readonly id: ContainerId
  readonly pod: Pod
  readonly name: string
}

/** The container that the path names, which runs. Throws `not-found`, with the status that the kubelet gives it. */
async function findContainer(
  { pods, engine }: ExecParts,
  { params, signal }: ServerCall,
  notFound: (container: string, pod: Pod) => string,
): Promise<FoundContainer> {
  const { namespace = '', pod: podName = '', uid, container: name = '' } = params
  const named = pods.find(namespace, podName)
  if (named === undefined) throw new KubeletError('not-found', 'pod does not exist', { status: 404 })
  const pod = pods.find(namespace, podName, uid)
  const id = pod && (await runningContainer(engine, pod, name, signal))
  if (pod === undefined || id === undefined) throw new KubeletError('not-found', notFound(name, named), { status: 500 })
  return { id, pod, name }
}

function containerNotFound(container: string): string {
  return `container not found (${goQuote(container)})`
}

/** In the kubelet's words when the container has ended meanwhile. */
async function whileRunning(id: ContainerId, opening: Promise<ContainerSession>): Promise<ContainerSession> {
  try {
    return await opening
  } catch (error) {
    if (!KubeletError.is(error, 'conflict', 'not-found')) throw error
    throw new KubeletError(error.code, `container not running (${id})`, { cause: error, status: 500 })
  }
}
