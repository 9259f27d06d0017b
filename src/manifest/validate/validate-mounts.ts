import type { ContainerSpec, VolumeMountSpec, VolumeSpec } from '../../model/kube.ts'
import { forbidden, invalid, notFound, oneOf, required, type FieldFault, type FieldPath } from '../field-fault.ts'
import { validateDescendingPath } from './validate-paths.ts'

/** Where a container mounts which of the Pod's volumes (ValidateVolumeMounts). */
export function validateMounts(
  container: ContainerSpec,
  volumes: readonly VolumeSpec[],
  path: FieldPath,
): readonly FieldFault[] {
  const names = new Set(volumes.map(({ name }) => name))
  const devices = container.volumeDevices ?? []
  const mountPaths = new Set<string>()
  return (container.volumeMounts ?? []).flatMap((mount, index) => {
    const at = [...path, 'volumeMounts', index]
    const { name, mountPath } = mount
    const isTaken = mountPaths.has(mountPath)
    mountPaths.add(mountPath)
    return [
      ...(name === '' ? [required([...at, 'name'])] : []),
      ...(names.has(name) ? [] : [notFound([...at, 'name'], name)]),
      ...(mountPath === '' ? [required([...at, 'mountPath'])] : []),
      ...(isTaken ? [invalid([...at, 'mountPath'], mountPath, 'must be unique')] : []),
      ...(devices.some((device) => device.name === name)
        ? [invalid([...at, 'name'], name, 'must not already exist in volumeDevices')]
        : []),
      ...(devices.some(({ devicePath }) => devicePath === mountPath)
        ? [invalid([...at, 'mountPath'], mountPath, 'must not already exist as a path in volumeDevices')]
        : []),
      ...validateSubPath(mount, at),
      ...validatePropagation(mount, container, [...at, 'mountPropagation']),
      ...validateRecursiveReadOnly(mount, [...at, 'recursiveReadOnly']),
    ]
  })
}

function validateSubPath({ subPath = '', subPathExpr = '' }: VolumeMountSpec, at: FieldPath): readonly FieldFault[] {
  const expression = [...at, 'subPathExpr']
  return [
    ...validateDescendingPath(subPath, [...at, 'subPath']),
    ...(subPath !== '' && subPathExpr !== ''
      ? [invalid(expression, subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
      : []),
    ...validateDescendingPath(subPathExpr, expression),
  ]
}

function validatePropagation(
  { mountPropagation }: VolumeMountSpec,
  { securityContext }: ContainerSpec,
  path: FieldPath,
): readonly FieldFault[] {
  const isRefused = mountPropagation === 'Bidirectional' && securityContext?.privileged !== true
  return [
    ...oneOf(path, mountPropagation, ['Bidirectional', 'HostToContainer', 'None']),
    ...(isRefused
      ? [forbidden(path, 'Bidirectional mount propagation is available only to privileged containers')]
      : []),
  ]
}

function validateRecursiveReadOnly(
  { recursiveReadOnly, readOnly, mountPropagation = 'None' }: VolumeMountSpec,
  path: FieldPath,
): readonly FieldFault[] {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return []
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible') {
    return oneOf(path, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'])
  }
  return [
    ...(readOnly === true ? [] : [forbidden(path, 'may only be specified when readOnly is true')]),
    ...(mountPropagation === 'None'
      ? []
      : [forbidden(path, 'may only be specified when mountPropagation is None or not specified')]),
  ]
}

/** Which of the Pod's volumes a container has as devices (ValidateVolumeDevices). */
export function validateDevices(
  { volumeDevices = [], volumeMounts = [] }: ContainerSpec,
  volumes: readonly VolumeSpec[],
  path: FieldPath,
): readonly FieldFault[] {
  const [names, paths] = [new Set<string>(), new Set<string>()]
  return volumeDevices.flatMap(({ name, devicePath }, index) => {
    const at = [...path, 'volumeDevices', index]
    const volume = volumes.find((each) => each.name === name)
    const isClaim = volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined
    const [isNameTaken, isPathTaken] = [names.has(name), paths.has(devicePath)]
    names.add(name)
    paths.add(devicePath)
    const of = (field: string, value: string, detail: string): FieldFault => invalid([...at, field], value, detail)
    return [
      ...(name === '' ? [required([...at, 'name'])] : []),
      ...(isNameTaken ? [of('name', name, 'must be unique')] : []),
      ...(volume !== undefined && !isClaim
        ? [of('name', name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode')]
        : []),
      ...(volume === undefined ? [notFound([...at, 'name'], name)] : []),
      ...(devicePath === '' ? [required([...at, 'devicePath'])] : []),
      ...(isPathTaken ? [of('devicePath', devicePath, 'must be unique')] : []),
      ...(devicePath.split('/').includes('..')
        ? [of('devicePath', devicePath, "can not contain backsteps ('..')")]
        : []),
      ...(volumeMounts.some((mount) => mount.name === name)
        ? [of('name', name, 'must not already exist in volumeMounts')]
        : []),
      ...(volumeMounts.some(({ mountPath }) => mountPath === devicePath)
        ? [of('devicePath', devicePath, 'must not already exist as a path in volumeMounts')]
        : []),
    ]
  })
}
