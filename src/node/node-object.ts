import type { KubeletConfig } from '../config/config.ts'
import type { EngineImage, EngineInfo } from '../engine/engine.ts'
import type { PressureCondition } from '../model/eviction-threshold.ts'
import type { KubeNode, NodeStatus } from '../model/kube.ts'
import { gpuRuntime } from '../translate/resources/gpus.ts'
import { nodeConditions } from './node-conditions.ts'
import type { NodeFacts } from './node-facts.ts'
import { nodeImages } from './node-images.ts'
import { operatorsResources } from './stale-resources.ts'
import { nodeAllocatable, nodeCapacity, type NodeResources } from './node-resources.ts'

/** What the Node object is made of. */
export interface NodeInput {
  readonly config: Pick<
    KubeletConfig,
    | 'nodeName'
    | 'nodeLabels'
    | 'registerWithTaints'
    | 'providerId'
    | 'maxPods'
    | 'podsPerCore'
    | 'systemReserved'
    | 'kubeReserved'
    | 'eviction'
    | 'nodeStatusMaxImages'
    | 'port'
  >
  /** As in version.ts. */
  readonly kubeletVersion: string
  readonly facts: NodeFacts
  /** What Docker said last; a Docker that is down is in `errors`. */
  readonly engine: EngineInfo
  readonly images: readonly EngineImage[]
  /** What keeps the node from being ready, see node-health; empty when nothing does. */
  readonly errors: readonly string[]
  /** What the node is short of. */
  readonly pressures: readonly PressureCondition[]
  /** The status that the API server has, for the times of transitions. */
  readonly previous: NodeStatus | undefined
  readonly nowMs: number
}

/** The Node as the kubelet creates it: labels, annotation, taints and the first status. */
export function nodeObject(input: NodeInput): KubeNode {
  const { nodeName, nodeLabels, registerWithTaints, providerId } = input.config
  const architecture = goArchitecture(input.engine.architecture)
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: {
        'beta.kubernetes.io/arch': architecture,
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture,
        'kubernetes.io/hostname': nodeName,
        'kubernetes.io/os': 'linux',
        ...nodeLabels,
      },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: {
      ...(providerId !== undefined && { providerID: providerId }),
      ...(registerWithTaints.length > 0 && {
        taints: registerWithTaints.map(({ key, value, effect }) => ({ key, effect, ...(value !== '' && { value }) })),
      }),
    },
    status: nodeStatus(input),
  }
}

/**
 * The status of the Node. Equal inputs give equal values, but for the heartbeats: the server is told only when something
 * is new. What the agent does not do is left out.
 */
export function nodeStatus(input: NodeInput): NodeStatus {
  const { config, facts, engine, errors, pressures, previous, nowMs } = input
  const resources = nodeResources(input)
  return {
    addresses: [
      ...facts.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: config.nodeName },
    ],
    capacity: nodeCapacity(resources),
    allocatable: { ...operatorsResources(previous, nodeCapacity(resources)), ...nodeAllocatable(resources) },
    nodeInfo: nodeInfo(input),
    images: nodeImages(input.images, config.nodeStatusMaxImages),
    runtimeHandlers: runtimeHandlers(engine),
    declaredFeatures,
    ...(config.port > 0 && { daemonEndpoints: { kubeletEndpoint: { Port: config.port } } }),
    conditions: nodeConditions({ errors, pressures, previous: previous?.conditions ?? [], nowMs }),
  }
}

/** The GPUs that Docker can give to containers: without NVIDIA's runtime it can give none. */
export function dockersGpus(
  { gpus }: Pick<NodeFacts, 'gpus'>,
  { runtimes }: Pick<EngineInfo, 'runtimes'>,
): readonly string[] {
  return runtimes.includes(gpuRuntime) ? gpus : []
}

/** What the machine has, and what of it is not for Pods. */
export function nodeResources({
  config,
  facts,
  engine,
}: Pick<NodeInput, 'config' | 'facts' | 'engine'>): NodeResources {
  return {
    ...facts,
    cpus: engine.cpus,
    memoryBytes: engine.memoryBytes,
    gpus: dockersGpus(facts, engine).length,
    maxPods: config.maxPods,
    podsPerCore: config.podsPerCore,
    reserved: [config.systemReserved, config.kubeReserved],
    thresholds: config.eviction.reserved,
    hasEphemeralStorage: config.eviction.isolatesLocalStorage,
  }
}

/**
 * What schedulers and API servers since 1.36 ask a node for before they send it a Pod that needs it; in strictly ascending
 * order (component-helpers/nodedeclaredfeatures). What is not done is not declared.
 */
const declaredFeatures: readonly string[] = [
  // exec, attach and port-forward in the WebSockets that clients speak, the API server just passing them through.
  'ExtendWebSocketsToKubelet',
  'InPlacePodLevelResourcesVerticalScaling',
  'InPlacePodVerticalScalingInitContainers',
  'RestartAllContainersOnContainerExits',
]

function nodeInfo({ kubeletVersion, facts, engine }: NodeInput): NonNullable<NodeStatus['nodeInfo']> {
  return {
    machineID: facts.machineId,
    systemUUID: facts.systemUuid,
    bootID: facts.bootId,
    kernelVersion: engine.kernelVersion,
    osImage: engine.operatingSystem,
    containerRuntimeVersion: `docker://${engine.version}`,
    kubeletVersion,
    // No longer filled in by anybody (DisableNodeKubeProxyVersion), but the field is required.
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: goArchitecture(engine.architecture),
    ...(facts.swapBytes > 0 && { swap: { capacity: facts.swapBytes } }),
  }
}

/** Docker's OCI runtimes, and under the empty name the default one. */
function runtimeHandlers(engine: EngineInfo): NonNullable<NodeStatus['runtimeHandlers']> {
  return ['', ...engine.runtimes].toSorted().map((name) => {
    const recursiveReadOnlyMounts = engine.recursiveReadOnlyRuntimes.includes(name || engine.defaultRuntime)
    return { name, features: { recursiveReadOnlyMounts, userNamespaces: false } }
  })
}

/** Go's, and so Kubernetes', name for what the kernel calls `x86_64`. */
function goArchitecture(architecture: string): string {
  const names: Readonly<Record<string, string>> = {
    x86_64: 'amd64',
    aarch64: 'arm64',
    armv7l: 'arm',
    armv6l: 'arm',
    i386: '386',
    i686: '386',
  }
  return names[architecture] ?? architecture
}
