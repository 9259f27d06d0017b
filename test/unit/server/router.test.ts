import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Method, Route } from '../../../src/server/route.ts'
import { findRoute } from '../../../src/server/router.ts'

function route(pattern: string, ...methods: readonly Method[]): Route {
  return { pattern, methods, debugging: false, serve: async () => {} }
}

const routes = [
  route('/healthz', 'GET'),
  route('/exec/:namespace/:pod/:container', 'GET', 'POST'),
  route('/exec/:namespace/:pod/:uid/:container', 'GET', 'POST'),
  route('/run/:namespace/:pod/:container', 'POST'),
  route('/logs/*', 'GET'),
]

function found(method: string, path: string): unknown {
  const match = findRoute(routes, method, path)
  if (match.kind === 'route') return [match.route.pattern, match.params]
  return match.kind === 'wrong-method' ? match.methods : match.kind
}

describe('The table of routes', () => {
  const cases: readonly (readonly [method: string, path: string, expected: unknown])[] = [
    ['GET', '/healthz', ['/healthz', {}]],
    ['GET', '/healthz/', ['/healthz', {}]],
    ['GET', '/healthz/more', 'unknown'],
    ['PUT', '/healthz', ['GET']],
    ['GET', '/', 'unknown'],
    ['GET', '', 'unknown'],
    ['POST', '/exec/a/b/c', ['/exec/:namespace/:pod/:container', { namespace: 'a', pod: 'b', container: 'c' }]],
    [
      'GET',
      '/exec/a/b/u/c',
      ['/exec/:namespace/:pod/:uid/:container', { namespace: 'a', pod: 'b', uid: 'u', container: 'c' }],
    ],
    ['GET', '/exec/a/b', 'unknown'],
    ['GET', '/run/a/b/c', ['POST']],
    [
      'POST',
      '/run/a/b%20c/%2e%2e',
      ['/run/:namespace/:pod/:container', { namespace: 'a', pod: 'b c', container: '..' }],
    ],
    ['POST', '/run/a/b/%zz', 'unknown'],
    ['GET', '/logs', ['/logs/*', { '*': '' }]],
    ['GET', '/logs/', ['/logs/*', { '*': '' }]],
    ['GET', '/logs/pods/x.log', ['/logs/*', { '*': 'pods/x.log' }]],
    ['GET', '/HEALTHZ', 'unknown'],
  ]
  for (const [method, path, expected] of cases) {
    it(`has for ${method} ${path}: ${JSON.stringify(expected)}`, () => assert.deepEqual(found(method, path), expected))
  }
})
