import type { ContainerSpec, Pod } from './kube.ts'
import { initContainers, restartPolicy } from './pod.ts'

type RestartRule = NonNullable<ContainerSpec['restartPolicyRules']>[number]

/**
 * Whether a container of the Pod that ended with `exitCode` is started again (ContainerShouldRestart in
 * pkg/api/v1/pod/util.go). A container with a policy of its own (Kubernetes 1.34) goes by its first rule for the exit code,
 * then by that policy; any other goes by the Pod's. The API server holds statuses to this: one in which a container leaves
 * `terminated` that is not to be started again is refused as a whole.
 */
export function policyRestarts(pod: Pod, container: ContainerSpec, exitCode: number): boolean {
  const policy = container.restartPolicy || restartPolicy(pod)
  const rule = container.restartPolicy ? ruleFor(container, exitCode) : undefined
  if (rule?.action === 'Restart' || rule?.action === 'RestartAllContainers') return true
  return policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never'
}

/** Whether a container that ended with `exitCode` is to take every container of its Pod with it (Kubernetes 1.35). */
export function policyRestartsAll(container: ContainerSpec, exitCode: number): boolean {
  return ruleFor(container, exitCode)?.action === 'RestartAllContainers'
}

/** Whether that can happen to the Pod (AllContainersCouldRestart in pkg/api/v1/pod/util.go). */
export function canRestartAll(pod: Pod): boolean {
  return [...initContainers(pod), ...pod.spec.containers].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'),
  )
}

/** The first rule counts. */
function ruleFor({ restartPolicyRules = [] }: ContainerSpec, exitCode: number): RestartRule | undefined {
  return restartPolicyRules.find((rule) => isFor(rule, exitCode))
}

function isFor({ exitCodes }: RestartRule, exitCode: number): boolean {
  const isListed = exitCodes?.values?.includes(exitCode) === true
  switch (exitCodes?.operator) {
    case 'In':
      return isListed
    case 'NotIn':
      return !isListed
    default:
      return false
  }
}
