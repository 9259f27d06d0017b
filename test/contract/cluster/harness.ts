import type { Cluster, Patch } from '../../../src/cluster/cluster.ts'
import type { Pod } from '../../../src/model/kube.ts'
import type { NewPod, NewSecret } from '../../fakes/fake-api-server.ts'

/** What users and controllers do. */
export interface ClusterAdmin {
  createPod(pod: NewPod): Promise<Pod>
  createSecret(secret: NewSecret): Promise<void>
  updatePod(pod: Pod, patch: Patch): Promise<void>
  /** Without `graceSeconds` the Pod's own grace. */
  deletePod(pod: Pod, graceSeconds?: number): Promise<void>
}

export interface ClusterHarness extends AsyncDisposable {
  /** With the identity of the node. */
  readonly cluster: Cluster
  readonly nodeName: string
  readonly admin: ClusterAdmin
  /** Of this harness alone. */
  readonly namespace: string
}
