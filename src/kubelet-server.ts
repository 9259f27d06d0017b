/** The agent's ports, built in one go: the HTTPS API, its health, and what anyone may read where that is asked for. */
import type { Cluster } from './cluster/cluster.ts'
import type { KubeletConfig } from './config/config.ts'
import type { Engine } from './engine/engine.ts'
import type { NodeIdentity } from './kubelet-identity.ts'
import { agentInfo } from './kubelet-info.ts'
import { nodeStatsRoutes, type NodeStatsParts } from './kubelet-stats.ts'
import type { KubeletMetrics } from './metrics/kubelet-metrics.ts'
import type { PodsSeen } from './metrics/pods/pod-gauges.ts'
import { availableRoutes, openRoutes } from './server/available-routes.ts'
import { clientCa } from './server/auth/client-ca.ts'
import { nodeAuth } from './server/auth/node-auth.ts'
import { execRoutes } from './server/exec/exec-routes.ts'
import { portForwardRoutes } from './server/port-forward/port-forward-routes.ts'
import { openHttpPort } from './server/http-port.ts'
import { openHttpsPort } from './server/https-port.ts'
import { alive } from './server/info/health.ts'
import { healthRoutes, infoRoutes } from './server/info/info-routes.ts'
import { logRoutes } from './server/logs/log-routes.ts'
import { countWebSockets } from './server/metrics/count-web-sockets.ts'
import { metricsRoutes } from './server/metrics/metrics-routes.ts'
import type { Route } from './server/route.ts'
import type { ServedPods } from './server/served-pods.ts'
import type { OpenStats } from './stats/open-stats.ts'
import type { ObservedPods } from './sync/observed-pods.ts'
import type { Relist } from './sync/relist.ts'
import type { RootLogger } from './util/log.ts'
import { longestTimerMs } from './util/longest-timer.ts'

export interface ServerParts extends NodeStatsParts {
  readonly config: KubeletConfig
  readonly engine: Engine
  /** `undefined` where there is no API server. */
  readonly cluster: Cluster | undefined
  readonly identity: Pick<NodeIdentity, 'openServing'>
  readonly observed: ObservedPods
  readonly pods: ServedPods
  readonly metrics: KubeletMetrics
  /** What the node uses. */
  readonly stats: () => Promise<OpenStats>
  /** The Pods as a scrape counts them. */
  readonly podsSeen: () => PodsSeen
  readonly relist: Pick<Relist, 'listedAtMs'>
  readonly log: RootLogger
  /** Ends with the agent, after the last Pod. */
  readonly life: AbortSignal
}

/** Opens the ports. Throws `configuration`, naming the flag, for one that cannot be had. */
export async function openPorts(parts: ServerParts, signal: AbortSignal): Promise<AsyncDisposable> {
  const { config, log, metrics } = parts
  await using stack = new AsyncDisposableStack()
  const routes = apiRoutes(parts)
  if (config.port > 0) stack.use(await openApi(parts, availableRoutes(routes, config.server), signal))
  if (config.healthzPort > 0) {
    const place = { address: config.healthzBindAddress, port: config.healthzPort, flag: 'healthz-port' }
    stack.use(await openHttpPort({ ...place, routes: healthRoutes([alive]), log }))
  }
  if (config.readOnlyPort > 0) {
    const place = { address: config.address, port: config.readOnlyPort, flag: 'read-only-port' }
    const onRequest = (method: string, path: string) => metrics.server.request(method, path, 'readonly')
    stack.use(await openHttpPort({ ...place, routes: openRoutes(routes), onRequest, log }))
  }
  return stack.move()
}

/** What the HTTPS API serves when nothing is turned off. */
export function apiRoutes(parts: ServerParts): readonly Route[] {
  const { config, pods, engine, observed, metrics, podsSeen } = parts
  const idleTimeoutMs = Math.min(config.server.streamingIdleMs || longestTimerMs, longestTimerMs)
  return [
    ...infoRoutes({ ...agentInfo(parts), onChecked: (name, isWell) => metrics.health.checked(name, isWell) }),
    ...logRoutes(parts),
    ...execRoutes({ pods, engine, idleTimeoutMs }),
    ...portForwardRoutes({ pods, engine, observed: (uid) => observed.get(uid), idleTimeoutMs }),
    ...metricsRoutes({ text: (path) => metrics.text(path, podsSeen), forgetHealth: () => metrics.health.forget() }),
    ...nodeStatsRoutes(parts.stats),
  ]
}

async function openApi(parts: ServerParts, routes: readonly Route[], signal: AbortSignal): Promise<AsyncDisposable> {
  const { config, cluster, identity, log } = parts
  await using stack = new AsyncDisposableStack()
  const tls = stack.use(await identity.openServing(signal))
  const auth = nodeAuth({
    config: config.server.auth,
    nodeName: config.nodeName,
    cluster,
    clientCa: () => clientCa(tls.current()),
    log,
    signal: parts.life,
  })
  stack.use(
    await openHttpsPort({
      address: config.address,
      port: config.port,
      flag: 'port',
      tls,
      ...auth,
      routes: countWebSockets(routes, parts.metrics.server),
      onRequest: (method, path) => parts.metrics.server.request(method, path, 'readwrite'),
      log,
    }),
  )
  return stack.move()
}
