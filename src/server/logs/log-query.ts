import type { LogTime } from '../../engine/streams/logs.ts'
import { KubeletError } from '../../model/errors.ts'

/** What of a container's log is asked for. */
export interface LogQuery {
  readonly follow: boolean
  readonly previous: boolean
  readonly timestamps: boolean
  readonly tailLines: number | undefined
  readonly since: LogTime | undefined
  readonly limitBytes: number | undefined
  /** Which of the outputs, as it was asked for; `undefined` for both. */
  readonly stream: string | undefined
}

const streams: ReadonlySet<string> = new Set(['All', 'Stdout', 'Stderr'])

/**
 * Reads the query of `/containerLogs` as Go does the API's PodLogOptions, the older `tail` too (getContainerLogs in
 * pkg/kubelet/server/server.go, ValidatePodLogOptions in pkg/apis/core/v1/validation). Throws with the status and the text
 * of the kubelet: 400 for what is no number or no time, 422 for what makes no sense.
 */
export function readLogQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const tailLines = integer(tailText(query))
  const limitBytes = integer(query.get('limitBytes'))
  const sinceSeconds = integer(query.get('sinceSeconds'))
  const sinceTime = time(query.get('sinceTime'))
  const stream = query.get('stream') ?? undefined
  const isValid =
    (tailLines ?? 0n) >= 0n &&
    (limitBytes ?? 1n) >= 1n &&
    (sinceSeconds ?? 1n) >= 1n &&
    (sinceSeconds === undefined || sinceTime === undefined) &&
    (stream === undefined || streams.has(stream)) &&
    (stream === undefined || stream === 'All' || tailLines === undefined)
  if (!isValid) throw new KubeletError('invalid', '{"message": "Invalid request."}', { status: 422 })
  return {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    tailLines: safe(tailLines),
    since: sinceSeconds === undefined ? sinceTime?.value : secondsBefore(nowMs, Number(sinceSeconds)),
    limitBytes: safe(limitBytes),
    stream,
  }
}

/** The older name goes first, and has a word for everything. */
function tailText(query: URLSearchParams): string | null {
  const tail = query.get('tail') ?? ''
  if (tail === '') return query.get('tailLines')
  return tail === 'all' ? null : tail
}

/** Go's for a query: whatever is not false is true, be it empty. */
function isTrue(text: string | null): boolean {
  return text !== null && text !== '0' && text.toLowerCase() !== 'false'
}

const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n }

function integer(text: string | null): bigint | undefined {
  if (text === null) return undefined
  if (!/^[+-]?\d+$/u.test(text)) throw undecodable()
  const value = BigInt(text.replace('+', ''))
  if (value < int64.least || value > int64.most) throw undecodable()
  return value
}

/** More lines or bytes than that no log has. */
function safe(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(Number(value), Number.MAX_SAFE_INTEGER)
}

const timePattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/u

/** A time was given; an empty one is Go's beginning of all time. */
function time(text: string | null): { readonly value: LogTime | undefined } | undefined {
  if (text === null) return undefined
  if (text === '' || text === 'null') return { value: undefined }
  const [, date = '', fraction = '', zone = ''] = timePattern.exec(text) ?? []
  const local = Date.parse(`${date}Z`)
  const milliseconds = Date.parse(`${date}${zone}`)
  // A date that no month has is taken for one of the next.
  const isDate = !Number.isNaN(milliseconds) && new Date(local).toISOString().startsWith(date)
  if (!isDate) throw undecodable()
  return {
    value: notBeforeDocker({ seconds: milliseconds / 1000, nanoseconds: Number(fraction.padEnd(9, '0').slice(0, 9)) }),
  }
}

function secondsBefore(nowMs: number, seconds: number): LogTime | undefined {
  const nanoseconds = (nowMs % 1000) * 1_000_000
  return notBeforeDocker({ seconds: Math.floor(nowMs / 1000) - seconds, nanoseconds })
}

/** Docker counts from 1970 on, and so do all logs. */
function notBeforeDocker(since: LogTime): LogTime | undefined {
  return since.seconds < 0 ? undefined : since
}

function undecodable(): KubeletError {
  return new KubeletError('invalid', '{"message": "Unable to decode query."}', { status: 400 })
}
