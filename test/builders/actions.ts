import type { PodAction } from '../../src/model/action.ts'
import { containerId } from '../../src/model/ids.ts'
import type { ContainerSpec } from '../../src/model/kube.ts'
import { busyboxId } from './facts.ts'

/** The actions of a plan, about objects with the ids that builders/observed gives them: `main-0`, `sandbox-0`. */
export const prepareVolumes: PodAction = { kind: 'prepare-volumes', reason: 'the Pod is new here' }

export function createSandbox(attempt: number, reason: string): PodAction {
  return { kind: 'create-sandbox', attempt, reason }
}

export const startSandbox: PodAction = {
  kind: 'start-sandbox',
  id: containerId('sandbox-0'),
  reason: 'it was created and not started',
}

export function stopSandbox(attempt: number): PodAction {
  return { kind: 'stop-sandbox', id: containerId(`sandbox-${attempt}`), reason: 'every container has ended for good' }
}

export function removeSandbox(attempt: number): PodAction {
  return { kind: 'remove-sandbox', id: containerId(`sandbox-${attempt}`), reason: 'a newer one took its place' }
}

export function ensureImage(container: ContainerSpec, reason = 'a new instance is due'): PodAction {
  return { kind: 'ensure-image', container, reason }
}

/** In the first sandbox. */
export function createContainer(container: ContainerSpec, attempt = 0): PodAction {
  return {
    kind: 'create-container',
    container,
    sandboxId: containerId('sandbox-0'),
    image: busyboxId,
    attempt,
    reason: attempt === 0 ? 'it has no instance' : 'its last instance ended',
  }
}

export function startContainer(container: ContainerSpec, attempt = 0): PodAction {
  return {
    kind: 'start-container',
    container,
    id: containerId(`${container.name}-${attempt}`),
    reason: 'it is created',
  }
}

/** With the default Pod's grace; not in order to be started anew. */
export function killContainer(name: string, attempt: number, reason: string): PodAction {
  return {
    kind: 'kill-container',
    id: containerId(`${name}-${attempt}`),
    containerName: name,
    step: { kind: 'stop', graceSeconds: 30 },
    graceSeconds: 30,
    message: `Stopping container ${name}`,
    thenRestart: false,
    reason,
  }
}

export function removeContainer(name: string, attempt: number, reason: string): PodAction {
  return { kind: 'remove-container', id: containerId(`${name}-${attempt}`), containerName: name, reason }
}

/** A wait of a container, or with `undefined` of the whole Pod. */
export function wait(
  containerName: string | undefined,
  untilMs: number | undefined,
  reason: string,
  message: string,
): PodAction {
  return { kind: 'wait', untilMs, waiting: { containerName, reason, message } }
}
