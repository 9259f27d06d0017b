import { goQuote } from '../../util/go-quote.ts'

/** What both sides will speak over SPDY, or how a request is refused. */
export type Negotiation =
  | { readonly kind: 'agreed'; readonly protocol: string }
  | {
      readonly kind: 'refused'
      readonly status: 400 | 403
      readonly message: string
      /** What could have been asked for, where nothing of it was. */
      readonly accepted: readonly string[]
    }

/**
 * Chooses the first of the client's protocols that is among `supported` (the kubelet's
 * staging/src/k8s.io/streaming/pkg/httpstream/httpstream.go and spdy/upgrade.go).
 *
 * @param rawHeaders Of the request: names and values in turn.
 */
export function negotiate(rawHeaders: readonly string[], supported: readonly string[]): Negotiation {
  const headers = goHeaders(rawHeaders)
  const versions = headers.get('X-Stream-Protocol-Version')
  if (versions === undefined) {
    return refused(`header X-Stream-Protocol-Version does not exist in request with ${headers.size} headers`)
  }
  const offered = versions.flatMap((version) => version.split(',')).map((name) => name.trim())
  const wanted = offered.filter((name) => name !== '')
  if (wanted.length === 0) {
    return refused(`header X-Stream-Protocol-Version contains [${versions.join(' ')}], but no valid protocols`)
  }
  const protocol = wanted.find((name) => supported.includes(name))
  if (protocol === undefined) {
    const both = `client supports [${wanted.join(' ')}], server accepts [${supported.join(' ')}]`
    const message = `unable to upgrade: unable to negotiate protocol: ${both}`
    return { kind: 'refused', status: 403, message, accepted: supported }
  }
  const isUpgrade = includes(headers, 'Connection', 'upgrade') && includes(headers, 'Upgrade', 'spdy/3.1')
  return isUpgrade
    ? { kind: 'agreed', protocol }
    : refused(`missing upgrade headers in request: ${goHeadersText(headers)}`)
}

function refused(what: string): Negotiation {
  return { kind: 'refused', status: 400, message: `unable to upgrade: ${what}`, accepted: [] }
}

/** What Go takes out of a request's headers. */
const takenOut = ['Host', 'Transfer-Encoding']

/** Headers as Go keeps them: every name's values, names in the canonical form. */
function goHeaders(raw: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = canonical(raw[index] ?? '')
    if (takenOut.includes(name)) continue
    headers.set(name, [...(headers.get(name) ?? []), raw[index + 1] ?? ''])
  }
  return headers
}

function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/(?:^|-)[a-z]/gu, (start) => start.toUpperCase())
}

/** Only the first value of a name is looked at. */
function includes(headers: ReadonlyMap<string, readonly string[]>, name: string, part: string): boolean {
  return headers.get(name)?.[0]?.toLowerCase().includes(part) === true
}

/** As Go prints an `http.Header` with `%#v`. */
function goHeadersText(headers: ReadonlyMap<string, readonly string[]>): string {
  const entries = [...headers.keys()].toSorted().map((name) => {
    const values = (headers.get(name) ?? []).map(goQuote)
    return `${goQuote(name)}:[]string{${values.join(', ')}}`
  })
  return `http.Header{${entries.join(', ')}}`
}
