import type { ManifestChange } from '../../src/manifest/reconcile-manifests.ts'
import { KubeletError } from '../../src/model/errors.ts'
import type { Pod } from '../../src/model/kube.ts'
import type { PodEvent } from '../../src/model/pod-event.ts'
import { EventQueue } from '../fakes/event-queue.ts'
import { FakeCluster } from '../fakes/fake-cluster.ts'
import { AgentEngine } from './agent-engine.ts'
import { AgentInMemory } from './agent-in-memory.ts'
import type { NodeInMemory } from './node-in-memory.ts'
import { agentSettings, nodeObject, pauseImage, type NodeOptions } from './node-options.ts'
import { describeCall } from './short-names.ts'

export const nodeIp = '192.0.2.10'

/** One life of the agent. */
export interface Life {
  readonly engine: AgentEngine
  readonly cluster: FakeCluster
  readonly manifests: EventQueue<ManifestChange>
  readonly agent: AgentInMemory
}

export interface LifeOptions {
  /** The node that it is lived on. */
  readonly node: NodeInMemory
  readonly options: NodeOptions
  /** Those whose manifests are there when it begins. */
  readonly staticPods: Iterable<Pod>
  /** The agent calls Docker, see `describeCall`. */
  readonly onCall: (call: string) => void
  readonly onEvent: (event: PodEvent) => void
}

/**
 * An agent over what the node has, which has not been started yet: when it is dead it has no
 * effect on anything any more.
 */
export function newLife({ node, options, staticPods, onCall, onEvent }: LifeOptions): Life {
  const { docker, server, nodeName, engineGate, clusterGate } = node
  const manifests = new EventQueue<ManifestChange>()
  for (const pod of staticPods) manifests.push({ kind: 'set', pod, file: `/${pod.metadata.name}.yaml` })
  const alive = (): void => {
    if (agent.isDead) throw new KubeletError('aborted', 'The agent was killed')
  }
  const engine = new AgentEngine({
    docker,
    nodeName,
    before: async (call, signal) => {
      alive()
      onCall(describeCall(call, docker))
      options.onCall?.('before', call, node, signal)
      alive()
      await engineGate.pass(call.method)
    },
    after: (call) => {
      options.onCall?.('after', call, node)
      alive()
    },
    show: options.show ?? ((object) => object),
    beforeEvent: async () => {
      if (node.losesEvents || engineGate.refusesAll) return 'lost'
      await engineGate.pass('events')
      return 'comes'
    },
  })
  const cluster = new FakeCluster({
    server,
    nodeName,
    before: async (call) => {
      alive()
      options.onClusterCall?.(call)
      await clusterGate.pass(call.method)
    },
  })
  const agent: AgentInMemory = new AgentInMemory({
    ...agentSettings(options),
    nodeName,
    nodeIps: [nodeIp],
    node: server.node(nodeName) ?? nodeObject(nodeName, options),
    root: node.root,
    mounts: node.mounts,
    engine,
    cluster,
    manifests: options.hasManifests === true ? manifests : undefined,
    sandboxImage: pauseImage,
    emit: (event) => {
      if (!agent.isDead) onEvent(event)
    },
    log: (message) => node.logged.push(message),
  })
  return { engine, cluster, manifests, agent }
}
