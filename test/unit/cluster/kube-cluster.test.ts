import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeCluster } from '../../../src/cluster/kube-cluster.ts'
import type { JsonClient, KubeRequest } from '../../../src/cluster/kube-client.ts'
import { KubeletError, type ErrorCode } from '../../../src/model/errors.ts'
import { aPod } from '../../builders/pod.ts'

const { signal } = new AbortController()
const broken = { metadata: { namespace: 'default', name: 'broken' } }

/** A client of which every request gets the same answer, and every watch the same lines. */
function answering(
  answer: unknown,
  ...lines: readonly unknown[]
): { readonly client: JsonClient; readonly requests: KubeRequest[] } {
  const requests: KubeRequest[] = []
  const client: JsonClient = {
    request: async (request) => {
      requests.push(request)
      return answer
    },
    async *lines(request) {
      requests.push(request)
      yield* lines
    },
    close: () => {},
  }
  return { client, requests }
}

describe('the cluster behind the API server', () => {
  it('knows no more than the UID of a Pod in a list that lacks what every Pod has, and reports it', async () => {
    const reports: string[] = []
    const odd = { metadata: { ...broken.metadata, uid: 'uid-2' } }
    const { client } = answering({ metadata: { resourceVersion: '7' }, items: [aPod(), odd] })
    const cluster = new KubeCluster(client, { onUndecodable: (message) => reports.push(message) })
    const listing = { items: [aPod()], unreadable: ['uid-2'], resourceVersion: '7' }
    assert.deepEqual(await cluster.listPods('node-1', signal), listing)
    assert.deepEqual(reports, ['Ignoring Pod "default/broken" of the API server: it has no spec.containers'])
  })

  it('takes no list for one of all Pods that holds one without a UID', async () => {
    const { client } = answering({ metadata: { resourceVersion: '7' }, items: [aPod(), broken] })
    const cluster = new KubeCluster(client, { onUndecodable: () => {} })
    const message = 'Cannot list the Pods of node "node-1": the list holds a Pod without metadata.uid'
    await assert.rejects(cluster.listPods('node-1', signal), { code: 'internal', message })
  })

  it('cannot go on from a deletion of it does not know what', async () => {
    const { client } = answering(undefined, { type: 'DELETED', object: broken })
    const cluster = new KubeCluster(client, { onUndecodable: () => {} })
    const message = 'Cannot watch the Pods of node "node-1": what was deleted cannot be read'
    await assert.rejects(cluster.watchPods('node-1', '7', signal)[Symbol.asyncIterator]().next(), {
      code: 'internal',
      message,
    })
  })

  it('passes over such a Pod in a watch, and goes on', async () => {
    const reports: string[] = []
    const { client } = answering(
      undefined,
      { type: 'ADDED', object: broken },
      { type: 'ADDED', object: aPod() },
      { type: 'ADDED' },
    )
    const cluster = new KubeCluster(client, { onUndecodable: (message) => reports.push(message) })
    const events = []
    for await (const event of cluster.watchPods('node-1', '7', signal)) events.push(event)
    assert.deepEqual(events, [{ kind: 'set', object: aPod() }])
    assert.deepEqual(reports, [
      'Ignoring Pod "default/broken" of the API server: it has no metadata.uid',
      'Ignoring Pod "?/?" of the API server: it is not an object',
    ])
  })

  it('asks the server to end a watch, and takes one that goes on for longer as dead', async () => {
    const { client, requests } = answering(undefined)
    const cluster = new KubeCluster(client, { onUndecodable: assert.fail, watch: { seconds: 10, graceMs: 500 } })
    for await (const event of cluster.watchPods('node-1', '7', signal)) assert.fail(event.kind)
    const [{ path, limitMs } = { path: '', limitMs: 0 }] = requests
    const query = new URL(path, 'http://any').searchParams
    const seconds = Number(query.get('timeoutSeconds'))
    assert.ok(seconds >= 10 && seconds <= 15, path)
    assert.equal(limitMs, seconds * 1000 + 500)
    query.delete('timeoutSeconds')
    assert.equal(
      query.toString(),
      'fieldSelector=spec.nodeName%3Dnode-1&resourceVersion=7&watch=true&allowWatchBookmarks=true',
    )
  })

  it('does not take a Pod for deleted that the server has, and cannot find when it is to delete it', async () => {
    const { client } = answering(undefined)
    const key = { namespace: 'default', name: 'web', uid: aPod().metadata.uid }
    const deletion = async (held: Promise<unknown>): Promise<void> => {
      const request = ({ method }: KubeRequest): Promise<unknown> =>
        method === 'GET' ? held : Promise.reject(new KubeletError('not-found', 'pods "web" not found', { status: 404 }))
      await new KubeCluster({ ...client, request }, { onUndecodable: assert.fail }).deletePod(key, signal)
    }
    const rejects = (held: Promise<unknown>, code: ErrorCode): Promise<void> =>
      assert.rejects(deletion(held), (error) => KubeletError.is(error, code))
    await rejects(Promise.resolve(aPod()), 'unavailable')
    await rejects(Promise.resolve(aPod({ metadata: { uid: 'another' } })), 'not-found')
    await rejects(Promise.reject(new KubeletError('not-found', 'pods "web" not found', { status: 404 })), 'not-found')
    await rejects(Promise.reject(new KubeletError('internal', 'etcd is away', { status: 500 })), 'internal')
  })

  it('does not find a Pod that the server keeps from the node, as new ones do with one that is gone', async () => {
    const { client } = answering(undefined)
    const request = (): never => {
      throw new KubeletError('forbidden', 'no relationship found between node and this object', { status: 403 })
    }
    const cluster = new KubeCluster({ ...client, request }, { onUndecodable: assert.fail })
    await assert.rejects(cluster.getPod('default', 'gone', signal), (error) => KubeletError.is(error, 'not-found'))
    await assert.rejects(cluster.listPods('node-1', signal), (error) => KubeletError.is(error, 'forbidden'))
  })

  it('does not know the version of a server that tells none', async () => {
    const cluster = new KubeCluster(answering([]).client, { onUndecodable: assert.fail })
    assert.equal(await cluster.version(signal), 'unknown')
  })
})
