import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { PodChange } from '../../../src/cluster/known-pods.ts'
import { podSource } from '../../../src/cluster/pod-source.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { FakeApiServer } from '../../fakes/fake-api-server.ts'
import { FakeCluster, type ClusterMethod } from '../../fakes/fake-cluster.ts'

const nodeName = 'node-1'
const unavailable = new KubeletError('unavailable', 'The connection broke')
const gone = new KubeletError('gone', 'too old resource version')

interface Watched {
  readonly server: FakeApiServer
  readonly cluster: FakeCluster
  readonly faults: readonly KubeletError[]
  /** Waits for the next changes, as `kind name`. */
  readonly next: (count: number) => Promise<readonly string[]>
  readonly nextChange: () => Promise<PodChange>
}

/** A source on a fake server, read by the test; it ends with the test. */
function watched(
  t: TestContext,
  server = new FakeApiServer(),
  onCall: (cluster: FakeCluster) => void = () => {},
): Watched {
  const cluster: FakeCluster = new FakeCluster({ server, before: () => onCall(cluster) })
  const faults: KubeletError[] = []
  const stop = new AbortController()
  const backOff = { initialMs: 1, maxMs: 4 }
  const changes = podSource({ cluster, nodeName, onFault: (fault) => faults.push(fault), backOff }, stop.signal)
  t.after(() => stop.abort())
  const nextChange = async (): Promise<PodChange> => {
    const { value, done } = await changes.next()
    if (done === true) assert.fail('the source has ended')
    return value
  }
  return {
    server,
    cluster,
    faults,
    nextChange,
    next: async (count) => {
      const taken: string[] = []
      while (taken.length < count) taken.push(describeChange(await nextChange()))
      return taken
    },
  }
}

function describeChange(change: PodChange): string {
  if (change.kind === 'unreadable') return `unreadable ${change.uids.size}`
  return change.kind === 'synced' ? 'synced' : `${change.kind} ${change.pod.metadata.name}`
}

function create(server: FakeApiServer, name: string): Pod {
  return server.createPod({ name, nodeName })
}

describe('the source of Pods', { timeout: 120_000 }, () => {
  it('says every Pod that there is, then that these are all, then what changes', async (t) => {
    const server = new FakeApiServer()
    create(server, 'web')
    const { next } = watched(t, server)
    assert.deepEqual(await next(2), ['set web', 'synced'])
    create(server, 'late')
    server.deletePodGracefully('default', 'web', 0)
    assert.deepEqual(await next(3), ['set late', 'set web', 'removed web'])
  })

  it('says the Pod itself, and of one that is gone the newest that was seen', async (t) => {
    const { server, next, nextChange } = watched(t)
    await next(1)
    const pod = create(server, 'web')
    assert.deepEqual(await nextChange(), { kind: 'set', pod })
    server.updatePod('default', 'web', { metadata: { labels: { color: 'blue' } } })
    await next(1)
    server.deletePodGracefully('default', 'web', 0)
    await next(1)
    const removed = await nextChange()
    assert.equal(removed.kind === 'removed' && removed.pod.metadata.labels?.['color'], 'blue')
  })

  it('goes on with the watch where it was when the connection breaks, and lists no more', async (t) => {
    const { server, cluster, faults, next } = watched(t)
    await next(1)
    create(server, 'web')
    await next(1)
    cluster.failNext('watchPods', unavailable)
    server.watches.end(unavailable)
    create(server, 'meanwhile')
    assert.deepEqual(await next(1), ['set meanwhile'])
    assert.deepEqual(faults, [unavailable, unavailable])
    assert.equal(cluster.count('listPods'), 1)
  })

  it('watches on in silence when the server has ended the watch', async (t) => {
    const { server, cluster, faults, next } = watched(t)
    await next(1)
    create(server, 'web')
    await next(1)
    server.watches.end('quiet')
    create(server, 'more')
    assert.deepEqual(await next(1), ['set more'])
    assert.deepEqual([faults, cluster.count('watchPods')], [[], 2])
  })

  it('lists again when its position is too old, and says what it missed', async (t) => {
    const { server, cluster, faults, next } = watched(t)
    await next(1)
    create(server, 'kept')
    create(server, 'lost')
    await next(2)
    cluster.failNext('watchPods', gone)
    server.watches.end(unavailable)
    server.deletePodGracefully('default', 'lost', 0)
    create(server, 'new')
    server.compact()
    assert.deepEqual(await next(2), ['removed lost', 'set new'])
    assert.deepEqual(faults, [unavailable, gone])
    assert.equal(cluster.count('listPods'), 2)
  })

  it('keeps what it knows of a Pod that cannot be read any more, until that is deleted', async (t) => {
    const { server, cluster, next } = watched(t)
    await next(1)
    const { metadata } = create(server, 'web')
    await next(1)
    server.unreadable.add(metadata.uid)
    cluster.failNext('watchPods', gone)
    server.watches.end(unavailable)
    create(server, 'new')
    assert.deepEqual(await next(2), ['unreadable 1', 'set new'])
    server.deletePodGracefully('default', 'web', 0)
    assert.deepEqual((await next(3)).toSorted(), ['removed web', 'set web', 'unreadable 0'])
  })

  it('says of which Pods nobody knows more than that they are there, before it says that these are all', async (t) => {
    const server = new FakeApiServer()
    const { metadata } = create(server, 'web')
    server.unreadable.add(metadata.uid)
    const { next } = watched(t, server)
    assert.deepEqual(await next(2), ['unreadable 1', 'synced'])
  })

  it('is synced only once', async (t) => {
    const { server, cluster, next } = watched(t)
    await next(1)
    create(server, 'first')
    await next(1)
    server.watches.end(gone)
    create(server, 'second')
    assert.deepEqual(await next(1), ['set second'])
    create(server, 'third')
    assert.deepEqual(await next(1), ['set third'])
    assert.equal(cluster.count('listPods'), 2)
  })

  it('goes on from a bookmark, from where the last Pod of its own is too old', async (t) => {
    const server = new FakeApiServer()
    const reopened = Promise.withResolvers<void>()
    const { cluster, next } = watched(t, server, (cluster) => cluster.count('watchPods') === 2 && reopened.resolve())
    await next(1)
    create(server, 'first')
    await next(1)
    const pending = next(1)
    server.createPod({ name: 'elsewhere', nodeName: 'node-2' })
    server.bookmark()
    server.watches.compact(Number(server.version))
    server.watches.end('quiet')
    await reopened.promise
    create(server, 'web')
    assert.deepEqual(await pending, ['set web'])
    assert.equal(cluster.count('listPods'), 1)
  })

  it('waits and tries again, for ever, while the server answers with errors', async (t) => {
    const server = new FakeApiServer()
    const watch = watched(t, server)
    const codes = ['internal', 'forbidden', 'unauthorized', 'unavailable', 'throttled', 'invalid'] as const
    for (const code of codes) watch.cluster.failNext('listPods', new KubeletError(code, 'No'))
    assert.deepEqual(await watch.next(1), ['synced'])
    assert.deepEqual(
      watch.faults.map((fault) => fault.code),
      codes,
    )
  })

  it('takes a watch that ends at once and brings nothing for a failure', async (t) => {
    const server = new FakeApiServer()
    const cluster = new FakeCluster({ server, before: ({ method }) => endSoon(server, method) })
    const waits: number[] = []
    const stop = new AbortController()
    t.after(() => stop.abort())
    const onFault = (_: KubeletError, retryInMs: number): void => {
      waits.push(retryInMs)
      if (waits.length === 4) stop.abort()
    }
    const options = { cluster, nodeName, onFault, backOff: { initialMs: 1, maxMs: 4 } }
    for await (const change of podSource(options, stop.signal)) assert.equal(change.kind, 'synced')
    assert.ok(
      waits.every((wait, index) => wait >= ([0.5, 1, 2, 2][index] ?? 0) && wait <= 4),
      String(waits),
    )
  })

  it('ends when the signal fires', async () => {
    const stop = new AbortController()
    const cluster = new FakeCluster({ server: new FakeApiServer() })
    const changes = podSource({ cluster, nodeName, onFault: () => assert.fail('nothing has failed') }, stop.signal)
    assert.equal((await changes.next()).value?.kind, 'synced')
    const last = changes.next()
    stop.abort()
    assert.deepEqual(await last, { value: undefined, done: true })
  })
})

/** Ends a watch that is being opened as soon as it is open. */
function endSoon(server: FakeApiServer, method: ClusterMethod): void {
  if (method === 'watchPods') setImmediate(() => server.watches.end('quiet'))
}
