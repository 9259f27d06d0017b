import type { ContainerSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import type { FakeCommand } from '../../fakes/fake-container.ts'
import type { NodeInMemory } from '../../support/node-in-memory.ts'
import { statusOf } from './main-container.ts'

type Probe = NonNullable<ContainerSpec['livenessProbe']>

export const well: FakeCommand = { kind: 'ends', exitCode: 0 }
export const ill: FakeCommand = { kind: 'ends', exitCode: 1, output: 'cat: no such file\n' }

/** Asks by a command each second; what it gets is `node.commands`. */
export function probe(change: Partial<Probe> = {}): Probe {
  return { exec: { command: ['cat', '/tmp/healthy'] }, periodSeconds: 1, failureThreshold: 1, ...change }
}

export function specOf(change: Partial<ContainerSpec>): { readonly containers: readonly ContainerSpec[] } {
  return { containers: [aContainer(change)] }
}

/** `started` and `ready` of the first container. */
export function flags(node: NodeInMemory): string {
  const { started, ready } = statusOf(node)
  return `${started ? 'started' : 'not started'}, ${ready ? 'ready' : 'not ready'}`
}

export function condition(node: NodeInMemory, type: string): string | undefined {
  return node.status('web')?.conditions?.find((one) => one.type === type)?.status
}

/** How often a command was executed since the last time that calls were taken. */
export function executed(node: NodeInMemory): number {
  return node.takeCalls().filter((call) => call.startsWith('exec ')).length
}
