import type { IncomingMessage } from 'node:http'
import type { ServerMetrics } from '../../metrics/http/server-metrics.ts'
import type { Route } from '../route.ts'

/** What may be streamed, by the first word of its path. */
const subresources: ReadonlyMap<string, Parameters<ServerMetrics['webSocket']>[0]> = new Map([
  ['exec', 'exec'],
  ['attach', 'attach'],
  ['portForward', 'portforward'],
])

/**
 * The same routes. What is asked of them over a WebSocket that the API server has passed straight through is counted, as
 * the kubelet counts it (pkg/kubelet/server/server.go): of older WebSockets it does not know either.
 */
export function countWebSockets(routes: readonly Route[], metrics: Pick<ServerMetrics, 'webSocket'>): readonly Route[] {
  return routes.map((route): Route => {
    const subresource = subresources.get(route.pattern.split('/')[1] ?? '')
    const { upgrade } = route
    if (upgrade === undefined || subresource === undefined) return route
    return {
      ...route,
      upgrade: (call, socket, head) => {
        if (isPassedThrough(call.request)) metrics.webSocket(subresource)
        return upgrade(call, socket, head)
      },
    }
  })
}

/** Only these come to nodes that say that they take them: commands with an end for stdin, and SPDY inside a WebSocket. */
function isPassedThrough({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
  return offered.some((name) => name === 'v5.channel.k8s.io' || name.startsWith('SPDY/3.1+'))
}
