import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { KubeletError } from '../../model/errors.ts'
import type { Route, ServerCall } from '../route.ts'

/** What the node uses, in the forms that clients ask for. */
export interface StatsTexts {
  /** `/stats/summary`, of CPU and memory alone or of everything: an object for JSON. */
  readonly summary: (onlyCpuAndMemory: boolean) => Promise<object>
  /** `/metrics/resource` and `/metrics/cadvisor`, in pieces. */
  readonly resourceMetrics: () => Promise<Iterable<string>>
  readonly cadvisorMetrics: () => Promise<Iterable<string>>
  /** What kind of text metrics are. */
  readonly metricsType: string
}

/** A form that says more than this is none of ours. */
const mostFormBytes = 64 * 1024

/**
 * The routes of what is measured (pkg/kubelet/server/stats/handler.go and InstallAuthNotRequiredHandlers in server.go).
 * `open` is called when somebody asks for the first time: an agent that nobody asks measures nothing.
 */
export function statsRoutes(open: () => Promise<StatsTexts>): readonly Route[] {
  return [
    {
      methods: ['GET', 'POST'],
      pattern: '/stats/summary',
      debugging: false,
      serve: async (call, response) => {
        const only = await onlyCpuAndMemory(call)
        const body = JSON.stringify(await orInternal(open().then((stats) => stats.summary(only))))
        response.setHeader('content-type', 'application/json')
        response.end(Buffer.from(body))
      },
    },
    metricsRoute('/metrics/resource', open, (stats) => stats.resourceMetrics()),
    metricsRoute('/metrics/cadvisor', open, (stats) => stats.cadvisorMetrics()),
  ]
}

function metricsRoute(
  pattern: string,
  open: () => Promise<StatsTexts>,
  text: (stats: StatsTexts) => Promise<Iterable<string>>,
): Route {
  return {
    methods: ['GET', 'POST', 'PUT'],
    pattern,
    debugging: false,
    serve: async ({ signal }, response) => {
      const stats = await open()
      const pieces = await text(stats)
      response.setHeader('content-type', stats.metricsType)
      // Piece by piece, as the client reads: a text of a hundred containers has megabytes.
      await pipeline(Readable.from(encoded(pieces), { highWaterMark: 1 }), response, { signal })
    },
  }
}

/** Bytes go out at a fraction of what strings cost. */
function* encoded(pieces: Iterable<string>): Generator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece)
}

/** The kubelet takes it from the query or from a form, once, and only by this word. */
async function onlyCpuAndMemory({ request, query, signal }: ServerCall): Promise<boolean> {
  const form = await formOf(request, signal)
  const values = [...form.getAll('only_cpu_and_memory'), ...query.getAll('only_cpu_and_memory')]
  return values.length === 1 && values[0] === 'true'
}

async function formOf(request: IncomingMessage, signal: AbortSignal): Promise<URLSearchParams> {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
  if (request.method !== 'POST' || !isForm) return new URLSearchParams()
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= mostFormBytes) chunks.push(chunk)
  })
  await once(request, 'end', { signal })
  if (bytes > mostFormBytes) throw internal('parse form failed: http: request body too large')
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

async function orInternal(summary: Promise<object>): Promise<object> {
  try {
    return await summary
  } catch (error) {
    throw internal(KubeletError.from(error).message)
  }
}

function internal(message: string): KubeletError {
  return new KubeletError('internal', `Internal Error: ${message}`, { status: 500 })
}
