/** Errors of Node's sockets in the words of Go's `net`, which users know from the events of a kubelet. */

const systemTexts: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EPIPE: 'broken pipe',
  EINVAL: 'invalid argument',
  EMFILE: 'too many open files',
}

/** `10.0.0.5:80`, `[fd00::1]:80`. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** A connection that could not be made: `dial tcp 10.0.0.5:80: connect: connection refused`. */
export function dialError(error: Error, host: string, port: number): string {
  const code = codeOf(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `dial tcp: lookup ${host}: ${code === 'ENOTFOUND' ? 'no such host' : 'server misbehaving'}`
  }
  return `dial tcp ${joinHostPort(host, port)}: connect: ${systemTexts[code] ?? error.message}`
}

/** A connection that was not there in time: `dial tcp 10.0.0.5:80: i/o timeout`. */
export function dialTimeout(host: string, port: number): string {
  return `dial tcp ${joinHostPort(host, port)}: i/o timeout`
}

/** Both ends of a connection, each as `10.0.0.5:80`. */
export interface ConnectionEnds {
  readonly local: string
  readonly remote: string
}

/** A connection that broke while it was read: `read tcp 10.0.0.1:4711->10.0.0.5:80: read: connection reset by peer`. */
export function readError(error: Error, ends: ConnectionEnds): string {
  return `read tcp ${ends.local}->${ends.remote}: read: ${systemTexts[codeOf(error)] ?? error.message}`
}

/** Node's name for what went wrong, `ECONNREFUSED`; empty where it gives none. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
