import type { ApiCall } from './api-calls.ts'

/** What becomes of a request to the API server. */
export type ApiTreatment =
  /** It goes to the server, and the answer comes back. */
  | { readonly kind: 'pass' }
  /** Nobody answers, and nobody says so; the connection breaks when the fault is mended. */
  | { readonly kind: 'hang' }
  /** It never comes to the server; this is the answer. */
  | { readonly kind: 'answer'; readonly answer: ApiAnswer }
  /** It is kept back so long, and then its answer drips, so many bytes each 50 ms, when that is given. */
  | { readonly kind: 'slow'; readonly delayMs: number; readonly drip?: number }
  /** The connection breaks after so many bytes of the answer; with 0 all that the server has done is not told. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Other lines come out of the watch than went in: of each line these; the answer begins with `first`. */
  | { readonly kind: 'lines'; readonly first?: readonly string[]; readonly map: (line: string) => readonly string[] }
  /** The watch ends, as the server ends it, when it has said this. */
  | { readonly kind: 'end'; readonly lines: readonly string[] }

export interface ApiAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** Asked about each request that comes while it is in use. */
export type Treat = (call: ApiCall) => ApiTreatment

/** As the API server says no. */
export function refusal(code: number, reason: string, message: string, retryAfterSeconds?: number): ApiAnswer {
  return {
    status: code,
    headers: {
      'content-type': 'application/json',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify(statusObject(code, reason, message)),
  }
}

/** A line with which a server ends a watch that it can't go on with. */
export function errorLine(code: number, reason: string, message: string): string {
  return JSON.stringify({ type: 'ERROR', object: statusObject(code, reason, message) })
}

/** A line that says nothing but how far the watch has come. */
export function bookmarkLine(resourceVersion: string): string {
  const object = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { resourceVersion, creationTimestamp: null },
    spec: {},
    status: {},
  }
  return JSON.stringify({ type: 'BOOKMARK', object })
}

function statusObject(code: number, reason: string, message: string): unknown {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
}
