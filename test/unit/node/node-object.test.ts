import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EngineInfo } from '../../../src/engine/engine.ts'
import { imageId } from '../../../src/model/ids.ts'
import type { NodeFacts } from '../../../src/node/node-facts.ts'
import { nodeObject, nodeStatus, type NodeInput } from '../../../src/node/node-object.ts'
import { defaults } from '../config/loading.ts'
import { usualInfo } from '../../fakes/usual-info.ts'

const engine: EngineInfo = {
  ...usualInfo,
  kernelVersion: '6.1.0-18-amd64',
  cpus: 4,
  memoryBytes: 16_384_001_024,
}

const facts: NodeFacts = {
  addresses: ['10.0.0.7'],
  machineId: 'machine',
  systemUuid: 'system',
  bootId: 'boot',
  rootFsBytes: 61_255_492 * 1024,
  swapBytes: 0,
  hugePages: { '1Gi': 0, '2Mi': 0 },
  gpus: ['0', '1'],
  maxPids: 32_768,
}

const input: NodeInput = {
  config: {
    nodeName: 'node-a',
    nodeLabels: {},
    registerWithTaints: [],
    providerId: undefined,
    maxPods: 110,
    podsPerCore: 0,
    systemReserved: {},
    kubeReserved: {},
    eviction: defaults.eviction,
    nodeStatusMaxImages: 50,
    port: 10_250,
  },
  kubeletVersion: 'v1.36.0+minikubelet.0.1.0',
  facts,
  engine,
  images: [],
  errors: [],
  pressures: [],
  previous: undefined,
  nowMs: Date.UTC(2026, 10, 21),
}

const now = '2026-11-21T00:00:00Z'
const times = { lastHeartbeatTime: now, lastTransitionTime: now }
const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }

const status = {
  addresses: [
    { type: 'InternalIP', address: '10.0.0.7' },
    { type: 'Hostname', address: 'node-a' },
  ],
  capacity: {
    cpu: '4',
    'ephemeral-storage': '61255492Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: '16000001Ki',
    pods: '110',
  },
  allocatable: {
    cpu: '4',
    'ephemeral-storage': '56453061334',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: '15897601Ki',
    pods: '110',
  },
  nodeInfo: {
    machineID: 'machine',
    systemUUID: 'system',
    bootID: 'boot',
    kernelVersion: '6.1.0-18-amd64',
    osImage: 'Debian GNU/Linux 12 (bookworm)',
    containerRuntimeVersion: 'docker://20.10.24',
    kubeletVersion: 'v1.36.0+minikubelet.0.1.0',
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: 'amd64',
  },
  images: [],
  daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
  declaredFeatures: [
    'ExtendWebSocketsToKubelet',
    'InPlacePodLevelResourcesVerticalScaling',
    'InPlacePodVerticalScalingInitContainers',
    'RestartAllContainersOnContainerExits',
  ],
  runtimeHandlers: ['', 'minikubelet', 'runc'].map((name) => ({
    name,
    features: { recursiveReadOnlyMounts: false, userNamespaces: false },
  })),
  conditions: [
    {
      type: 'MemoryPressure',
      status: 'False',
      reason: 'KubeletHasSufficientMemory',
      message: 'kubelet has sufficient memory available',
      ...times,
    },
    {
      type: 'DiskPressure',
      status: 'False',
      reason: 'KubeletHasNoDiskPressure',
      message: 'kubelet has no disk pressure',
      ...times,
    },
    {
      type: 'PIDPressure',
      status: 'False',
      reason: 'KubeletHasSufficientPID',
      message: 'kubelet has sufficient PID available',
      ...times,
    },
    { ...ready, ...times },
  ],
}

describe('nodeObject', () => {
  it('is the Node as the kubelet creates it', () => {
    assert.deepEqual(nodeObject(input), {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: 'node-a',
        labels: {
          'beta.kubernetes.io/arch': 'amd64',
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': 'node-a',
          'kubernetes.io/os': 'linux',
        },
        annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
      },
      spec: {},
      status,
    })
  })

  it('has the labels, taints and provider of the configuration', () => {
    const node = nodeObject({
      ...input,
      config: {
        ...input.config,
        nodeLabels: { disk: 'ssd', 'beta.kubernetes.io/arch': 'other' },
        registerWithTaints: [
          { key: 'a', value: 'b', effect: 'NoSchedule' },
          { key: 'c', value: '', effect: 'NoExecute' },
        ],
        providerId: 'kind://a',
      },
    })
    assert.deepEqual(node.metadata?.labels, {
      'beta.kubernetes.io/arch': 'other',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': 'node-a',
      'kubernetes.io/os': 'linux',
      disk: 'ssd',
    })
    assert.deepEqual(node.spec, {
      providerID: 'kind://a',
      taints: [
        { key: 'a', value: 'b', effect: 'NoSchedule' },
        { key: 'c', effect: 'NoExecute' },
      ],
    })
  })

  for (const [docker, go] of [
    ['aarch64', 'arm64'],
    ['armv7l', 'arm'],
    ['s390x', 's390x'],
  ] as const) {
    it(`calls ${docker} ${go}`, () => {
      const node = nodeObject({ ...input, engine: { ...engine, architecture: docker } })
      assert.equal(node.metadata?.labels?.['kubernetes.io/arch'], go)
      assert.equal(node.status?.nodeInfo?.architecture, go)
    })
  }
})

describe('nodeStatus', () => {
  it('keeps huge pages from being given away as memory, and tells of swap', () => {
    const hugePages = { '1Gi': 0, '2Mi': 2048 * 1024 * 1024 }
    const { capacity, allocatable, nodeInfo } = nodeStatus({
      ...input,
      facts: { ...facts, hugePages, swapBytes: 1024 },
    })
    assert.deepEqual(capacity, { ...status.capacity, 'hugepages-2Mi': '2Gi' })
    assert.deepEqual(allocatable, { ...status.allocatable, 'hugepages-2Mi': '2Gi', memory: '13800449Ki' })
    assert.deepEqual(nodeInfo, { ...status.nodeInfo, swap: { capacity: 1024 } })
  })

  it('says which runtimes can make mounts recursively read-only, and whether the default one can', () => {
    const able = (recursiveReadOnlyRuntimes: readonly string[]): readonly (string | undefined)[] =>
      (nodeStatus({ ...input, engine: { ...engine, recursiveReadOnlyRuntimes } }).runtimeHandlers ?? [])
        .filter(({ features }) => features?.recursiveReadOnlyMounts)
        .map(({ name }) => name)
    assert.deepEqual(able([]), [])
    assert.deepEqual(able(['minikubelet']), ['minikubelet'])
    assert.deepEqual(able(['runc']), ['', 'runc'])
  })

  it('has the GPUs that Docker can give to containers, and none without the runtime for that', () => {
    const statusWith = (runtimes: readonly string[]): object | undefined =>
      nodeStatus({ ...input, engine: { ...engine, runtimes } }).capacity
    assert.deepEqual(statusWith(['nvidia', 'runc']), { ...status.capacity, 'nvidia.com/gpu': '2' })
    assert.deepEqual(statusWith(['runc']), status.capacity)
  })

  it('has for Pods all of what an operator says that it has besides its own', () => {
    const previous = { capacity: { cpu: '100', 'example.com/dongle': '4', 'attachable-volumes-x': '1' } }
    const { capacity, allocatable } = nodeStatus({ ...input, previous })
    assert.deepEqual(capacity, status.capacity)
    assert.deepEqual(allocatable, { ...status.allocatable, 'example.com/dongle': '4' })
  })

  it('never has less than nothing to give', () => {
    const { allocatable } = nodeStatus({
      ...input,
      engine: { ...engine, memoryBytes: 1024 },
      facts: { ...facts, rootFsBytes: 0 },
    })
    assert.deepEqual(allocatable, { ...status.allocatable, memory: '0', 'ephemeral-storage': '0' })
  })

  it('has both addresses of a node with two families', () => {
    const { addresses } = nodeStatus({ ...input, facts: { ...facts, addresses: ['10.0.0.7', 'fd00::7'] } })
    assert.deepEqual(addresses, [
      { type: 'InternalIP', address: '10.0.0.7' },
      { type: 'InternalIP', address: 'fd00::7' },
      { type: 'Hostname', address: 'node-a' },
    ])
  })

  it('has the largest images first, by digest and tag, and as many as it should', () => {
    const image = (id: string, sizeBytes: number, tags: readonly string[], digests: readonly string[] = []) => ({
      id: imageId(id),
      sizeBytes,
      tags,
      digests,
    })
    const images = [
      image('c', 10, ['small:1']),
      image('b', 20, ['b:1', 'b:2', 'b:3', 'b:4', 'b:5'], ['b@sha256:1']),
      image('a', 20, ['a:1']),
      image('d', 99, []),
    ]
    const named = [
      { names: ['a:1'], sizeBytes: 20 },
      { names: ['b@sha256:1', 'b:1', 'b:2', 'b:3', 'b:4'], sizeBytes: 20 },
      { names: ['small:1'], sizeBytes: 10 },
    ]
    const limited = (nodeStatusMaxImages: number) =>
      nodeStatus({ ...input, images, config: { ...input.config, nodeStatusMaxImages } }).images
    assert.deepEqual(limited(-1), named)
    assert.deepEqual(limited(2), named.slice(0, 2))
    assert.deepEqual(limited(0), [])
  })

  it('is the same the next time, but for the heartbeats', () => {
    const next = nodeStatus({ ...input, previous: nodeStatus(input), nowMs: input.nowMs + 10_000 })
    const conditions = status.conditions.map((condition) => ({
      ...condition,
      lastHeartbeatTime: '2026-11-21T00:00:10Z',
    }))
    assert.deepEqual(next, { ...status, conditions })
  })

  it('is not ready with one error or several, since when it changed', () => {
    const later = { ...input, nowMs: input.nowMs + 10_000, previous: nodeStatus(input) }
    const time = '2026-11-21T00:00:10Z'
    const condition = {
      type: 'Ready',
      status: 'False',
      reason: 'KubeletNotReady',
      lastHeartbeatTime: time,
      lastTransitionTime: time,
    }
    const one = nodeStatus({ ...later, errors: ['container runtime is down'] })
    assert.deepEqual(one.conditions?.at(-1), { ...condition, message: 'container runtime is down' })
    const two = nodeStatus({ ...later, errors: ['container runtime is down', 'b'] })
    assert.deepEqual(two.conditions?.at(-1), { ...condition, message: '[container runtime is down, b]' })
  })
})
