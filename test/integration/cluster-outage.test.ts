import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { podSource } from '../../src/cluster/pod-source.ts'
import { KubeletError } from '../../src/model/errors.ts'
import { clusterHarness, kubeClient, kubeCluster, serverOf, type RealClusterHarness } from './cluster-harness.ts'
import { SpareApiServer } from './spare-api-server.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** Watches that end soon, so that a dead one is noticed soon. */
const shortWatch = { seconds: 1, graceMs: 500 }

let harness: RealClusterHarness
before(async () => {
  harness = await clusterHarness()
})
after(() => harness[Symbol.asyncDispose]())

interface Watching {
  /** Waits for the next change, as `kind name`. */
  readonly next: () => Promise<string>
  readonly faults: readonly KubeletError[]
}

/** The source of Pods, read by the test; it ends with the test. */
function watching(t: TestContext, cluster: Cluster): Watching {
  const stop = new AbortController()
  const faults: KubeletError[] = []
  const onFault = (fault: KubeletError): void => void faults.push(fault)
  const backOff = { initialMs: 50, maxMs: 200 }
  const changes = podSource({ cluster, nodeName: harness.nodeName, onFault, backOff }, stop.signal)
  t.after(() => {
    stop.abort()
    cluster.close()
  })
  const next = async (): Promise<string> => {
    const { value, done } = await changes.next()
    if (done === true) assert.fail('the source has ended')
    return value.kind === 'synced' || value.kind === 'unreadable'
      ? value.kind
      : `${value.kind} ${value.pod.metadata.name}`
  }
  return { next, faults }
}

function createPod(name: string): ReturnType<RealClusterHarness['admin']['createPod']> {
  const { admin, namespace, nodeName } = harness
  return admin.createPod({ name, namespace, nodeName })
}

describe('an API server behind a bad line', { timeout: 120_000 }, () => {
  async function makeProxy(): Promise<TcpProxy> {
    const { hostname, port } = await serverOf(harness.kubeconfig)
    return TcpProxy.to(hostname, Number(port))
  }

  it('is watched again when the watch is dead without being closed', async (t) => {
    await using proxy = await makeProxy()
    const { next, faults } = watching(t, kubeCluster(harness.kubeconfig, { port: proxy.port, watch: shortWatch }))
    while ((await next()) !== 'synced');
    const opened = await createPod('before-the-black-hole')
    assert.equal(await next(), `set ${opened.metadata.name}`)
    proxy.blackHole()
    await createPod('in-the-black-hole')
    assert.equal(await next(), 'set in-the-black-hole')
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['unavailable'],
    )
    assert.match(
      faults[0]?.message ?? '',
      /^Cannot watch the Pods of node ".*": no answer from https:.* within \d\.\d s$/,
    )
  })

  it('is asked again over a new connection when the old one is dead without being closed', async (t) => {
    await using proxy = await makeProxy()
    const client = kubeClient(harness.kubeconfig, proxy.port)
    t.after(() => client.close())
    const ask = (limitMs: number): Promise<unknown> =>
      client.request({ what: 'ask', method: 'GET', path: '/version', limitMs }, t.signal)
    await ask(10_000)
    proxy.blackHole()
    await assert.rejects(ask(200), (error) => KubeletError.is(error, 'unavailable'))
    await ask(10_000)
  })

  it('is waited for while it refuses connections, and what happened meanwhile is told', async (t) => {
    await using proxy = await makeProxy()
    const { next, faults } = watching(t, kubeCluster(harness.kubeconfig, { port: proxy.port, watch: shortWatch }))
    while ((await next()) !== 'synced');
    const kept = await createPod('before-the-outage')
    await next()
    proxy.breakDown()
    const pending = next()
    await harness.admin.deletePod(kept, 0)
    while (faults.length < 3) await new Promise<void>((resolve) => setImmediate(resolve))
    proxy.restore()
    const changes = [await pending, await next()]
    assert.deepEqual(changes, ['set before-the-outage', 'removed before-the-outage'])
    assert.ok(faults.every(({ code }) => code === 'unavailable'))
  })
})

describe('an API server that is restarted', { timeout: 120_000 }, () => {
  it('is watched on where it was, and nothing is lost', async (t) => {
    await using server = await SpareApiServer.make()
    await server.start()
    const { next, faults } = watching(t, kubeCluster(harness.kubeconfig, { port: server.port }))
    while ((await next()) !== 'synced');
    const gone = await createPod('gone-meanwhile')
    assert.equal(await next(), 'set gone-meanwhile')
    await server.stop()
    await harness.admin.deletePod(gone, 0)
    await createPod('come-meanwhile')
    const pending = next()
    await server.start()
    const changes = [await pending]
    while (!changes.includes('set come-meanwhile') || !changes.includes('removed gone-meanwhile'))
      changes.push(await next())
    assert.ok(faults.length > 0)
  })

  it('tells who comes from too long ago to list again', async (t) => {
    await using server = await SpareApiServer.make()
    await server.start()
    const cluster = kubeCluster(harness.kubeconfig, { port: server.port })
    t.after(() => cluster.close())
    // It was just started: what happened before, it does not know.
    const watch = cluster.watchPods(harness.nodeName, '1', t.signal)[Symbol.asyncIterator]()
    await assert.rejects(watch.next(), (error) => {
      assert.ok(KubeletError.is(error, 'gone'), String(error))
      assert.match(
        error.message,
        /^Cannot watch the Pods of node ".*": too old resource version: 1 \(\d+\) \(HTTP 410\)$/,
      )
      return true
    })
  })
})
