/**
 * The API server's validation of a Pod that is being created (pkg/apis/core/validation), with its texts: for Pods from
 * files, which no API server has seen. Affinity, topology and what else only a scheduler reads is left out.
 */
import type { Pod, PodSpec } from '../../model/kube.ts'
import { forbidden, invalid, oneOf, type FieldFault, type FieldPath } from '../field-fault.ts'
import { validateContainers } from './validate-containers.ts'
import { validateDns } from './validate-dns.ts'
import { validateEnvFiles } from './validate-env.ts'
import { validateHostname } from './validate-hostname.ts'
import { validateMetadata } from './validate-metadata.ts'
import { validatePodResources } from './validate-pod-resources.ts'
import { validateReferences } from './validate-references.ts'
import { validatePodSecurity } from './validate-security.ts'
import { validateVolumes } from './validate-volumes.ts'

const spec: FieldPath = ['spec']

/** Everything that is wrong with a static Pod, already defaulted and named; empty if it may run. */
export function validatePod(pod: Pod): readonly FieldFault[] {
  const volumes = validateVolumes(pod.spec.volumes ?? [], [...spec, 'volumes'])
  return [
    ...validateMetadata(pod),
    ...volumes.faults,
    ...validateContainers(pod.spec, volumes.valid),
    ...validatePodResources(pod.spec),
    ...validateSpec(pod),
    ...validateEnvFiles(pod.spec),
    ...validateDns(pod.spec),
    ...validateHostname(pod.spec),
    ...validatePodSecurity(pod.spec),
    ...validateReferences(pod.spec),
  ]
}

function validateSpec({ spec: { restartPolicy, activeDeadlineSeconds, ...others } }: Pod): readonly FieldFault[] {
  const deadline = [...spec, 'activeDeadlineSeconds']
  const isDeadlineWrong =
    activeDeadlineSeconds !== undefined && (activeDeadlineSeconds < 1 || activeDeadlineSeconds > 2_147_483_647)
  return [
    ...oneOf([...spec, 'restartPolicy'], restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...(isDeadlineWrong
      ? [invalid(deadline, activeDeadlineSeconds, 'must be between 1 and 2147483647, inclusive')]
      : []),
    ...(others.ephemeralContainers?.length
      ? [forbidden([...spec, 'ephemeralContainers'], 'cannot be set on create')]
      : []),
    ...(others.hostUsers === false ? validateHostNamespaces(others) : []),
    ...(others.hostPID && others.shareProcessNamespace
      ? [invalid([...spec, 'shareProcessNamespace'], true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : []),
  ]
}

/** Users of one's own have no rights in what is the host's. */
function validateHostNamespaces({ hostNetwork, hostPID, hostIPC }: Partial<PodSpec>): readonly FieldFault[] {
  // The API server spells them so.
  const asked = [
    ...(hostNetwork === true ? ['hostNetwork'] : []),
    ...(hostPID === true ? ['HostPID'] : []),
    ...(hostIPC === true ? ['HostIPC'] : []),
  ]
  return asked.map((field) => forbidden([...spec, field], 'when `hostUsers` is false'))
}
