import type { Cluster, Patch } from '../../../src/cluster/cluster.ts'
import type { DataObjectRef, Pod } from '../../../src/model/kube.ts'
import type { NewPod } from '../../fakes/fake-api-server.ts'
import type { NewClaim, NewVolume } from '../../fakes/fake-claims.ts'
import type { NewObject, NewService } from '../../fakes/fake-objects.ts'

/** What users and controllers do. */
export interface ClusterAdmin {
  createPod(pod: NewPod): Promise<Pod>
  /** Creates or replaces a ConfigMap or a Secret. */
  putObject(object: NewObject): Promise<void>
  deleteObject(ref: DataObjectRef): Promise<void>
  putService(service: NewService): Promise<void>
  deleteService(namespace: string, name: string): Promise<void>
  putRuntimeClass(name: string, handler: string): Promise<void>
  deleteRuntimeClass(name: string): Promise<void>
  /** Creates a claim that is not bound. */
  putClaim(claim: NewClaim): Promise<void>
  /** Creates a PersistentVolume, and binds the two. */
  bindClaim(claim: NewClaim, volume: NewVolume): Promise<void>
  /** Approves a request for a certificate, which is then signed, or denies it. */
  decideRequest(name: string, decision: 'Approved' | 'Denied'): Promise<void>
  deleteRequest(name: string): Promise<void>
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
