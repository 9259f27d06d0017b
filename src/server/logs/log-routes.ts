import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { OutputPart } from '../../engine/streams/frame-reader.ts'
import type { ContainerLogs } from '../../engine/streams/logs.ts'
import { KubeletError } from '../../model/errors.ts'
import { containerId } from '../../model/ids.ts'
import { plainAnswer, sendAnswer } from '../answers.ts'
import type { Route, ServerCall } from '../route.ts'
import type { ServedPods } from '../served-pods.ts'
import { logInstance, requireContainer } from './log-instance.ts'
import { readLogQuery, type LogQuery } from './log-query.ts'

export interface LogParts {
  readonly engine: ContainerLogs
  readonly pods: Pick<ServedPods, 'find'>
}

/** `/containerLogs`: what containers have written, and what they write. */
export function logRoutes(parts: LogParts): readonly Route[] {
  return [
    {
      methods: ['GET'],
      pattern: '/containerLogs/:namespace/:pod/:container',
      debugging: true,
      serve: (call, response) => serveLog(parts, call, response),
    },
  ]
}

interface OpenLog {
  readonly parts: AsyncIterable<OutputPart>
  readonly query: LogQuery
}

async function serveLog(parts: LogParts, call: ServerCall, response: ServerResponse): Promise<void> {
  let log: OpenLog
  try {
    log = await openLog(parts, call)
  } catch (error) {
    const { status = 400, message } = KubeletError.from(error)
    // Unlike other answers of the kubelet these end without the end of a line, and kubectl shows them as they are.
    sendAnswer(response, plainAnswer(status, message))
    return
  }
  response.writeHead(200, { 'content-type': 'text/plain' })
  // A log that is followed may have nothing to say for long.
  response.flushHeaders()
  try {
    await send(log, response, call.signal)
  } catch (error) {
    if (call.signal.aborted) throw error
    // The kubelet ends a log that breaks off with the reason.
    response.write(errorText(error))
  }
  response.end()
}

async function openLog({ engine, pods }: LogParts, { params, query: search, signal }: ServerCall): Promise<OpenLog> {
  const { namespace = '', pod: name = '', container = '' } = params
  const query = readLogQuery(search, Date.now())
  const pod = pods.find(namespace, name)
  if (pod === undefined) throw new KubeletError('not-found', `pod "${name}" does not exist`, { status: 404 })
  requireContainer(pod, container)
  if (query.stream !== undefined && query.stream !== 'All') throw oneStream(query.stream)
  const instance = logInstance(pod, container, query.previous)
  const { follow, timestamps, tailLines, since } = query
  const options = {
    follow,
    timestamps,
    ...(tailLines !== undefined && { tailLines }),
    ...(since !== undefined && { since }),
  }
  try {
    const id = containerId(instance.slice(instance.indexOf('://') + '://'.length))
    return { parts: await engine.logs(id, options, signal), query }
  } catch (error) {
    if (!KubeletError.is(error, 'not-found', 'unavailable')) {
      throw new KubeletError('invalid', errorText(error), { cause: error, status: 400 })
    }
    const text = `unable to retrieve container logs for ${instance}`
    throw new KubeletError('invalid', text, { cause: error, status: 400 })
  }
}

/** In the words of a kubelet that does not have the gate open, as none has by default. */
function oneStream(stream: string): KubeletError {
  const advice = 'Please enable PodLogsQuerySplitStreams feature gate in kubelet'
  const text = `unable to return the given log stream: "${stream}". ${advice}`
  return new KubeletError('unsupported', text, { status: 400 })
}

/**
 * No faster than the client reads, and no more than it wants. Resolves when the last of it is on its way: an API server that
 * hands a log on over a WebSocket loses what comes together with the end (wsstream's reader drops bytes that Go's `Read`
 * returns with an EOF).
 */
async function send({ parts, query }: OpenLog, response: ServerResponse, signal: AbortSignal): Promise<void> {
  let left = query.limitBytes ?? Number.POSITIVE_INFINITY
  let sent: Promise<void> | undefined
  for await (const { payload } of parts) {
    const bytes = payload.length > left ? payload.subarray(0, left) : payload
    left -= bytes.length
    const { promise, resolve } = Promise.withResolvers<void>()
    sent = promise
    if (!response.write(bytes, () => resolve())) await once(response, 'drain', { signal })
    if (left === 0) break
  }
  await sent
}

/** What Docker answered as its client words it; any other error as it is. */
function errorText(thrown: unknown): string {
  const { message, status } = KubeletError.from(thrown)
  return status === undefined ? message : `Error response from daemon: ${message}`
}
