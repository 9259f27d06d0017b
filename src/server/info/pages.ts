/** `/flagz` and `/statusz`, as text and as objects (apiserver's pkg/server/flagz and pkg/server/statusz). */
import { jsonAnswer, plainAnswer, type Answer } from '../answers.ts'

/** What a client may get a page as, by its `Accept`. */
export type PageForm = 'text' | 'v1alpha1' | 'v1beta1' | 'none'

const warning =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.'

/**
 * The form that an `Accept` header takes. Objects have to be asked for by group, version and kind:
 * `application/json;g=config.k8s.io;v=v1beta1;as=Flagz`.
 */
export function pageForm(accept: string | undefined, kind: 'Flagz' | 'Statusz'): PageForm {
  if (accept === undefined || accept.trim() === '') return 'text'
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    const has = (parameter: string): boolean => parameters.includes(parameter)
    const isObject = has('g=config.k8s.io') && has(`as=${kind}`)
    const isText = ['text/plain', 'text/*', '*/*'].includes(type.toLowerCase())
    if (isText && !parameters.some((parameter) => /^(?:g|v|as)=/u.test(parameter))) return 'text'
    // JSON is YAML too.
    if (!isObject || !['application/json', 'application/yaml', '*/*'].includes(type.toLowerCase())) continue
    if (has('v=v1beta1')) return 'v1beta1'
    if (has('v=v1alpha1')) return 'v1alpha1'
  }
  return 'none'
}

/** Every flag with its value. */
export function flagPage(form: PageForm, flags: Readonly<Record<string, string>>): Answer {
  const lines = Object.keys(flags)
    .toSorted()
    .map((name) => `${name}: ${flags[name] ?? ''}\n`)
  return page(form, 'Flagz', { flags }, `\nkubelet flagz\n${warning}\n${lines.join('')}`)
}

export interface AgentStatus {
  /** When the process began, epoch milliseconds. */
  readonly startedAtMs: number
  readonly nowMs: number
  /** What it runs on, in the place of the version of Go: `Node.js v24.1.0`. */
  readonly platform: string
  /** The Kubernetes release, `1.36.0`. */
  readonly release: string
}

/** What of the kubelet's routes is there to look at. */
const paths = ['/configz', '/debug', '/flagz', '/healthz', '/metrics']

/** How long the agent runs, and what it is. */
export function statusPage(form: PageForm, { startedAtMs, nowMs, platform, release }: AgentStatus): Answer {
  const uptimeSeconds = Math.max(0, Math.floor((nowMs - startedAtMs) / 1000))
  const emulationVersion = release.split('.', 2).join('.')
  const startTime = new Date(startedAtMs).toISOString().replace(/\.\d+Z$/u, 'Z')
  const object = { startTime, uptimeSeconds, goVersion: platform, binaryVersion: release, emulationVersion, paths }
  const two = (value: number): string => String(value).padStart(2, '0')
  const uptime = [Math.floor(uptimeSeconds / 3600), two(Math.floor(uptimeSeconds / 60) % 60), two(uptimeSeconds % 60)]
  const lines = [
    `Started: ${unixDate(startedAtMs)}`,
    `Up: ${uptime[0]} hr ${uptime[1]} min ${uptime[2]} sec`,
    `Go version: ${platform}`,
    `Binary version: ${release}`,
    `Emulation version: ${emulationVersion}`,
    `Paths: ${paths.join(' ')}`,
  ]
  return page(form, 'Statusz', object, `\nkubelet statusz\n${warning}\n\n${lines.join('\n')}\n`)
}

function page(form: PageForm, kind: 'Flagz' | 'Statusz', object: object, words: string): Answer {
  switch (form) {
    case 'text':
      return plainAnswer(200, words)
    case 'v1alpha1':
    case 'v1beta1':
      return jsonAnswer({ kind, apiVersion: `config.k8s.io/${form}`, metadata: { name: 'kubelet' }, ...object })
    case 'none': {
      const accepted = 'application/json, application/yaml, text/plain'
      const message = `only the following media types are accepted: ${accepted}`
      const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' }
      return { ...jsonAnswer({ ...status, message, reason: 'NotAcceptable', code: 406 }), status: 406 }
    }
    default:
      return form satisfies never
  }
}

/** As Go's `time.UnixDate`: `Mon Jan  2 15:04:05 UTC 2006`. */
function unixDate(ms: number): string {
  const [, weekday, day, month, year, time] =
    /^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/u.exec(new Date(ms).toUTCString()) ?? []
  return `${weekday} ${month} ${String(Number(day)).padStart(2, ' ')} ${time} UTC ${year}`
}
