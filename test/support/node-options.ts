import { noPodCgroups, type PodCgroups } from '../../src/cgroup/pod-cgroups.ts'
import type { EngineInfo } from '../../src/engine/engine.ts'
import type { KubeNode } from '../../src/model/kube.ts'
import { KubeletError } from '../../src/model/errors.ts'
import { labels } from '../../src/model/labels.ts'
import type { ObservedObject } from '../../src/model/observed.ts'
import type { VerificationPolicy } from '../../src/model/verification-policy.ts'
import type { Rate } from '../../src/util/token-bucket.ts'
import type { ClusterCall } from '../fakes/fake-cluster.ts'
import type { FakeCommand, Program } from '../fakes/fake-container.ts'
import type { FakeDocker } from '../fakes/fake-docker.ts'
import { type EngineCall } from '../fakes/fake-engine.ts'
import { usualInfo } from '../fakes/usual-info.ts'
import { FakeMounts } from '../fakes/fake-mounts.ts'
import type { AgentOptions } from './agent-in-memory.ts'
import type { NodeInMemory } from './node-in-memory.ts'

export interface NodeOptions {
  /** Default: `node-1`. */
  readonly nodeName?: string
  /** What the Node says of itself beside its name. Default: 4 CPUs, 8 GiB of memory, 110 Pods. */
  readonly node?: Pick<KubeNode, 'spec' | 'status'> & { readonly labels?: Readonly<Record<string, string>> }
  /** What Docker says of itself, where that is not the usual. */
  readonly daemon?: Partial<EngineInfo>
  /** The agent has heard of its Node when it starts. Default: true. */
  readonly isNodeKnown?: boolean
  readonly unsafeSysctls?: readonly string[]
  /** Default: 10.96.0.10. */
  readonly clusterDns?: readonly string[]
  /** Default: the agent makes none. */
  readonly cgroups?: PodCgroups
  /** GPUs that Docker can hand out, by its id. Default: none. */
  readonly gpus?: readonly string[]
  /** Default: one of the node's own. */
  readonly docker?: FakeDocker
  /** Images that Docker has, besides the pause image. Default: busybox:1.36. */
  readonly images?: readonly string[]
  /** What a container does, by its name. Default: it runs until it is stopped. */
  readonly programs?: Readonly<Record<string, Program>>
  /** What a command does that is executed in a container, by the container's name. Default: it ends with 0 at once. */
  readonly commands?: Readonly<Record<string, FakeCommand>>
  /** The same by the command and the container's labels, where it depends on more than the container's name. */
  readonly command?: (command: readonly string[], labels: Readonly<Record<string, string>>) => FakeCommand
  /** What a container does, by its labels, where that depends on more than its name. */
  readonly program?: (labels: Readonly<Record<string, string>>) => Program
  /** The agent has a folder of manifests too. */
  readonly hasManifests?: boolean
  /** Default: any number. */
  readonly parallelPulls?: number
  /** How many pulls may begin at once, and how many more each second. Default: a thousand. */
  readonly pullRate?: Rate
  readonly maxCrashLoopMs?: number
  /** Default: images that the agent has not pulled are everybody's. */
  readonly imageVerification?: VerificationPolicy
  /** Comes before each call to Docker, and again after it where it changes something. */
  readonly onCall?: (moment: 'before' | 'after', call: EngineCall, node: NodeInMemory, signal?: AbortSignal) => void
  /** Comes before something is mounted or unmounted, and again after it. */
  readonly onMount?: (moment: 'before' | 'after', node: NodeInMemory) => void
  /** Comes before each call to the API server. */
  readonly onClusterCall?: (call: ClusterCall) => void
  /** What Docker shows of an object, where that differs from what it is. */
  readonly show?: (object: ObservedObject) => ObservedObject
  /** `real`: time passes. Default: it stands still until `advance` is called. */
  readonly clock?: 'stopped' | 'real'
}

/** The mounts of a node's kernel, on which an agent that is dead has no effect any more. */
export function nodeMounts(root: string, { onMount }: NodeOptions, node: NodeInMemory): FakeMounts {
  const requireLife = (): void => {
    if (node.isDead) throw new KubeletError('aborted', 'The agent was killed')
  }
  return new FakeMounts({
    root,
    isShared: true,
    before: () => {
      requireLife()
      onMount?.('before', node)
      requireLife()
    },
    after: () => {
      onMount?.('after', node)
      requireLife()
    },
  })
}

export const pauseImage = 'pause:test'

/** What containers and commands in them do: by what a test says of the container's name now, else by its options. */
export function whatRuns(
  programs: ReadonlyMap<string, Program>,
  commands: ReadonlyMap<string, FakeCommand>,
  options: Pick<NodeOptions, 'program' | 'command'>,
): ConstructorParameters<typeof FakeDocker>[0] {
  return {
    program: ({ body }) =>
      programs.get(body.Labels[labels.containerName] ?? '') ?? options.program?.(body.Labels) ?? { kind: 'runs' },
    command: (words, { body }) =>
      commands.get(body.Labels[labels.containerName] ?? '') ??
      options.command?.(words, body.Labels) ?? { kind: 'ends', exitCode: 0 },
  }
}

type Settings =
  | 'daemon'
  | 'cgroups'
  | 'gpus'
  | 'isNodeKnown'
  | 'unsafeSysctls'
  | 'clusterDns'
  | 'parallelPulls'
  | 'pullRate'
  | 'maxCrashLoopMs'
  | 'imageVerification'

/** How the agent is set up: what a test says, else what is usual. */
export function agentSettings(options: NodeOptions): Pick<AgentOptions, Settings> {
  return {
    daemon: { ...usualInfo, ...options.daemon },
    cgroups: options.cgroups ?? noPodCgroups,
    gpus: options.gpus ?? [],
    isNodeKnown: options.isNodeKnown ?? true,
    unsafeSysctls: options.unsafeSysctls ?? [],
    clusterDns: options.clusterDns ?? ['10.96.0.10'],
    parallelPulls: options.parallelPulls ?? Number.POSITIVE_INFINITY,
    pullRate: options.pullRate ?? { perSecond: 1000, burst: 1000 },
    maxCrashLoopMs: options.maxCrashLoopMs ?? 300_000,
    imageVerification: options.imageVerification ?? { name: 'NeverVerifyPreloadedImages', allowlist: [] },
  }
}

/** The Node as the API server has it when the agent starts. */
export function nodeObject(name: string, { node = {} }: NodeOptions): KubeNode {
  const { labels: given, spec, status } = node
  const allocatable = { cpu: '4', memory: '8Gi', 'ephemeral-storage': '10Gi', pods: '110', ...status?.allocatable }
  return {
    metadata: { name, ...(given === undefined ? {} : { labels: given }) },
    ...(spec === undefined ? {} : { spec }),
    status: { declaredFeatures: ['RestartAllContainersOnContainerExits'], ...status, allocatable },
  }
}
