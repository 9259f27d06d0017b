import type { ContainerSpec, PodCondition, PodSpec } from '../../../../src/model/kube.ts'
import { aContainer } from '../../../builders/pod.ts'
import type { NodeInMemory } from '../../../support/node-in-memory.ts'

export type Resources = NonNullable<ContainerSpec['resources']>

/** Requests and limits alike, `cpu/memory`: `100m/64Mi`. */
export function of(text: string, limits = text): Resources {
  const [listed, bounded] = [text, limits].map((one) => {
    const [cpu, memory] = one.split('/')
    return { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) }
  })
  return { requests: listed ?? {}, limits: bounded ?? {} }
}

/** A container that has this, and is started anew for a change of these. */
export function having(resources: Resources, name = 'main', ...restartFor: readonly string[]): ContainerSpec {
  const resizePolicy = restartFor.map((resourceName) => ({ resourceName, restartPolicy: 'RestartContainer' }))
  return aContainer({ name, resources, ...(resizePolicy.length === 0 ? {} : { resizePolicy }) })
}

/** A user asks for something else; settles. */
export async function resize(
  node: NodeInMemory,
  spec: Pick<PodSpec, 'containers' | 'initContainers' | 'resources'>,
  { name = 'web', generation = 2 } = {},
): Promise<void> {
  node.server.updatePod('default', name, { metadata: { generation }, spec: { ...spec } })
  await node.settled()
}

/** The updates that Docker got since the last time: `update main 0 CpuShares=102`. */
export function updates(node: NodeInMemory): readonly string[] {
  return node.takeCalls().filter((call) => call.startsWith('update '))
}

/** What the status says of a resize: `PodResizePending Deferred 2: why`. */
export function resizing(node: NodeInMemory, name = 'web'): readonly string[] {
  return (node.status(name)?.conditions ?? [])
    .filter(({ type }) => type.startsWith('PodResize'))
    .map(({ type, reason = '', observedGeneration, message = '' }: PodCondition) =>
      [type, reason, observedGeneration, message].filter((part) => part !== '').join(' '),
    )
}

/** What the status says that the container has, and what it was given: `100m/64Mi 200m/128Mi, 100m/64Mi`. */
export function shown(node: NodeInMemory, name = 'web', container = 'main'): string {
  const { containerStatuses = [], initContainerStatuses = [] } = node.status(name) ?? {}
  const status = [...initContainerStatuses, ...containerStatuses].find((one) => one.name === container)
  const text = (list: Readonly<Record<string, string>> = {}): string => `${list['cpu'] ?? '-'}/${list['memory'] ?? '-'}`
  return `${text(status?.resources?.requests)} ${text(status?.resources?.limits)}, ${text(status?.allocatedResources)}`
}
