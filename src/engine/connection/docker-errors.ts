import { KubeletError, type ErrorCode } from '../../model/errors.ts'

/**
 * Whatever dockerode, docker-modem or Node threw on the way to Docker, as a `KubeletError`; ours are returned as they
 * are. `host` is Docker's address, for the message when it can't be reached.
 *
 * Where Docker has answered with an error, `status` is set and the message is Docker's own text and nothing else; its
 * tools show that as `Error response from daemon: <text>`.
 */
export function dockerError(error: unknown, host: string): KubeletError {
  if (error instanceof KubeletError) return error
  if (!(error instanceof Error)) return KubeletError.from(error)
  if ('statusCode' in error && typeof error.statusCode === 'number') return answerError(error, error.statusCode)
  if ('code' in error && typeof error.code === 'string') return connectionError(error, error.code, host)
  return KubeletError.from(error)
}

/** The code for an HTTP status of Docker's. */
export function codeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 304: // "already so": the callers to whom that is success ask for it
    case 409:
      return 'conflict'
    case 401:
      return 'unauthorized'
    case 403:
      return 'forbidden'
    case 404:
      return 'not-found'
    case 429:
      return 'throttled'
    case 502:
    case 503:
    case 504:
      return 'unavailable'
    default:
      return status >= 500 ? 'internal' : 'invalid'
  }
}

function answerError(error: Error, status: number): KubeletError {
  return new KubeletError(codeOfStatus(status), daemonText(error, status), { cause: error, status })
}

/** Docker's words out of docker-modem's `(HTTP code 404) no such container - No such container: x `. */
function daemonText(error: Error, status: number): string {
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : 'unexpected'
  const prefix = `(HTTP code ${status}) ${reason} - `
  const text = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message
  return text.trim() || `Docker answered with HTTP status ${status}`
}

function connectionError(error: Error, code: string, host: string): KubeletError {
  if (code === 'ABORT_ERR') return new KubeletError('aborted', 'The call to Docker was aborted', { cause: error })
  // Node refuses the request itself (a header or a path with forbidden characters): nothing is wrong with the connection.
  if (code.startsWith('ERR_INVALID_') || code === 'ERR_UNESCAPED_CHARACTERS') return KubeletError.from(error)
  const message = `Docker cannot be reached at ${host} (${error.message || code}): ${adviceFor(code)}`
  return new KubeletError('unavailable', message, { cause: error })
}

/** What to do about an error code of Node's. */
function adviceFor(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'run as root or as a member of the group that owns the socket'
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EHOSTUNREACH':
      return 'start Docker, or name its address with --docker-host'
    default:
      return 'check that Docker runs, and the address and certificates given for it'
  }
}
