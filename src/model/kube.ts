/**
 * The API server's objects as they come over the wire: client-node's types, but JSON. client-node declares times as
 * `Date`, because its own deserialiser makes them; this agent reads plain JSON, in which they are RFC 3339 strings.
 */
import type {
  V1Container,
  V1ContainerStatus,
  V1EphemeralContainer,
  V1Lease,
  V1LifecycleHandler,
  V1Node,
  V1NodeCondition,
  V1NodeStatus,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodCondition,
  V1PodSpec,
  V1PodStatus,
  V1RuntimeClass,
  V1TokenRequestSpec,
  V1Volume,
  V1VolumeMount,
  CoreV1Event,
} from '@kubernetes/client-node'

/** A type as JSON has it: deeply read-only, every `Date` a string. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Wire<T[Key]> }
      : T

export type PodSpec = Wire<V1PodSpec>
export type PodStatus = Wire<V1PodStatus>
export type PodCondition = Wire<V1PodCondition>
export type ContainerSpec = Wire<V1Container>
/** What a hook of a container does: one of its members is set. */
export type LifecycleHandler = Wire<V1LifecycleHandler>
/** Has every field of a container, and the container that it is to look at. */
export type EphemeralContainerSpec = Wire<V1EphemeralContainer>
export type ContainerStatus = Wire<V1ContainerStatus>
export type VolumeSpec = Wire<V1Volume>
export type VolumeMountSpec = Wire<V1VolumeMount>
export type KubeNode = Wire<V1Node>
export type NodeStatus = Wire<V1NodeStatus>
export type NodeCondition = Wire<V1NodeCondition>
export type Lease = Wire<V1Lease>
/** Names a way to run Pods: `handler` is the runtime's word for it. */
export type RuntimeClass = Wire<V1RuntimeClass>
export type KubeEvent = Wire<CoreV1Event>
/** Whom a token of a ServiceAccount is for (nobody named: the API server itself), how long it is good, what it ends with. */
export type TokenRequestSpec = Wire<V1TokenRequestSpec>

type RawPod = Wire<V1Pod>
type RawMetadata = NonNullable<RawPod['metadata']>

/** A Pod that has been decoded at the boundary (API server or manifest): named, with a UID and at least one container. */
export interface Pod extends Omit<RawPod, 'metadata' | 'spec'> {
  readonly metadata: RawMetadata & { readonly name: string; readonly namespace: string; readonly uid: string }
  readonly spec: PodSpec
}

/** A Pod that is still to be created: its UID is the API server's to give. */
export interface PodDraft extends Omit<Pod, 'metadata'> {
  readonly metadata: Omit<Pod['metadata'], 'uid'>
}

/** Names a ConfigMap or a Secret. */
export interface DataObjectRef {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly namespace: string
  readonly name: string
}

/** A ConfigMap or a Secret: the two have one shape. `data` is text in a ConfigMap, and base64 in a Secret. */
export interface DataObject {
  readonly metadata: RawMetadata & { readonly namespace: string; readonly name: string; readonly uid: string }
  /** It never changes; it may be deleted. */
  readonly immutable?: boolean
  /** Of a Secret only. */
  readonly type?: string
  readonly data?: Readonly<Record<string, string>>
  /** Of a ConfigMap only, in base64. */
  readonly binaryData?: Readonly<Record<string, string>>
}

type RawClaim = Wire<V1PersistentVolumeClaim>
type RawVolume = Wire<V1PersistentVolume>
type RawVolumeSpec = NonNullable<RawVolume['spec']>

/** A claim, as far as a node reads it. */
export interface PersistentVolumeClaim {
  readonly metadata: RawMetadata & { readonly namespace: string; readonly name: string; readonly uid: string }
  readonly spec?: Pick<NonNullable<RawClaim['spec']>, 'volumeName'>
  readonly status?: Pick<NonNullable<RawClaim['status']>, 'phase'>
}

/** A PersistentVolume, as far as a node reads it: `spec` has one more member, which says what kind of volume it is. */
export interface PersistentVolume {
  readonly metadata: RawMetadata & { readonly name: string }
  readonly spec: Pick<
    RawVolumeSpec,
    'accessModes' | 'claimRef' | 'hostPath' | 'local' | 'mountOptions' | 'nfs' | 'nodeAffinity' | 'volumeMode'
  >
}

/** Asks for a token of a ServiceAccount, for a Pod. */
export interface TokenRequest {
  readonly namespace: string
  readonly serviceAccount: string
  readonly spec: TokenRequestSpec
}

/** A token of a ServiceAccount as the API server has issued it. */
export interface IssuedToken {
  readonly token: string
  /** How long it is good from when it was issued: the server may give another time than it was asked for. */
  readonly lifetimeSeconds: number
}

/** What of a Service a node needs: thousands of them are kept. */
export interface Service {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion: string }
  readonly spec: {
    /** Empty, or `None`, where it has none. */
    readonly clusterIP: string
    readonly ports: readonly ServicePort[]
  }
}

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly protocol: string
}
