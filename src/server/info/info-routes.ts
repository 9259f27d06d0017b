/** The routes that show the agent and its node: health, Pods, how the agent is set, the files of its log folder. */
import type { ServerResponse } from 'node:http'
import type { ObservedPod } from '../../model/observed.ts'
import { jsonAnswer, plainAnswer, sendAnswer, type Answer } from '../answers.ts'
import { anyMethod, type Method, type Route, type ServerCall } from '../route.ts'
import type { ServedPods } from '../served-pods.ts'
import { health, healthChecks, overallHealth, type HealthCheck } from './health.ts'
import { knownPods, runningPods } from './pod-lists.ts'
import type { SystemLogsOptions } from './system-logs.ts'

/** What a check is called, and whether it found all well. */
export type OnChecked = (name: string, isWell: boolean) => void

export interface InfoParts {
  /** What keeps the agent's loop from going on, if anything does. */
  readonly loopFault: () => string | undefined
  /** Told of what each check of the overall health found. */
  readonly onChecked?: OnChecked
  readonly pods: ServedPods
  /** What Docker is known to hold of each Pod. */
  readonly observed: () => readonly ObservedPod[]
  /** How the agent is set, as a KubeletConfiguration, and as flags. */
  readonly configuration: () => Promise<object>
  readonly flags: () => Promise<Readonly<Record<string, string>>>
  /** When the process began, epoch milliseconds. */
  readonly startedAtMs: number
  /** The Kubernetes release, `1.36.0`. */
  readonly release: string
  readonly setVerbosity: (verbosity: number) => void
  readonly systemLogs: SystemLogsOptions
}

export function infoRoutes(parts: InfoParts): readonly Route[] {
  const get: readonly Method[] = ['GET']
  return [
    ...healthRoutes(healthChecks(parts.loopFault), parts.onChecked),
    shown(get, '/pods', false, () => jsonAnswer(knownPods(parts.pods.all()))),
    shown(get, '/runningpods', true, () => jsonAnswer(runningPods(parts.observed()))),
    shown(anyMethod, '/configz', true, async () => jsonAnswer({ kubeletconfig: await parts.configuration() })),
    shown(anyMethod, '/flagz', true, async ({ request }) => {
      const { flagPage, pageForm } = await import('./pages.ts')
      return flagPage(pageForm(request.headers.accept, 'Flagz'), await parts.flags())
    }),
    shown(anyMethod, '/statusz', true, async ({ request }) => {
      const { pageForm, statusPage } = await import('./pages.ts')
      const { startedAtMs, release } = parts
      const status = { startedAtMs, release, nowMs: Date.now(), platform: `Node.js ${process.version}` }
      return statusPage(pageForm(request.headers.accept, 'Statusz'), status)
    }),
    shown(anyMethod, '/debug/flags/v', true, async ({ request }) => {
      const { setVerbosity } = await import('./verbosity.ts')
      return setVerbosity(request, parts.setVerbosity)
    }),
    shown(get, '/debug/pprof/*', true, () => plainAnswer(501, `${noProfiles}\n`)),
    shown(['POST'], '/checkpoint/:namespace/:pod/:container', true, async (call) => {
      const { noCheckpoint } = await import('./checkpoint.ts')
      throw noCheckpoint(call, parts.pods)
    }),
    { methods: get, pattern: '/logs/*', debugging: true, serve: (call, response) => systemLog(parts, call, response) },
  ]
}

/** `/healthz`, and each check by itself below it. */
export function healthRoutes(checks: readonly HealthCheck[], onChecked: OnChecked = () => {}): readonly Route[] {
  const told = checks.map(({ name, fault }): HealthCheck => {
    const tell = (found: string | undefined): string | undefined => {
      onChecked(name, found === undefined)
      return found
    }
    return { name, fault: () => tell(fault()) }
  })
  return [
    shown(anyMethod, '/healthz', false, ({ query }) => overallHealth(told, query)),
    ...checks.map((check) => shown(anyMethod, `/healthz/${check.name}`, false, () => health(check))),
  ]
}

const noProfiles = '/debug/pprof is not supported: the profiles of Go are the kubelet’s, this agent runs on Node.js'

async function systemLog({ systemLogs }: InfoParts, call: ServerCall, response: ServerResponse): Promise<void> {
  const { serveSystemLog } = await import('./system-logs.ts')
  await serveSystemLog(call, response, systemLogs)
}

function shown(
  methods: readonly Method[],
  pattern: string,
  debugging: boolean,
  answer: (call: ServerCall) => Answer | Promise<Answer>,
): Route {
  return { methods, pattern, debugging, serve: async (call, response) => sendAnswer(response, await answer(call)) }
}
