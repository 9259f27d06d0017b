import type { PodAction } from '../model/action.ts'
import type { PodFacts, WaitingReason } from './pod-facts.ts'

/**
 * Why containers that should run do not, by container name: what the plan waits for, and for those that are being tried
 * again right now what the last try failed with, until this one has succeeded (the kubelet's reason cache).
 */
export function waitingReasons(actions: readonly PodAction[], facts: PodFacts): ReadonlyMap<string, WaitingReason> {
  const reasons = new Map<string, WaitingReason>()
  for (const action of actions) {
    switch (action.kind) {
      case 'wait': {
        const { containerName, reason, message } = action.waiting
        if (containerName !== undefined) reasons.set(containerName, { reason, message })
        break
      }
      case 'ensure-image':
      case 'create-container':
      case 'start-container': {
        const { name } = action.container
        const image = facts.images.get(name)
        const failed = facts.startFailures.get(name) ?? (image?.kind === 'failed' ? image : undefined)
        if (failed !== undefined) reasons.set(name, { reason: failed.reason, message: failed.message })
        break
      }
      case 'ensure-volume-image':
      case 'prepare-volumes':
      case 'create-sandbox':
      case 'start-sandbox':
      case 'kill-container':
      case 'remove-container':
      case 'stop-sandbox':
      case 'remove-sandbox':
      case 'remove-volumes':
      case 'tear-down-volumes':
      case 'resize':
        break
      default:
        action satisfies never
    }
  }
  // What starts although it runs already waits for its hook.
  for (const { containerName } of facts.postStarts.values()) {
    const failed = facts.startFailures.get(containerName)
    if (failed !== undefined) reasons.set(containerName, { reason: failed.reason, message: failed.message })
  }
  return reasons
}
