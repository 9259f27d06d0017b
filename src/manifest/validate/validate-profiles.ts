import type { ContainerSpec } from '../../model/kube.ts'
import { invalid, required, unsupported, type FieldFault, type FieldPath } from '../field-fault.ts'

type Context = NonNullable<ContainerSpec['securityContext']>

/** Both kinds of profiles have the same types; their lists are sorted as the API server sorts them. */
const types = ['Localhost', 'RuntimeDefault', 'Unconfined']
const longestProfileName = 4095

/** A `seccompProfile`, of a Pod or of a container; a file of the node's, by a path from the folder of profiles. */
export function validateSeccompProfile(profile: Context['seccompProfile'], path: FieldPath): readonly FieldFault[] {
  if (profile === undefined) return []
  const { type, localhostProfile } = profile
  const namePath = [...path, 'localhostProfile']
  const typeFaults = validateType(type, [...path, 'type'], 'type is required when seccompProfile is set')
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return typeFaults
    return [...typeFaults, invalid(namePath, localhostProfile, 'can only be set when seccomp type is Localhost')]
  }
  if (localhostProfile === undefined) return [required(namePath, 'must be set when seccomp type is Localhost')]
  return [
    ...(localhostProfile.startsWith('/') ? [invalid(namePath, localhostProfile, 'must be a relative path')] : []),
    ...(localhostProfile.split('/').includes('..')
      ? [invalid(namePath, localhostProfile, "must not contain '..'")]
      : []),
  ]
}

/** An `appArmorProfile`, of a Pod or of a container; one that the kernel has by its name. */
export function validateAppArmorProfile(profile: Context['appArmorProfile'], path: FieldPath): readonly FieldFault[] {
  if (profile === undefined) return []
  const { type, localhostProfile: name } = profile
  const namePath = [...path, 'localhostProfile']
  if (type !== 'Localhost') {
    const isStray = name !== undefined && types.includes(type)
    return [
      ...validateType(type, [...path, 'type'], 'type is required when appArmorProfile is set'),
      ...(isStray ? [invalid(namePath, name, 'can only be set when AppArmor type is Localhost')] : []),
    ]
  }
  if (name === undefined || name === '') return [required(namePath, 'must be set when AppArmor type is Localhost')]
  return [
    ...(name === name.trim() ? [] : [invalid(namePath, name, 'must not be padded with whitespace')]),
    ...(Buffer.byteLength(name) <= longestProfileName
      ? []
      : [{ path: namePath, message: `Too long: may not be more than ${longestProfileName} bytes` }]),
  ]
}

function validateType(type: string, path: FieldPath, missing: string): readonly FieldFault[] {
  if (type === '') return [required(path, missing)]
  return types.includes(type) ? [] : [unsupported(path, type, types)]
}
