/** Where a probe or a hook asks: the parts of a URL, and the whole of it as Go's `url.URL` prints it. */
export interface ProbeUrl {
  readonly scheme: 'http' | 'https'
  /** Without brackets. */
  readonly host: string
  readonly port: number
  /** What stands in the request line: an escaped path and the query. */
  readonly pathAndQuery: string
  readonly text: string
}

/** Characters that Go's `url.URL` leaves as they are in a path that was given escaped. */
const validPath = /^(?:[\w.~$&+,/:;=@!'()*[\]-]|%[0-9a-f]{2})*$/iu
const invalidEscape = /%(?![0-9a-f]{2})/iu

/**
 * The URL of an httpGet action (formatURL in pkg/probe/http/request.go). `path` may carry a query and a fragment, and even
 * a scheme and a host, which count for nothing; one that does not parse as a URL is taken for a path, letter by letter.
 */
export function probeUrl(scheme: string, host: string, port: number, path: string): ProbeUrl {
  const { escapedPath, query, fragment } = splitPath(path) ?? { escapedPath: escapePath(path), query: '', fragment: '' }
  const rooted = escapedPath === '' || escapedPath.startsWith('/') ? escapedPath : `/${escapedPath}`
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const sent = rooted === '' ? '/' : rooted
  return {
    scheme: scheme === 'https' ? 'https' : 'http',
    host,
    port,
    pathAndQuery: sent + escapeForLine(query),
    text: `${scheme}://${authority}${rooted}${query}${fragment}`,
  }
}

interface SplitPath {
  readonly escapedPath: string
  /** With its `?`; empty when there is none. */
  readonly query: string
  /** With its `#`. */
  readonly fragment: string
}

/** The parts as Go's `url.Parse` sees them; `undefined` for what it refuses. */
function splitPath(text: string): SplitPath | undefined {
  if (hasControlCharacter(text)) return undefined
  const [, beforeFragment = '', fragment = ''] = /^([^#]*)(#.*)?$/u.exec(text) ?? []
  const [, reference = '', query = ''] = /^([^?]*)(\?.*)?$/u.exec(beforeFragment) ?? []
  const raw = reference.replace(/^[a-z][\w+.-]*:(?=\/)/iu, '').replace(/^\/\/[^/]*/u, '')
  const hasColonFirst = /^[^/]*:/u.test(raw)
  if (hasColonFirst || invalidEscape.test(raw)) return undefined
  const escapedPath = validPath.test(raw) ? raw : escapePath(decodeEscapes(raw))
  return { escapedPath, query, fragment: fragment === '#' ? '' : fragment }
}

function hasControlCharacter(text: string): boolean {
  return Buffer.from(text).some((byte) => byte < 0x20 || byte === 0x7f)
}

function decodeEscapes(text: string): string {
  const bytes = Buffer.from(text).toString('latin1')
  const decoded = bytes.replaceAll(/%([0-9a-f]{2})/giu, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(decoded, 'latin1').toString()
}

/** Go's escaping of a path: everything but letters, digits and `-_.~$&+,/:;=@`. */
function escapePath(path: string): string {
  return [...Buffer.from(path)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      if (byte < 0x80 && /[\w.~$&+,/:;=@-]/u.test(character)) return character
      return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

/** Node refuses to send a request line with blanks or with characters beyond one byte. */
function escapeForLine(query: string): string {
  return query.replaceAll(/[^\u0021-\u007E]/gu, (character) => encodeURIComponent(character))
}
