import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { subresourcesOf, verbOf } from '../../../../src/server/auth/subresources.ts'

describe('the rights to the node that a path needs', () => {
  const table: Readonly<Record<string, readonly string[]>> = {
    '/pods': ['pods', 'proxy'],
    '/pods/': ['pods', 'proxy'],
    '/runningpods': ['pods', 'proxy'],
    '/runningpods/': ['pods', 'proxy'],
    '/healthz': ['healthz', 'proxy'],
    '/healthz/syncloop': ['healthz', 'proxy'],
    '/configz': ['configz', 'proxy'],
    '/flagz': ['configz'],
    '/statusz': ['statusz'],
    '/stats': ['stats'],
    '/stats/': ['stats'],
    '/stats/summary': ['stats'],
    '/metrics': ['metrics'],
    '/metrics/cadvisor': ['metrics'],
    '/metrics/resource': ['metrics'],
    '/metrics/probes': ['metrics'],
    '/metrics/slis': ['metrics'],
    '/logs': ['log'],
    '/logs/': ['log'],
    '/logs/syslog': ['log'],
    '/checkpoint/ns/pod/c': ['checkpoint'],
    '/containerLogs/ns/pod/c': ['proxy'],
    '/exec/ns/pod/c': ['proxy'],
    '/exec/ns/pod/uid/c': ['proxy'],
    '/attach/ns/pod/c': ['proxy'],
    '/portForward/ns/pod': ['proxy'],
    '/run/ns/pod/c': ['proxy'],
    '/debug/pprof/heap': ['proxy'],
    '/debug/flags/v': ['proxy'],
  }
  for (const [path, subresources] of Object.entries(table)) {
    it(`${path}: ${subresources.join(', then ')}`, () => assert.deepEqual(subresourcesOf(path), subresources))
  }

  it('are those to everything for a path that only looks like another, and for one that nobody serves', () => {
    const paths = [
      '',
      '/',
      '/podsx',
      '/Pods',
      '/runningPods',
      '/metricsx',
      '/logs.txt',
      '//pods',
      '/x/pods',
      '/statszx',
    ]
    for (const path of paths) assert.deepEqual(subresourcesOf(path), ['proxy'], path)
  })

  it('are by the verb of the method, and of no verb where it has none', () => {
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'get', 'SPY']
    assert.deepEqual(methods.map(verbOf), ['get', 'create', 'update', 'patch', 'delete', '', '', '', '', ''])
  })
})
