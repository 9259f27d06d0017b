import type { ContainerStatus } from '../../src/model/kube.ts'
import { containerStatus, type ContainerStatusFacts } from '../../src/status/container-status.ts'
import { aContainer, terminatedState } from './pod.ts'

const facts: ContainerStatusFacts = {
  role: 'regular',
  usualWait: 'ContainerCreating',
  usualMessage: '',
  instances: [],
  waiting: undefined,
  previous: undefined,
  probes: undefined,
  messages: new Map(),
  messageBytes: 4096,
  killedForRestart: false,
  podIsOver: false,
  vanishedForGood: false,
}

/** The state of the default exited instance with attempt `attempt`, as the API shows it. */
export function ended(attempt: number, change: object = {}): NonNullable<ContainerStatus['state']> {
  return { terminated: { ...terminatedState(0, `docker://main-${attempt}`).terminated, exitCode: 0, ...change } }
}

/** How a container ends that nobody has seen end. */
export const unlocated = {
  terminated: {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
  },
}

/** The status of the default container, of which nothing is known but this. */
export function statusOf(change: Partial<ContainerStatusFacts>, container = aContainer()): ContainerStatus {
  return containerStatus(container, { ...facts, ...change })
}
