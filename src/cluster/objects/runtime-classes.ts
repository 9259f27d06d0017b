import { KubeletError } from '../../model/errors.ts'
import type { RuntimeClass } from '../../model/kube.ts'
import type { Cluster } from '../cluster.ts'

/**
 * What the RuntimeClasses that Pods name stand for. Asked for anew with each sandbox, so that one that has just been made is
 * found and one that is gone is not; while the server does not answer, what it said last is good: no handler ever changes.
 */
export class RuntimeClasses {
  readonly #cluster: Pick<Cluster, 'getRuntimeClass'>
  readonly #known = new Map<string, RuntimeClass>()

  constructor(cluster: Pick<Cluster, 'getRuntimeClass'>) {
    this.#cluster = cluster
  }

  /** Throws `aborted` and, in the kubelet's words (pkg/kubelet/runtimeclass), `not-found` and what keeps it from knowing. */
  async get(name: string, signal: AbortSignal): Promise<RuntimeClass> {
    try {
      const found = await this.#cluster.getRuntimeClass(name, signal)
      this.#known.set(name, found)
      return found
    } catch (error) {
      const { code, message } = KubeletError.from(error)
      if (code === 'aborted') throw error
      if (code === 'not-found') {
        this.#known.delete(name)
        throw new KubeletError('not-found', `runtimeclass.node.k8s.io "${name}" not found`, { cause: error })
      }
      const known = this.#known.get(name)
      if (known !== undefined) return known
      throw new KubeletError('internal', `failed to lookup RuntimeClass ${name}: ${message}`, { cause: error })
    }
  }
}
