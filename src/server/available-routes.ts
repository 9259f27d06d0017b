/**
 * Which routes of the table a port has, and what stands in the place of those that it has not
 * (pkg/kubelet/server/server.go).
 */
import { plainAnswer, sendAnswer } from './answers.ts'
import { anyMethod, type Route } from './route.ts'

/** What may be turned off, each with its own words; see `ServerConfig`. */
export interface Availability {
  readonly debuggingHandlers: boolean
  readonly systemLogHandler: boolean
  readonly profilingHandler: boolean
  readonly debugFlagsHandler: boolean
}

/** The patterns that say that they are turned off; whatever else of debugging is turned off is not there at all. */
const sayingSo = ['/run', '/exec', '/attach', '/portForward', '/containerLogs', '/runningpods', '/debug/pprof', '/logs']

/** The routes of the HTTPS port. */
export function availableRoutes(routes: readonly Route[], available: Availability): readonly Route[] {
  if (!available.debuggingHandlers) {
    return [...openRoutes(routes), ...sayingSo.map((path) => refused(`${path}/*`, 'Debug endpoints are disabled.'))]
  }
  const off = [
    ...(available.systemLogHandler ? [] : [refused('/logs/*', 'logs endpoint is disabled.')]),
    ...(available.profilingHandler ? [] : [refused('/debug/pprof/*', 'profiling endpoint is disabled.')]),
    ...(available.debugFlagsHandler ? [] : [refused('/debug/flags/v', 'flags endpoint is disabled.')]),
  ]
  // The first that fits is taken.
  return [...off, ...routes]
}

/** The routes that are there for anyone on the read-only port too: health, Pods, stats and metrics. */
export function openRoutes(routes: readonly Route[]): readonly Route[] {
  return routes.filter(({ debugging }) => !debugging)
}

function refused(pattern: string, words: string): Route {
  const answer = plainAnswer(405, `${words}\n`)
  return { methods: anyMethod, pattern, debugging: true, serve: async (_, response) => sendAnswer(response, answer) }
}
