import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { podSource } from '../../src/cluster/pod-source.ts'
import { sideBySide } from '../../src/util/side-by-side.ts'
import { everyStep } from '../support/every-step.ts'
import { clusterHarness, kubeCluster, serverOf, type RealClusterHarness } from './cluster-harness.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** Of other nodes: enough to be seen in what is sent, and what is not sent does not grow. */
const others = 200
/** A Pod that is made here is no shorter as JSON. */
const leastPodBytes = 1000

let harness: RealClusterHarness
before(async () => {
  harness = await clusterHarness()
})
after(() => harness[Symbol.asyncDispose]())

/** What the server has sent to a node that watches its Pods, when it has seen this one; from the list on. */
class WatchingNode implements AsyncDisposable {
  readonly #proxy: TcpProxy
  readonly #stop = new AbortController()
  readonly #changes: ReturnType<typeof podSource>
  readonly #close: () => void

  private constructor(proxy: TcpProxy) {
    this.#proxy = proxy
    const cluster = kubeCluster(harness.kubeconfig, { port: proxy.port })
    this.#close = () => cluster.close()
    const onFault = (fault: Error): never => assert.fail(fault)
    this.#changes = podSource({ cluster, nodeName: harness.nodeName, onFault }, this.#stop.signal)
  }

  static async begin(): Promise<WatchingNode> {
    const { hostname, port } = await serverOf(harness.kubeconfig)
    return new WatchingNode(await TcpProxy.to(hostname, Number(port)))
  }

  /** Makes a Pod of this node's, and waits until it has come; fails when another one comes. */
  async bytesUntil(name: string): Promise<number> {
    const { admin, namespace, nodeName } = harness
    await admin.createPod({ name, namespace, nodeName })
    for (;;) {
      const { value, done } = await this.#changes.next()
      if (done === true) throw new Error(`Nothing was heard of Pod "${name}"`)
      if (value.kind === 'synced' || value.kind === 'unreadable') continue
      assert.equal(value.pod.spec.nodeName, nodeName)
      if (value.pod.metadata.name === name) return this.#proxy.bytesReceived
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await everyStep(
      () => this.#changes.return(undefined),
      () => this.#close(),
      () => this.#proxy[Symbol.asyncDispose](),
    )
  }
}

describe('Pods of other nodes', { timeout: 300_000 }, () => {
  it('are neither listed nor watched: a node hears nothing of them', async () => {
    const { admin, namespace } = harness
    await using node = await WatchingNode.begin()
    const before = await node.bytesUntil('first')
    const made = Array.from({ length: others }, (_, index) => `other-${index}`)
    await sideBySide(8, made, async (name) => {
      await admin.createPod({ name, namespace, nodeName: `elsewhere-${name}` })
    })
    const watched = (await node.bytesUntil('second')) - before
    // Its own Pod, and the frames of a bookmark or two.
    assert.ok(watched < 10 * leastPodBytes, `${watched} bytes watched`)
    await using late = await WatchingNode.begin()
    const listed = await late.bytesUntil('third')
    // Connecting, and three Pods of its own.
    assert.ok(listed < 20 * leastPodBytes, `${listed} bytes listed`)
  })
})
