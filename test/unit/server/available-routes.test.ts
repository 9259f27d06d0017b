import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { availableRoutes, openRoutes } from '../../../src/server/available-routes.ts'
import { openHttpPort } from '../../../src/server/http-port.ts'
import { anyMethod, type Route } from '../../../src/server/route.ts'
import { quietLog } from '../../support/quiet-log.ts'

const all = { debuggingHandlers: true, systemLogHandler: true, profilingHandler: true, debugFlagsHandler: true }

function served(pattern: string, debugging: boolean): Route {
  return { methods: anyMethod, pattern, debugging, serve: async (_, response) => void response.end('served') }
}

const debugging = [
  '/run/:namespace/:pod/:container',
  '/exec/:namespace/:pod/:container',
  '/attach/:namespace/:pod/:container',
  '/portForward/:namespace/:pod',
  '/containerLogs/:namespace/:pod/:container',
  '/runningpods',
  '/debug/pprof/*',
  '/debug/flags/v',
  '/logs/*',
  '/configz',
  '/flagz',
  '/statusz',
]
const open = ['/healthz', '/pods', '/stats/summary', '/metrics']
const routes = [...debugging.map((pattern) => served(pattern, true)), ...open.map((pattern) => served(pattern, false))]
const paths = [...debugging, ...open].map((pattern) => pattern.replaceAll(':', '').replace('*', 'x'))

/** What each path answers, `served` left out. */
async function answers(table: readonly Route[]): Promise<Readonly<Record<string, string>>> {
  await using port = await openHttpPort({ address: '127.0.0.1', port: 0, flag: 'port', routes: table, log: quietLog })
  const found: Record<string, string> = {}
  for (const path of paths) {
    const response = await fetch(`http://127.0.0.1:${port.port}${path}`, { method: 'POST' })
    const body = await response.text()
    if (body !== 'served') found[path] = `${response.status} ${body.trimEnd()}`
  }
  return found
}

describe('what is turned off', () => {
  it('is nothing as long as nobody says so', async () =>
    assert.deepEqual(await answers(availableRoutes(routes, all)), {}))

  it('says so where it is debugging, and is not there where the kubelet does not say it', async () => {
    const disabled = '405 Debug endpoints are disabled.'
    const absent = '404 404 page not found'
    assert.deepEqual(await answers(availableRoutes(routes, { ...all, debuggingHandlers: false })), {
      '/run/namespace/pod/container': disabled,
      '/exec/namespace/pod/container': disabled,
      '/attach/namespace/pod/container': disabled,
      '/portForward/namespace/pod': disabled,
      '/containerLogs/namespace/pod/container': disabled,
      '/runningpods': disabled,
      '/debug/pprof/x': disabled,
      '/logs/x': disabled,
      '/debug/flags/v': absent,
      '/configz': absent,
      '/flagz': absent,
      '/statusz': absent,
    })
  })

  it('says so in words of its own where it is one thing', async () => {
    const none = { ...all, systemLogHandler: false, profilingHandler: false, debugFlagsHandler: false }
    assert.deepEqual(await answers(availableRoutes(routes, none)), {
      '/logs/x': '405 logs endpoint is disabled.',
      '/debug/pprof/x': '405 profiling endpoint is disabled.',
      '/debug/flags/v': '405 flags endpoint is disabled.',
    })
  })

  it('is all of debugging on the port that anyone may read', async () => {
    const found = Object.entries(await answers(openRoutes(routes)))
    assert.deepEqual(
      found.map(([path]) => path),
      paths.slice(0, debugging.length),
    )
    for (const [, answer] of found) assert.equal(answer, '404 404 page not found')
  })
})
