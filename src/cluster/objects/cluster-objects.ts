import type { KubeletError } from '../../model/errors.ts'
import type { PodUid } from '../../model/ids.ts'
import type { DataObjectRef, TokenRequest } from '../../model/kube.ts'
import type { BackOffLimits } from '../back-off.ts'
import type { Cluster } from '../cluster.ts'
import { BoundVolumes } from './bound-volumes.ts'
import { ObjectCache } from './object-cache.ts'
import { RuntimeClasses } from './runtime-classes.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'
import { ServiceCache } from './service-cache.ts'

export interface ClusterObjectsOptions {
  readonly cluster: Cluster
  readonly idleMs: number
  /** What a Pod waits for, or has read, is not what it was; `undefined`: whatever any Pod waits for. */
  readonly onChange: (uid: PodUid | undefined) => void
  readonly onFault: (what: string, error: KubeletError) => void
  readonly backOff?: BackOffLimits
  /** Ends with the agent. */
  readonly signal: AbortSignal
}

/** What Pods refer to in the API server, beside each other and their Node. */
export class ClusterObjects implements AsyncDisposable {
  /** ConfigMaps and Secrets. */
  readonly data: ObjectCache
  readonly services: ServiceCache
  readonly tokens: ServiceAccountTokens
  readonly runtimeClasses: RuntimeClasses
  readonly boundVolumes: BoundVolumes

  constructor({ cluster, onChange, onFault, ...options }: ClusterObjectsOptions) {
    const nameOf = ({ kind, namespace, name }: DataObjectRef): string => `${kind} "${namespace}/${name}"`
    this.data = new ObjectCache({
      ...options,
      cluster,
      onChange,
      onFault: (ref, error) => onFault(nameOf(ref), error),
    })
    this.tokens = new ServiceAccountTokens({
      ...options,
      cluster,
      onFault: (request, error) => onFault(tokenOf(request), error),
    })
    this.runtimeClasses = new RuntimeClasses(cluster)
    this.boundVolumes = new BoundVolumes(cluster)
    this.services = new ServiceCache({
      ...options,
      cluster,
      onRead: () => onChange(undefined),
      onFault: (error) => onFault('Services', error),
    })
  }

  /** The Pod reads nothing any more. */
  forget(uid: PodUid): void {
    this.data.forget(uid)
    this.tokens.forget(uid)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.data[Symbol.asyncDispose](), this.tokens[Symbol.asyncDispose]()])
  }
}

function tokenOf({ namespace, serviceAccount }: TokenRequest): string {
  return `A token of ServiceAccount "${namespace}/${serviceAccount}"`
}
