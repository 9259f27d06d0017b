import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeCluster } from '../../../src/cluster/kube-cluster.ts'
import type { KubeRequest } from '../../../src/cluster/kube-client.ts'
import { KubeletError } from '../../../src/model/errors.ts'

const { signal } = new AbortController()

/** A cluster whose server gives these pages, one for each request. */
function paged(...pages: readonly unknown[]) {
  const paths: string[] = []
  const reports: string[] = []
  const request = async ({ path }: KubeRequest): Promise<unknown> => {
    const page = pages[paths.push(path) - 1]
    if (page instanceof Error) throw page
    return page
  }
  const client = { request, lines: () => assert.fail('nobody watches'), close: () => {} }
  return { cluster: new KubeCluster(client, { onUndecodable: (report) => reports.push(report) }), paths, reports }
}

const empty = { metadata: { resourceVersion: '7' }, items: null }

function service(name: string): object {
  const metadata = {
    namespace: 'default',
    name,
    uid: name,
    resourceVersion: '3',
    labels: { app: 'web' },
    managedFields: [],
  }
  const ports = [
    { port: 80, targetPort: 8080, nodePort: 30_080 },
    { name: 'x', port: '81' },
  ]
  return { metadata, spec: { clusterIP: '10.96.0.1', ports, selector: { app: 'web' } } }
}

describe('a list of thousands', () => {
  it('is read page by page, and kept without what a node does not need', async () => {
    const { cluster, paths, reports } = paged(
      { metadata: { resourceVersion: '7', continue: 'next' }, items: [service('a')] },
      { metadata: { resourceVersion: '7' }, items: [service('b'), { metadata: { name: 'broken' } }] },
    )
    const kept = (name: string): object => ({
      metadata: { namespace: 'default', name, resourceVersion: '3' },
      spec: { clusterIP: '10.96.0.1', ports: [{ port: 80, protocol: 'TCP' }] },
    })
    assert.deepEqual(await cluster.listServices(signal), { items: [kept('a'), kept('b')], resourceVersion: '7' })
    assert.deepEqual(paths, ['/api/v1/services?limit=500', '/api/v1/services?limit=500&continue=next'])
    assert.deepEqual(reports, ['Ignoring Service "?/broken" of the API server: it has no metadata.namespace'])
  })

  it('is an error when the server has forgotten it before the last page', async () => {
    const gone = new KubeletError('gone', 'The provided continue parameter is too old')
    const { cluster } = paged({ metadata: { continue: 'next' }, items: [] }, gone)
    await assert.rejects(cluster.listServices(signal), gone)
  })
})

describe('an answer that is no list', () => {
  it('is not taken for one of nothing', async () => {
    const { cluster } = paged({ status: 'ok' })
    await assert.rejects(cluster.listServices(signal), {
      code: 'internal',
      message: 'Cannot list the Services: the answer is no list, it has no resourceVersion',
    })
  })

  it('is a single object, too, whatever its version', async () => {
    const { cluster } = paged({ ...service('a'), kind: 'Service' })
    await assert.rejects(cluster.listServices(signal), {
      code: 'internal',
      message: 'Cannot list the Services: the answer is no list, it has no items',
    })
  })
})

describe('an object by its name', () => {
  it('is a list of its namespace with that name, as the Node authorizer wants it', async () => {
    const { cluster, paths } = paged(empty, empty)
    await cluster.listObject({ kind: 'ConfigMap', namespace: 'default', name: 'a' }, signal)
    await cluster.listObject({ kind: 'Secret', namespace: 'x y', name: 'b' }, signal)
    assert.deepEqual(paths, [
      '/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Da&limit=500',
      '/api/v1/namespaces/x%20y/secrets?fieldSelector=metadata.name%3Db&limit=500',
    ])
  })

  it('is no other object when a Pod gives it a name that is none', async () => {
    const { cluster, paths } = paged(empty)
    await cluster.listObject({ kind: 'Secret', namespace: 'default', name: 'a,b=c' }, signal)
    const { searchParams } = new URL(paths[0] ?? '', 'http://server')
    assert.equal(searchParams.get('fieldSelector'), String.raw`metadata.name=a\,b\=c`)
  })
})
