import { backOffMs, pause, type BackOffLimits } from '../cluster/back-off.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { KubeletError } from '../model/errors.ts'
import type { Lease } from '../model/kube.ts'

export interface LeaseOptions {
  readonly cluster: Pick<Cluster, 'getLease' | 'createLease' | 'updateLease' | 'getNode'>
  readonly nodeName: string
  /** A node whose lease is older than this is unreachable for the node controller. The kubelet's 40 s when left out. */
  readonly durationSeconds?: number
  /** Told of each renewal that failed and of the wait before the next try, in milliseconds. */
  readonly onFault: (error: KubeletError, retryInMs: number) => void
  /** For tests; a renewal each quarter of the duration when left out. */
  readonly timing?: LeaseTiming
}

export interface LeaseTiming {
  readonly periodMs: number
  readonly backOff: BackOffLimits
}

const usualDurationSeconds = 40
const usualBackOff: BackOffLimits = { initialMs: 200, maxMs: 7_000 }
/** Nodes that started together drift apart by up to this part of a period. */
const jitter = 0.04
/** In one renewal, while somebody else keeps writing the lease. */
const mostConflicts = 5

/**
 * Renews the node's lease, `kube-node-lease/<node>`, until `signal` fires: the node's heartbeat. As the kubelet does
 * (component-helpers/apimachinery/lease): a renewal is one PUT on top of the last answer, and only if that fails is
 * the lease read. Failures are reported and tried again sooner than the next period.
 */
export async function keepLease(options: LeaseOptions, signal: AbortSignal): Promise<void> {
  const { periodMs, backOff } = options.timing ?? { periodMs: durationOf(options) * 250, backOff: usualBackOff }
  const lease = new NodeLease(options)
  let failures = 0
  while (!signal.aborted) {
    const fault = await lease.renew(signal)
    failures = fault === undefined ? 0 : failures + 1
    const waitMs =
      fault === undefined ? periodMs * (1 + jitter * Math.random()) : backOffMs(failures, fault, backOff, Math.random())
    if (fault !== undefined && fault.code !== 'aborted') options.onFault(fault, waitMs)
    await pause(waitMs, signal)
  }
}

function durationOf({ durationSeconds = usualDurationSeconds }: LeaseOptions): number {
  return durationSeconds
}

class NodeLease {
  readonly #options: LeaseOptions
  /** As the server answered last: nobody else writes it, so it is still the newest. */
  #latest: Lease | undefined

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  /** One renewal; what went wrong, if anything did. */
  async renew(signal: AbortSignal): Promise<KubeletError | undefined> {
    try {
      for (let tries = 1; ; tries += 1) {
        const conflict = await this.#tryOnce(signal)
        if (conflict === undefined) return undefined
        if (tries === mostConflicts) return conflict
      }
    } catch (error) {
      return KubeletError.from(error)
    }
  }

  /** A conflict, or a lease that is gone, is returned: then it has to be read again. */
  async #tryOnce(signal: AbortSignal): Promise<KubeletError | undefined> {
    try {
      const latest = this.#latest ?? (await this.#find(signal))
      const isNew = latest === undefined
      const lease = isNew ? await this.#create(signal) : await this.#update(latest, signal)
      this.#latest = lease
      return undefined
    } catch (error) {
      if (!KubeletError.is(error, 'conflict', 'not-found')) throw error
      this.#latest = undefined
      return error
    }
  }

  async #find(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#options.cluster.getLease(this.#options.nodeName, signal)
    } catch (error) {
      if (KubeletError.is(error, 'not-found')) return undefined
      throw error
    }
  }

  /** Not before there is a Node: the lease goes with it, and so must name it. That will be tried at the next renewal. */
  async #create(signal: AbortSignal): Promise<Lease | undefined> {
    const { cluster, nodeName } = this.#options
    const ownerReferences = await this.#owners(signal)
    if (ownerReferences.length === 0) return undefined
    const metadata = { name: nodeName, namespace: 'kube-node-lease', ownerReferences }
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: this.#spec() }
    return cluster.createLease(lease, signal)
  }

  async #update(latest: Lease, signal: AbortSignal): Promise<Lease> {
    const known = latest.metadata?.ownerReferences ?? []
    const ownerReferences = known.length > 0 ? known : await this.#owners(signal)
    const lease = {
      ...latest,
      metadata: { ...latest.metadata, ownerReferences },
      spec: { ...latest.spec, ...this.#spec() },
    }
    return this.#options.cluster.updateLease(lease, signal)
  }

  #spec(): NonNullable<Lease['spec']> {
    // The API's MicroTime has exactly six decimals.
    const renewTime = new Date().toISOString().replace('Z', '000Z')
    return { holderIdentity: this.#options.nodeName, leaseDurationSeconds: durationOf(this.#options), renewTime }
  }

  async #owners(signal: AbortSignal): Promise<NonNullable<NonNullable<Lease['metadata']>['ownerReferences']>> {
    const { cluster, nodeName } = this.#options
    try {
      const uid = (await cluster.getNode(nodeName, signal)).metadata?.uid ?? ''
      return [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }]
    } catch (error) {
      if (KubeletError.is(error, 'not-found')) return []
      throw error
    }
  }
}
