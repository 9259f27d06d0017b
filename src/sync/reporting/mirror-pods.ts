import { backOffMs, type BackOffLimits } from '../../cluster/back-off.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { KubeletError } from '../../model/errors.ts'
import type { KubeNode, Pod } from '../../model/kube.ts'
import { isStaticPod } from '../../model/pod.ts'
import { mirrorActions, mirroredUid, type MirrorAction } from '../../plan/mirror-actions.ts'
import { mirrorPod, type MirrorOwner } from '../../plan/mirror-pod.ts'
import { Bell } from '../../util/bell.ts'
import type { StatusBoard } from './status-board.ts'

export interface MirrorPodsOptions {
  readonly cluster: Pick<Cluster, 'createPod' | 'deletePod' | 'getPod' | 'getNode'>
  readonly nodeName: string
  readonly statuses: StatusBoard
  /** The Pods that this node should have. */
  readonly wanted: () => readonly Pod[]
  /** UIDs of Pods that run here, or of which something has still to be ended or taken away. */
  readonly held: () => Iterable<string>
  /** Whether every manifest has been read. */
  readonly allRead: () => boolean
  /** Told of what keeps a mirror Pod from being made or taken away, once for each reason. */
  readonly onFault: (error: KubeletError) => void
}

/** What has been tried of an action that is still to be done. */
interface Try {
  /** In a row. */
  readonly failures: number
  /** When it may be tried again; infinity while a try is under way. */
  readonly untilMs: number
  /** What has been told of it. */
  readonly complaint: string | undefined
}

const backOff: BackOffLimits = { initialMs: 500, maxMs: 60_000 }
/** The watch shows within this time that a request has worked, else it is sent again. */
const unshownMs = 10_000

/**
 * Keeps one mirror Pod in the API server for each static Pod, so that it can be seen there. What happens to a mirror has
 * no effect on the static Pod: it is only made anew.
 *
 * INVARIANT: what mirrors there are is known from the watch alone, never from the answer to a request, which may come
 * after the news that it is gone again.
 */
export class MirrorPods {
  readonly #options: MirrorPodsOptions
  readonly #bell = new Bell()
  /** By UID. */
  readonly #mirrors = new Map<string, Pod>()
  readonly #seen = new Set<string>()
  readonly #tries = new Map<string, Try>()
  #listed = false
  #registered = false
  #owner: MirrorOwner | undefined

  constructor(options: MirrorPodsOptions) {
    this.#options = options
  }

  /** The API server has (a new version of) a mirror Pod of this node. */
  set(mirror: Pod): void {
    this.#mirrors.set(mirror.metadata.uid, mirror)
    this.#options.statuses.addMirror(mirror)
    this.look()
  }

  /** How many of them the API server has. */
  get size(): number {
    return this.#mirrors.size
  }

  /** The UID of the static Pod behind a mirror; of anything else the UID as it is. */
  staticUid(uid: string): string {
    const mirror = this.#mirrors.get(uid)
    return mirror === undefined ? uid : mirroredUid(mirror)
  }

  /** The API server does not have it any more. */
  removed(mirror: Pod): void {
    this.#mirrors.delete(mirror.metadata.uid)
    this.#seen.delete(mirroredUid(mirror))
    this.#options.statuses.removeMirror(mirror)
    this.look()
  }

  /** All mirror Pods have been said once. */
  listed(): void {
    this.#listed = true
    this.look()
  }

  /** There is a Node to own mirror Pods. One without UID, as of an agent that doesn't register it, is asked for. */
  registered(node: KubeNode): void {
    this.#owner = ownerFrom(node)
    this.#registered = true
    this.look()
  }

  /** Some Pod has ended. Only a mirror that is there may have waited for that. */
  over(): void {
    if (this.#mirrors.size > 0) this.look()
  }

  /** Static Pods have come, changed, or ended. */
  look(): void {
    this.#bell.ring()
  }

  /** Runs until `signal` fires. Never throws for the server's sake. */
  async run(signal: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>()
    while (!signal.aborted) {
      for (const action of this.#due(Date.now())) {
        const attempt = this.#try(action, signal).finally(() => underWay.delete(attempt))
        underWay.add(attempt)
      }
      await this.#bell.wait(this.#nextTryMs(), signal)
    }
    await Promise.all(underWay)
  }

  /** Takes away every mirror Pod of this node, as well as that can be done before `signal` fires. */
  async removeAll(signal: AbortSignal): Promise<void> {
    const deletions = [...this.#mirrors.values()].map((mirror) => this.#delete(mirror, signal))
    for (const result of await Promise.allSettled(deletions)) {
      if (result.status === 'rejected') this.#options.onFault(KubeletError.from(result.reason))
    }
  }

  /** What is to be done and not waiting for another try. Forgets the tries of what is not wanted any more. */
  #due(nowMs: number): readonly MirrorAction[] {
    const actions = this.#actions()
    const keys = new Set(actions.map(keyOf))
    for (const key of this.#tries.keys()) if (!keys.has(key)) this.#tries.delete(key)
    return actions.filter((action) => (this.#tries.get(keyOf(action))?.untilMs ?? 0) <= nowMs)
  }

  #actions(): readonly MirrorAction[] {
    const { wanted, held, allRead } = this.#options
    const staticPods = wanted().filter(isStaticPod)
    for (const { metadata } of staticPods) this.#seen.add(metadata.uid)
    if (!this.#listed) return []
    const mirrors = [...this.#mirrors.values()]
    const facts = { staticPods, mirrors, held: new Set(held()), seen: this.#seen, allRead: allRead() }
    return mirrorActions(facts).filter(({ kind }) => kind === 'delete' || this.#registered)
  }

  #nextTryMs(): number | undefined {
    const times = [...this.#tries.values()].map(({ untilMs }) => untilMs)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  async #try(action: MirrorAction, signal: AbortSignal): Promise<void> {
    const { failures: failed = 0, complaint: told } = this.#tries.get(keyOf(action)) ?? {}
    this.#tries.set(keyOf(action), { failures: failed, untilMs: Number.POSITIVE_INFINITY, complaint: told })
    const fault = await this.#faultOf(action, signal)
    if (fault?.code === 'aborted') return
    if (fault !== undefined && fault.message !== told) this.#options.onFault(fault)
    const failures = fault === undefined ? 0 : failed + 1
    const waitMs = fault === undefined ? unshownMs : backOffMs(failures, fault, backOff, Math.random())
    this.#tries.set(keyOf(action), { failures, untilMs: Date.now() + waitMs, complaint: fault?.message ?? told })
    this.look()
  }

  /** Does it, and returns what kept it from being done. */
  async #faultOf(action: MirrorAction, signal: AbortSignal): Promise<KubeletError | undefined> {
    try {
      if (action.kind === 'create') await this.#create(action.staticPod, signal)
      else await this.#delete(action.mirror, signal)
      return undefined
    } catch (error) {
      return KubeletError.from(error)
    }
  }

  async #create(staticPod: Pod, signal: AbortSignal): Promise<void> {
    const { cluster } = this.#options
    const draft = mirrorPod(staticPod, await this.#findOwner(signal))
    try {
      await cluster.createPod(draft, signal)
    } catch (error) {
      // The Node may be another one by now, under the same name.
      if (KubeletError.is(error, 'forbidden')) this.#owner = undefined
      if (!KubeletError.is(error, 'conflict')) throw error
      const { namespace, name, uid } = staticPod.metadata
      if (mirroredUid(await cluster.getPod(namespace, name, signal)) !== uid) throw error
    }
  }

  async #delete({ metadata: { namespace, name, uid } }: Pod, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.cluster.deletePod({ namespace, name, uid }, signal)
    } catch (error) {
      // Gone, or another's name by now.
      if (!KubeletError.is(error, 'not-found', 'conflict')) throw error
    }
  }

  async #findOwner(signal: AbortSignal): Promise<MirrorOwner> {
    if (this.#owner !== undefined) return this.#owner
    const { cluster, nodeName } = this.#options
    const owner = ownerFrom(await cluster.getNode(nodeName, signal))
    if (owner === undefined)
      throw new KubeletError('unavailable', `Cannot make mirror Pods: node "${nodeName}" is being deleted`)
    this.#owner = owner
    return owner
  }
}

/** A Node that is on its way out gets no more Pods. */
function ownerFrom({ metadata }: KubeNode): MirrorOwner | undefined {
  if (metadata?.name === undefined || metadata.uid === undefined) return undefined
  return metadata.deletionTimestamp === undefined ? { name: metadata.name, uid: metadata.uid } : undefined
}

/** One action on one version of one Pod. */
function keyOf(action: MirrorAction): string {
  return action.kind === 'create' ? `create ${action.staticPod.metadata.uid}` : `delete ${action.mirror.metadata.uid}`
}
