import type { IncomingMessage } from 'node:http'
import type { HttpGetRequest } from './http-get-request.ts'

export type Redirect =
  /** The answer is no redirect, or says not whereto. */
  | { readonly kind: 'none' }
  | { readonly kind: 'to'; readonly request: HttpGetRequest }
  | { readonly kind: 'invalid'; readonly message: string }

const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308]

/** The request that an answer asks for, as Go's client makes it: the headers go along, `Host` only within one address. */
export function redirected(request: HttpGetRequest, answer: Pick<IncomingMessage, 'statusCode' | 'headers'>): Redirect {
  const { location } = answer.headers
  if (!redirectStatuses.includes(answer.statusCode ?? 0) || !location) return { kind: 'none' }
  const base = request.url.text
  const target = URL.parse(location, base)
  if (target === null)
    return { kind: 'invalid', message: `failed to parse Location header ${JSON.stringify(location)}` }
  const { protocol, hostname, port, pathname, search, href } = target
  if (protocol !== 'http:' && protocol !== 'https:') {
    return { kind: 'invalid', message: `unsupported protocol scheme ${JSON.stringify(protocol.slice(0, -1))}` }
  }
  const scheme = protocol === 'https:' ? 'https' : 'http'
  const usualPort = scheme === 'https' ? 443 : 80
  const isRelative = !/^[a-z][\w+.-]*:/iu.test(location)
  const headers = request.headers.filter(([name]) => name !== 'Referer')
  return {
    kind: 'to',
    request: {
      url: {
        scheme,
        host: hostname.replace(/^\[|\]$/gu, ''),
        port: port === '' ? usualPort : Number(port),
        pathAndQuery: pathname + search,
        text: href,
      },
      headers: request.url.scheme === 'https' && scheme === 'http' ? headers : [...headers, ['Referer', base]],
      host: isRelative ? request.host : undefined,
    },
  }
}
