/** The requests that an agent sends to the API server, by what they are for. Pure. */

export const apiCallKinds = [
  'list-pods',
  'watch-pods',
  'get-pod',
  'patch-pod-status',
  'create-pod',
  'delete-pod',
  'list-objects',
  'watch-objects',
  'node',
  'lease',
  'event',
  'other',
] as const
export type ApiCallKind = (typeof apiCallKinds)[number]

/** A request that has come to the proxy. */
export interface ApiCall {
  readonly kind: ApiCallKind
  readonly method: string
  /** With its query. */
  readonly path: string
}

const patterns: readonly (readonly [ApiCallKind, RegExp])[] = [
  ['watch-pods', /^GET \/api\/v1\/pods\?(?:.*&)?watch=true/u],
  ['list-pods', /^GET \/api\/v1\/pods(?:\?|$)/u],
  ['patch-pod-status', /^PATCH \/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/status/u],
  ['get-pod', /^GET \/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+$/u],
  ['delete-pod', /^DELETE \/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+/u],
  ['create-pod', /^POST \/api\/v1\/namespaces\/[^/]+\/pods$/u],
  ['watch-objects', /^GET \/api\/v1\/[^?]+\?(?:.*&)?watch=true/u],
  ['list-objects', /^GET \/api\/v1\/(?:services|namespaces\/[^/]+\/(?:configmaps|secrets))\?/u],
  ['node', /^[A-Z]+ \/api\/v1\/nodes(?:\/|$)/u],
  ['lease', /^[A-Z]+ \/apis\/coordination\.k8s\.io\//u],
  ['event', /^[A-Z]+ \/api\/v1\/namespaces\/[^/]+\/events(?:\/|$)/u],
]

export function apiCall(method: string, path: string): ApiCall {
  const line = `${method} ${path}`
  return { kind: patterns.find(([, pattern]) => pattern.test(line))?.[0] ?? 'other', method, path }
}

/** Its answer goes on until somebody ends it. */
export function isWatch({ kind }: ApiCall): boolean {
  return kind === 'watch-pods' || kind === 'watch-objects'
}
