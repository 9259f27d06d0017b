import type { KubeNode, Pod } from '../../model/kube.ts'
import type { Refusal } from './admission-facts.ts'

const osLabel = 'kubernetes.io/os'

/** A Pod that says that it is for another operating system, by label or by field (pkg/kubelet/lifecycle/predicate.go). */
export function operatingSystemRefusal({ metadata, spec }: Pod): Refusal | undefined {
  const label = metadata.labels?.[osLabel]
  // Whatever the Node's label says: the agent puts it right.
  if (label !== undefined && label !== 'linux') {
    return {
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
      message: `Failed to admit pod as the \`${osLabel}\` label doesn't match node label`,
    }
  }
  if (spec.os === undefined || spec.os.name === 'linux') return undefined
  return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" }
}

/** Docker adds the image's groups to a container: only a node that says that it can do without may be asked to. */
export function supplementalGroupsRefusal({ spec }: Pod, own: KubeNode): Refusal | undefined {
  if (spec.securityContext?.supplementalGroupsPolicy !== 'Strict') return undefined
  if (own.status?.features?.supplementalGroupsPolicy === true) return undefined
  return {
    reason: 'SupplementalGroupsPolicyNotSupported',
    message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
  }
}

const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/'

/**
 * A profile cannot be enforced by a host that has no AppArmor (pkg/security/apparmor). A Pod that runs already is not
 * asked again.
 */
export function appArmorRefusal(pod: Pod, hasAppArmor: boolean): Refusal | undefined {
  const phase = pod.status?.phase ?? 'Pending'
  if (phase !== 'Pending' || hasAppArmor || !wantsAppArmor(pod)) return undefined
  return { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' }
}

function wantsAppArmor({ metadata, spec }: Pod): boolean {
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]
  const profiles = [spec, ...containers].map(({ securityContext }) => securityContext?.appArmorProfile?.type)
  const annotated = Object.entries(metadata.annotations ?? {})
    .filter(([key]) => key.startsWith(annotationPrefix))
    .map(([, value]) => value)
  return [...profiles, ...annotated].some((profile) => profile !== undefined && profile.toLowerCase() !== 'unconfined')
}

/** What a Pod asks for that only some nodes do, and declare (component-helpers/nodedeclaredfeatures). */
export function declaredFeaturesRefusal(pod: Pod, own: KubeNode): Refusal | undefined {
  const declared = new Set(own.status?.declaredFeatures)
  const missing = requiredFeatures(pod).filter((feature) => !declared.has(feature))
  if (missing.length === 0) return undefined
  return {
    reason: 'PodFeatureUnsupported',
    message: `Pod requires node features that are not available: ${missing.join(', ')}`,
  }
}

function requiredFeatures({ spec }: Pod): readonly string[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const restartsAll = containers.some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'),
  )
  return [
    ...(restartsAll ? ['RestartAllContainersOnContainerExits'] : []),
    ...(spec.hostNetwork === true && spec.hostUsers === false ? ['UserNamespacesHostNetworkSupport'] : []),
  ]
}
