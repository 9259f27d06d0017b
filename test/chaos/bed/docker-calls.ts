/** The calls to Docker that an agent makes, by what they do. Pure. */

export const dockerCallKinds = [
  'ping',
  'version',
  'info',
  'events',
  'list-containers',
  'inspect-container',
  'create-container',
  'start-container',
  'stop-container',
  'kill-container',
  'update-container',
  'remove-container',
  'read-logs',
  'read-stats',
  'exec-create',
  'exec-start',
  'exec-inspect',
  'list-images',
  'inspect-image',
  'pull-image',
  'load-image',
  'remove-image',
  'networks',
  'other',
] as const
export type DockerCallKind = (typeof dockerCallKinds)[number]

/** A call that has come to the proxy. */
export interface DockerCall {
  readonly kind: DockerCallKind
  readonly method: string
  /** With its query. */
  readonly path: string
}

const patterns: readonly (readonly [DockerCallKind, RegExp])[] = [
  ['ping', /^(?:GET|HEAD) \/_ping$/u],
  ['version', /^GET \/version$/u],
  ['info', /^GET \/info$/u],
  ['events', /^GET \/events$/u],
  ['list-containers', /^GET \/containers\/json$/u],
  ['create-container', /^POST \/containers\/create$/u],
  ['inspect-container', /^GET \/containers\/[^/]+\/json$/u],
  ['start-container', /^POST \/containers\/[^/]+\/start$/u],
  ['stop-container', /^POST \/containers\/[^/]+\/stop$/u],
  ['kill-container', /^POST \/containers\/[^/]+\/kill$/u],
  ['update-container', /^POST \/containers\/[^/]+\/update$/u],
  ['remove-container', /^DELETE \/containers\/[^/]+$/u],
  ['read-logs', /^GET \/containers\/[^/]+\/logs$/u],
  ['read-stats', /^GET \/containers\/[^/]+\/stats$/u],
  ['exec-create', /^POST \/containers\/[^/]+\/exec$/u],
  ['exec-start', /^POST \/exec\/[^/]+\/start$/u],
  ['exec-inspect', /^GET \/exec\/[^/]+\/json$/u],
  ['list-images', /^GET \/images\/json$/u],
  ['pull-image', /^POST \/images\/create$/u],
  ['load-image', /^POST \/images\/load$/u],
  ['inspect-image', /^GET \/images\/.+\/json$/u],
  ['remove-image', /^DELETE \/images\/.+$/u],
  ['networks', /^GET \/networks(?:\/.*)?$/u],
]

/** @param url As in the request's first line, with or without the API's version. */
export function dockerCall(method: string, url: string): DockerCall {
  const path = url.replace(/^\/v\d+\.\d+\//u, '/')
  const line = `${method} ${path.split('?')[0] ?? ''}`
  return { kind: patterns.find(([, pattern]) => pattern.test(line))?.[0] ?? 'other', method, path }
}
