import type { ContainerSpec, PodSpec } from '../../model/kube.ts'
import { sysctlNamespace } from '../../model/sysctl.ts'
import { duplicate, invalid, oneOf, required, type FieldFault, type FieldPath } from '../field-fault.ts'
import { validateAppArmorProfile, validateSeccompProfile } from './validate-profiles.ts'

type SecurityContext = NonNullable<ContainerSpec['securityContext']>
type PodSecurityContext = NonNullable<PodSpec['securityContext']>

const idRange = 'must be between 0 and 2147483647, inclusive'
const sysctlPattern = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/u
const sysctlRule = String.raw`must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`

/** `spec.securityContext`. */
export function validatePodSecurity(spec: PodSpec): readonly FieldFault[] {
  const { securityContext } = spec
  if (securityContext === undefined) return []
  const path: FieldPath = ['spec', 'securityContext']
  return [
    ...validateIds(securityContext, path),
    ...validateId(securityContext.fsGroup, [...path, 'fsGroup']),
    ...(securityContext.supplementalGroups ?? []).flatMap((group, index) =>
      validateId(group, [...path, 'supplementalGroups', index]),
    ),
    ...oneOf([...path, 'fsGroupChangePolicy'], securityContext.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...oneOf([...path, 'supplementalGroupsPolicy'], securityContext.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...oneOf([...path, 'seLinuxChangePolicy'], securityContext.seLinuxChangePolicy, ['MountOption', 'Recursive']),
    ...validateSysctls(spec, [...path, 'sysctls']),
  ]
}

/** A container's `securityContext`. */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  { hostUsers }: Pick<PodSpec, 'hostUsers'>,
  path: FieldPath,
): readonly FieldFault[] {
  if (context === undefined) return []
  const gainsNone = context.allowPrivilegeEscalation === false
  const cannot = (what: string): FieldFault =>
    invalid(path, context, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`)
  const isUnmasked = context.procMount === 'Unmasked' && hostUsers !== false
  return [
    ...validateIds(context, path),
    ...oneOf([...path, 'procMount'], context.procMount, ['Default', 'Unmasked']),
    ...(isUnmasked ? [invalid([...path, 'procMount'], 'Unmasked', '`hostUsers` must be false to use `Unmasked`')] : []),
    ...(gainsNone && context.privileged === true ? [cannot('`privileged` to true')] : []),
    ...(gainsNone && context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true
      ? [cannot('`capabilities.Add` CAP_SYS_ADMIN')]
      : []),
  ]
}

type Ids = Pick<SecurityContext & PodSecurityContext, 'runAsUser' | 'runAsGroup' | 'seccompProfile' | 'appArmorProfile'>

function validateIds(
  { runAsUser, runAsGroup, seccompProfile, appArmorProfile }: Ids,
  path: FieldPath,
): readonly FieldFault[] {
  return [
    ...validateId(runAsUser, [...path, 'runAsUser']),
    ...validateId(runAsGroup, [...path, 'runAsGroup']),
    ...validateSeccompProfile(seccompProfile, [...path, 'seccompProfile']),
    ...validateAppArmorProfile(appArmorProfile, [...path, 'appArmorProfile']),
  ]
}

function validateId(id: number | undefined, path: FieldPath): readonly FieldFault[] {
  return id === undefined || (id >= 0 && id <= 2_147_483_647) ? [] : [invalid(path, id, idRange)]
}

/** Each once, and of a namespace that is the Pod's own; whether the node allows it is asked when the Pod comes. */
function validateSysctls({ securityContext, hostNetwork, hostIPC }: PodSpec, path: FieldPath): readonly FieldFault[] {
  const names = new Set<string>()
  return (securityContext?.sysctls ?? []).flatMap(({ name }, index) => {
    const at = [...path, index, 'name']
    const isRepeated = names.has(name)
    names.add(name)
    if (name === '') return [required(at)]
    const namespace = sysctlNamespace(name)
    const isHosts = (namespace === 'Net' && hostNetwork === true) || (namespace === 'IPC' && hostIPC === true)
    const field = namespace === 'Net' ? 'hostNetwork' : 'hostIPC'
    return [
      ...(name.length > 253 || !sysctlPattern.test(name) ? [invalid(at, name, sysctlRule)] : []),
      ...(isRepeated ? [duplicate(at, name)] : []),
      ...(isHosts ? [invalid(at, name, `may not be specified when '${field}' is true`)] : []),
    ]
  })
}
