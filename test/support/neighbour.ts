import assert from 'node:assert/strict'
import type { Watch } from './kubectl.ts'
import type { TestNode } from './test-node.ts'
import { isReady, podManifest, shell, untilTold } from './test-pod.ts'

interface Lease {
  readonly spec?: { readonly renewTime?: string; readonly leaseDurationSeconds?: number }
}

/** A well-behaved Pod beside others, probed each second, and the lease of its node: what must not suffer from them. */
export class Neighbour implements Disposable {
  readonly #node: TestNode
  readonly #leases: Watch<Lease>

  private constructor(node: TestNode) {
    this.#node = node
    this.#leases = node.kubectl.watch('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', node.name)
  }

  /** Resolves when it is ready and the node's lease is there. */
  static async moveIn(node: TestNode): Promise<Neighbour> {
    using begun = new DisposableStack()
    const neighbour = begun.use(new Neighbour(node))
    const readinessProbe = { exec: { command: ['true'] }, periodSeconds: 1, timeoutSeconds: 10 }
    await node.createUntil(podManifest('neighbour', [shell('main', untilTold, { readinessProbe })]), 'ready', isReady)
    await neighbour.#leases.changes.first('the lease', ({ object }) => object.spec?.renewTime !== undefined)
    begun.move()
    return neighbour
  }

  /** Throws when it was ever not ready since it moved in, answers no command, or the node's lease was late once. */
  async assertUnharmed(): Promise<void> {
    const answer = await this.#node.kubectl.run('exec', 'neighbour', '--', 'echo', 'alive')
    assert.equal(answer, 'alive')
    const versions = this.#node.versions('neighbour')
    const since = versions.slice(versions.findIndex(isReady))
    assert.ok(since.every(isReady), 'the neighbour was not ready all the time')
    assert.equal(since.at(-1)?.status?.containerStatuses?.[0]?.restartCount, 0)
    assert.deepEqual(this.#lateRenewals(), [])
  }

  /** Times between two renewals, or since the last, that are longer than a lease lasts; in seconds. */
  #lateRenewals(): readonly number[] {
    const renewals = this.#leases.changes.items.map(({ object }) => Date.parse(object.spec?.renewTime ?? ''))
    const gaps = [...renewals, Date.now()].map((time, index, times) => (time - (times[index - 1] ?? time)) / 1000)
    const lasts = this.#leases.changes.items[0]?.object.spec?.leaseDurationSeconds ?? 0
    return gaps.filter((gap) => gap >= lasts)
  }

  [Symbol.dispose](): void {
    this.#leases[Symbol.dispose]()
  }
}
