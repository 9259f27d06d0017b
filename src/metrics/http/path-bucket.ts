/**
 * The first words of the paths that the kubelet's server knows (addMetricsBucketMatcher in
 * pkg/kubelet/server/server.go).
 */
const known: ReadonlySet<string> = new Set([
  'healthz',
  'pods',
  'stats',
  'metrics',
  'metrics/cadvisor',
  'metrics/probes',
  'metrics/resource',
  'run',
  'exec',
  'attach',
  'portForward',
  'containerLogs',
  'configz',
  'runningpods',
  'checkpoint',
  'pprof',
  'logs',
  'debug',
  'flagz',
  'statusz',
])

const methods: ReadonlySet<string> = new Set(['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'])

/** As in the kubelet, whose table spells it so that a port-forward is none. */
const longRunning: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'debug'])

/** A request as the metrics of the server have it: whatever is asked for, there is a bounded number of these. */
export interface RequestBucket {
  readonly method: string
  readonly path: string
  readonly longRunning: 'true' | 'false'
}

/** `path` without its query. */
export function requestBucket(method: string, path: string): RequestBucket {
  const [first = '', second] = path.replace(/^\//u, '').split('/', 3)
  const root = first === 'metrics' && second !== undefined ? `${first}/${second}` : first
  const bucket = known.has(root) ? root : 'other'
  return {
    method: methods.has(method) ? method : 'other',
    path: bucket,
    longRunning: longRunning.has(bucket) ? 'true' : 'false',
  }
}
