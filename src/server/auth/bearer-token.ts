/**
 * Where in a request a bearer token may stand: in `Authorization`, or among the protocols
 * that a WebSocket client offers.
 */

/** The token of an `Authorization` header; `undefined` where it has none. Rule: apiserver's bearertoken authenticator. */
export function bearerToken(authorization: string | undefined): string | undefined {
  const [scheme = '', token = ''] = (authorization ?? '').trim().split(' ', 3)
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined
}

export type ProtocolToken =
  | { readonly kind: 'none' }
  | { readonly kind: 'fault'; readonly message: string }
  /** `others`: the header without the token, at least one protocol. */
  | { readonly kind: 'token'; readonly token: string; readonly others: string }

const prefix = 'base64url.bearer.authorization.k8s.io.'

/**
 * The token that browsers, who cannot set headers, put into `Sec-WebSocket-Protocol`. Rule:
 * apiserver's websocket authenticator.
 */
export function protocolToken(header: string | undefined): ProtocolToken {
  const offered = (header ?? '').split(',').map((protocol) => protocol.trim())
  const [encoded, ...more] = offered.filter((protocol) => protocol.startsWith(prefix))
  if (encoded === undefined) return { kind: 'none' }
  if (more.length > 0) return fault('multiple base64.bearer.authorization tokens specified')
  const token = decode(encoded.slice(prefix.length))
  if (token === undefined) return fault('invalid base64.bearer.authorization token encoding')
  if (token === '') return { kind: 'none' }
  const others = offered.filter((protocol) => !protocol.startsWith(prefix) && protocol !== '')
  if (others.length === 0) return fault('missing additional subprotocol')
  return { kind: 'token', token, others: others.join(',') }
}

function fault(message: string): ProtocolToken {
  return { kind: 'fault', message }
}

function decode(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64url')
  // Buffer passes over what is no base64, and stands in for what is no UTF-8: what comes back must be what went in.
  if (bytes.toString('base64url') !== text) return undefined
  const token = bytes.toString('utf8')
  return Buffer.from(token, 'utf8').equals(bytes) ? token : undefined
}
