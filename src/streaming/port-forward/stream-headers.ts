import { goQuote } from '../../util/go-quote.ts'

/** What a stream of a forwarded connection is for. There are two for each: the bytes, and what went wrong. */
export interface ForwardedStream {
  readonly type: 'data' | 'error'
  readonly port: number
  /** What the two of a connection have in common. */
  readonly requestId: string
}

type Headers = ReadonlyMap<string, string>

const largestPort = 65_535

/**
 * Why a stream with these headers is refused; nobody gets to see it but the log
 * (staging/src/k8s.io/cri-streaming/pkg/streaming/portforward/httpstream.go).
 */
export function refusalOf(headers: Headers): string | undefined {
  const port = headers.get('port') ?? ''
  if (port === '') return '"port" header is required'
  const fault = portFault(port)
  if (fault !== undefined) return fault
  const type = headers.get('streamtype') ?? ''
  if (type === '') return '"streamType" header is required'
  return isType(type) ? undefined : `invalid stream type ${goQuote(type)}`
}

/**
 * What a stream that was not refused is for. Clients before Kubernetes 1.1 give no id: their error stream comes right
 * before the data stream.
 */
export function forwardedStream(streamId: number, headers: Headers): ForwardedStream {
  const type = headers.get('streamtype') === 'error' ? 'error' : 'data'
  const given = headers.get('requestid') ?? ''
  const requestId = given === '' ? `${type === 'error' ? streamId : streamId - 2}` : given
  return { type, port: Number(headers.get('port')), requestId }
}

/** Why a text is no port, in the kubelet's words; `whole` is what the client gave, of which it may be a part. */
export function portFault(text: string, whole = text): string | undefined {
  const unparsed = `unable to parse ${goQuote(whole)} as a port`
  if (!/^\d+$/u.test(text)) return `${unparsed}: ${parseError(text, 'invalid syntax')}`
  const port = Number(text)
  if (port > largestPort) return `${unparsed}: ${parseError(text, 'value out of range')}`
  return port === 0 ? `port ${goQuote(whole)} must be > 0` : undefined
}

/** As Go's strconv has it. */
function parseError(text: string, reason: string): string {
  return `strconv.ParseUint: parsing ${goQuote(text)}: ${reason}`
}

function isType(type: string): boolean {
  return type === 'data' || type === 'error'
}
