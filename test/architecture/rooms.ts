/** What the rules of the architecture go by: which rooms there are, what of them is pure, where each library lives. */

interface Room {
  readonly name: string
  /** Rooms that it may import from, and rooms of which it may import types only; both stand above it in the list. */
  readonly imports: readonly string[]
  readonly types?: readonly string[]
}

/** Who may import whom, bottom first: a room names only rooms that stand before it. */
export const rooms: readonly Room[] = [
  { name: 'model', imports: [] },
  { name: 'util', imports: ['model'] },
  { name: 'config', imports: ['model', 'util'] },
  { name: 'translate', imports: ['model', 'util'] },
  { name: 'plan', imports: ['model', 'util', 'translate'] },
  { name: 'status', imports: ['model', 'util', 'translate'], types: ['plan'] },
  { name: 'engine', imports: ['model', 'util'] },
  { name: 'cluster', imports: ['model', 'util'] },
  { name: 'credentials', imports: ['model', 'util'], types: ['engine', 'cluster'] },
  { name: 'manifest', imports: ['model', 'util', 'translate'] },
  { name: 'volume', imports: ['model', 'util', 'translate'], types: ['engine'] },
  { name: 'cgroup', imports: ['model', 'util', 'translate'], types: ['config', 'engine'] },
  { name: 'server', imports: ['model', 'util'] },
  { name: 'node', imports: ['model', 'util', 'translate', 'status', 'cluster'], types: ['config', 'engine'] },
  { name: 'probe', imports: ['model', 'util', 'translate'], types: ['engine'] },
  { name: 'lifecycle', imports: ['model', 'util', 'probe'], types: ['engine'] },
  {
    name: 'sync',
    imports: [
      'model',
      'util',
      'translate',
      'plan',
      'status',
      'lifecycle',
      'volume',
      'engine',
      'cluster',
      'credentials',
      'probe',
    ],
    types: ['manifest', 'cgroup'],
  },
  { name: 'eviction', imports: ['model', 'util', 'translate'] },
  {
    name: 'kubelet-parts.ts',
    imports: ['model', 'util', 'cluster', 'manifest', 'sync', 'eviction'],
    types: ['config', 'translate'],
  },
  {
    name: 'kubelet.ts',
    imports: [
      'model',
      'util',
      'config',
      'translate',
      'plan',
      'status',
      'engine',
      'cluster',
      'credentials',
      'manifest',
      'lifecycle',
      'volume',
      'cgroup',
      'server',
      'node',
      'probe',
      'sync',
      'kubelet-parts.ts',
    ],
  },
  { name: 'main.ts', imports: ['model', 'util', 'config', 'kubelet.ts'] },
]

/** Rooms that only compute. */
export const pureRooms: readonly string[] = ['model', 'plan', 'translate', 'status']

/** Files of other rooms that only compute, by the start of their paths. */
export const purePaths: readonly string[] = [
  'cgroup/hierarchies.ts',
  'cgroup/is-dockers-host.ts',
  'cgroup/pod-cgroups.ts',
  'cluster/decode-object.ts',
  'cluster/events/lru-map.ts',
  'cluster/http/kube-errors.ts',
  'cluster/json-object.ts',
  'cluster/known-pods.ts',
  'config/config.ts',
  'config/flags.ts',
  'config/help.ts',
  'config/kubelet-',
  'config/setting-reader.ts',
  'config/settings/',
  'config/values/',
  'credentials/docker-config.ts',
  'credentials/image-repository.ts',
  'credentials/keyring.ts',
  'credentials/pull-secret.ts',
  'credentials/records/image-access.ts',
  'credentials/records/pulled-record.ts',
  'eviction/empty-dir-limits.ts',
  'engine/connection/api-version.ts',
  'engine/connection/docker-errors.ts',
  'engine/docker-info.ts',
  'engine/docker-json.ts',
  'engine/docker-observe.ts',
  'engine/pull-reader.ts',
  'manifest/decode-pod.ts',
  'manifest/default-',
  'manifest/field-fault.ts',
  'manifest/static-pod.ts',
  'manifest/validate/',
  'node/default-route.ts',
  'node/node-conditions.ts',
  'node/node-health.ts',
  'node/node-images.ts',
  'node/node-object.ts',
  'node/node-resources.ts',
  'node/node-status-patch.ts',
  'node/stale-resources.ts',
  'probe/go-network-error.ts',
  'probe/grpc/grpc-status.ts',
  'probe/grpc/health-message.ts',
  'probe/http/http-get-request.ts',
  'probe/http/probe-url.ts',
  'probe/http/redirect.ts',
  'probe/probe-outcome.ts',
  'probe/probe-spec.ts',
  'probe/probe-state.ts',
  'probe/resolve-port.ts',
  'probe/schedule.ts',
  'util/closest-name.ts',
  'util/fnv.ts',
  'util/go-duration.ts',
  'util/go-quote.ts',
  'util/is-record.ts',
  'util/longest-timer.ts',
  'util/names.ts',
  'util/quantity.ts',
  'util/rfc3339-nano.ts',
]

/** Which files load a package, and which only know its types. Every other package is one too many. */
export const packages: Readonly<
  Record<string, { readonly loaded: readonly string[]; readonly typed: readonly string[] }>
> = {
  '@kubernetes/client-node': {
    loaded: ['cluster/kubeconfig/load-kubeconfig.ts', 'cluster/resolve-credentials.ts'],
    typed: ['model/kube.ts'],
  },
  dockerode: { loaded: ['engine/connection/load-dockerode.ts'], typed: ['engine/'] },
  'p-queue': { loaded: ['sync/', 'kubelet.ts'], typed: [] },
  pino: { loaded: ['util/log.ts'], typed: [] },
  'pino-pretty': { loaded: ['util/log.ts'], typed: [] },
  'tar-stream': { loaded: ['engine/pause-image.ts'], typed: [] },
  yaml: { loaded: ['util/yaml-source.ts', 'cluster/kubeconfig/load-kubeconfig.ts'], typed: [] },
}
