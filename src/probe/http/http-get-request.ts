import type { ContainerSpec } from '../../model/kube.ts'
import { resolvePort } from '../resolve-port.ts'
import { probeUrl, type ProbeUrl } from './probe-url.ts'

/** The `httpGet` of a probe or of a hook. */
export type HttpGetAction = NonNullable<NonNullable<ContainerSpec['livenessProbe']>['httpGet']>

/** A GET that is ready to be sent. */
export interface HttpGetRequest {
  readonly url: ProbeUrl
  /** In the order in which they are sent; a name may come more than once. `Host` is not among them. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The value of `Host` where the action gives one; else it is the address. */
  readonly host: string | undefined
}

export interface HttpGetContext {
  readonly container: ContainerSpec
  /** Where the action names no host. */
  readonly podIp: string
  /** `kube-probe/1.36`, `kube-lifecycle/1.36`: sent unless the action has a `User-Agent` of its own. */
  readonly userAgent: string
}

export type BuiltRequest =
  | { readonly kind: 'request'; readonly request: HttpGetRequest }
  /** It asks at a port that does not exist; `message` is the kubelet's. */
  | { readonly kind: 'invalid'; readonly message: string }

/** What Go's transport leaves out: `Host` has a place of its own, the others are about a body. */
const unsent: readonly string[] = ['Host', 'Content-Length', 'Transfer-Encoding', 'Trailer']

/** The request of an `httpGet` (NewRequestForHTTPGetAction in pkg/probe/http/request.go). */
export function httpGetRequest(action: HttpGetAction, context: HttpGetContext): BuiltRequest {
  const resolved = resolvePort(action.port, context.container)
  if (resolved.kind === 'unknown') return { kind: 'invalid', message: resolved.message }
  const scheme = (action.scheme ?? '').toLowerCase() || 'http'
  const url = probeUrl(scheme, action.host || context.podIp, resolved.port, action.path ?? '')
  const given = (action.httpHeaders ?? []).map(({ name, value }) => [canonicalName(name), value] as const)
  const valueOf = (name: string): string | undefined => given.find(([candidate]) => candidate === name)?.[1]
  const headers = given.filter(([name, value]) => {
    if (unsent.includes(name)) return false
    // An empty one takes away what would be sent otherwise.
    return value !== '' || (name !== 'Accept' && name !== 'User-Agent')
  })
  if (valueOf('User-Agent') === undefined) headers.push(['User-Agent', context.userAgent])
  if (valueOf('Accept') === undefined) headers.push(['Accept', '*/*'])
  return { kind: 'request', request: { url, headers, host: valueOf('Host') || undefined } }
}

/** `x-custom-header` is `X-Custom-Header`, as Go sends it. */
function canonicalName(name: string): string {
  return name
    .split('-')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase())
    .join('-')
}
