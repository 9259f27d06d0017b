import type { ContainerSpec, PodSpec } from '../../model/kube.ts'
import { invalid, oneOf, required, type FieldFault, type FieldPath } from '../field-fault.ts'

type SecurityContext = NonNullable<ContainerSpec['securityContext']>
type PodSecurityContext = NonNullable<PodSpec['securityContext']>

const idRange = 'must be between 0 and 2147483647, inclusive'
const seccompTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** `spec.securityContext`. */
export function validatePodSecurity({ securityContext }: PodSpec): readonly FieldFault[] {
  if (securityContext === undefined) return []
  const path: FieldPath = ['spec', 'securityContext']
  return [
    ...validateIds(securityContext, path),
    ...validateId(securityContext.fsGroup, [...path, 'fsGroup']),
    ...(securityContext.supplementalGroups ?? []).flatMap((group, index) =>
      validateId(group, [...path, 'supplementalGroups', index]),
    ),
    ...oneOf([...path, 'fsGroupChangePolicy'], securityContext.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...(securityContext.sysctls ?? []).flatMap(({ name }, index) =>
      name === '' ? [required([...path, 'sysctls', index, 'name'])] : [],
    ),
  ]
}

/** A container's `securityContext`. */
export function validateSecurityContext(context: SecurityContext | undefined, path: FieldPath): readonly FieldFault[] {
  if (context === undefined) return []
  const isContradiction = context.privileged === true && context.allowPrivilegeEscalation === false
  const contradiction = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'
  return [
    ...validateIds(context, path),
    ...oneOf([...path, 'procMount'], context.procMount, ['Default', 'Unmasked']),
    ...(isContradiction ? [invalid(path, context, contradiction)] : []),
  ]
}

type Ids = Pick<SecurityContext & PodSecurityContext, 'runAsUser' | 'runAsGroup' | 'seccompProfile'>

function validateIds({ runAsUser, runAsGroup, seccompProfile }: Ids, path: FieldPath): readonly FieldFault[] {
  return [
    ...validateId(runAsUser, [...path, 'runAsUser']),
    ...validateId(runAsGroup, [...path, 'runAsGroup']),
    ...oneOf([...path, 'seccompProfile', 'type'], seccompProfile?.type, seccompTypes),
  ]
}

function validateId(id: number | undefined, path: FieldPath): readonly FieldFault[] {
  return id === undefined || (id >= 0 && id <= 2_147_483_647) ? [] : [invalid(path, id, idRange)]
}
