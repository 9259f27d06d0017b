import { containerHash } from '../../src/model/container-hash.ts'
import type { Pod } from '../../src/model/kube.ts'
import {
  allContainers,
  allContainerStatuses,
  hasTerminalPhase,
  initContainers,
  isTerminalStatus,
  isTerminating,
  minimumGraceSeconds,
  sidecars,
} from '../../src/model/pod.ts'
import type { FakeContainer } from '../fakes/fake-container.ts'
import type { ClusterCall } from '../fakes/fake-cluster.ts'
import type { EngineCall } from '../fakes/fake-engine.ts'
import type { NodeInMemory } from '../support/node-in-memory.ts'
import { identity, labelOf } from './docker-ledger.ts'
import type { Behaviours } from './behaviours.ts'
import { labels } from '../../src/model/labels.ts'

type Violation = (message: string) => void

/** What must be true of a call to Docker at the moment at which the agent makes it. */
export function checkDockerCall(
  node: NodeInMemory,
  { method, subject }: EngineCall,
  behaviours: Behaviours,
  violation: Violation,
): void {
  const [id = '', graceSeconds = ''] = subject.split(' ')
  const container = node.docker.find(id)
  if (container === undefined) return
  const { uid, name } = identity(container)
  const known = node.registry.pods().find(({ metadata }) => metadata.uid === uid)
  if (method === 'start') {
    const gates = known === undefined ? [] : sidecars(known).filter((gate) => comesBefore(known, gate.name, name))
    for (const gate of gates.filter((each) => behaviours.wasNeverWell(uid, each.name, 'startup'))) {
      violation(`${name} is started before the startup probe of ${gate.name} has found it well`)
    }
    if (known !== undefined && readsMap(known, name) && !hasMap(container)) {
      violation(`${name} is started without the variables that it reads`)
    }
    if (known === undefined) violation(`${name} is started, of a Pod that nobody wants`)
    else if (isTerminating(known) || hasTerminalPhase(known)) violation(`${name} is started, of a Pod that is to end`)
  }
  // Once the Pod's grace is used up nobody waits for anybody.
  if (method === 'stop' && container.running && Number(graceSeconds) > minimumGraceSeconds) {
    const pod = known ?? node.server.pods.find(({ metadata }) => metadata.uid === uid)
    for (const other of pod === undefined ? [] : stillServed(node, pod, container)) {
      violation(`${name} of ${pod?.metadata.name} is stopped before ${other}`)
    }
  }
}

/**
 * Containers that run and for whose end this one should wait. Sidecars serve the regular containers: they end after
 * them, the last first. One whose image has changed, or that its probes have given up, is only replaced, and for a
 * plain init container nobody waits.
 */
function stillServed(node: NodeInMemory, pod: Pod, stopped: FakeContainer): readonly string[] {
  const order = sidecars(pod).map((sidecar) => sidecar.name)
  const place = order.indexOf(identity(stopped).name)
  const sidecar = sidecars(pod)[place]
  if (sidecar === undefined || containerHash(sidecar) !== labelOf(stopped, labels.hash)) return []
  if (sidecar.livenessProbe !== undefined || sidecar.startupProbe !== undefined) return []
  const running = node.docker.containers.filter((other) => other.running && identity(other).uid === pod.metadata.uid)
  return running
    .map((other) => identity(other).name)
    .filter((other) => pod.spec.containers.some(({ name }) => name === other) || order.indexOf(other) > place)
}

function readsMap(pod: Pod, name: string): boolean {
  return allContainers(pod).some((container) => container.name === name && container.envFrom !== undefined)
}

function hasMap({ request }: FakeContainer): boolean {
  return request.body.Env?.some((variable) => variable.startsWith('version=')) === true
}

function comesBefore(pod: Pod, sidecar: string, name: string): boolean {
  const order = [...initContainers(pod), ...pod.spec.containers].map((container) => container.name)
  return order.includes(name) && order.indexOf(sidecar) < order.indexOf(name)
}

/** What must be true of a call to the API server at the moment at which the agent makes it. */
export function checkClusterCall(node: NodeInMemory, { method, subject }: ClusterCall, violation: Violation): void {
  if (method !== 'deletePod') return
  const [namespace = '', name = ''] = subject.split('/')
  const pod = node.server.pod(namespace, name)
  if (pod === undefined) return
  if (!isTerminating(pod)) violation(`${name} is deleted, and nobody asked for it`)
  if (!isTerminalStatus(pod.status)) violation(`${name} is deleted as ${pod.status?.phase}`)
  for (const status of allContainerStatuses(pod.status)) {
    if (status.state?.running !== undefined) violation(`${name} is deleted while ${status.name} is said to run`)
  }
  const left = node.docker.containers.filter((container) => identity(container).uid === pod.metadata.uid)
  if (left.length > 0) violation(`${name} is deleted while Docker holds ${left.length} containers of it`)
}
