import type { ContainerSpec, VolumeMountSpec, VolumeSpec } from '../../model/kube.ts'
import {
  forbidden,
  invalid,
  invalidIf,
  notFound,
  oneOf,
  required,
  type FieldFault,
  type FieldPath,
} from '../field-fault.ts'

/** Where a container mounts which of the Pod's volumes. */
export function validateMounts(
  container: ContainerSpec,
  volumes: readonly VolumeSpec[],
  path: FieldPath,
): readonly FieldFault[] {
  const names = new Set(volumes.map(({ name }) => name))
  const devicePaths = new Set((container.volumeDevices ?? []).map(({ devicePath }) => devicePath))
  const mountPaths = new Set<string>()
  return (container.volumeMounts ?? []).flatMap((mount, index) => {
    const at = [...path, 'volumeMounts', index]
    const isTaken = mountPaths.has(mount.mountPath)
    mountPaths.add(mount.mountPath)
    return [
      ...validateName(mount.name, names, [...at, 'name']),
      ...(mount.mountPath === '' ? [required([...at, 'mountPath'])] : []),
      ...(isTaken ? [invalid([...at, 'mountPath'], mount.mountPath, 'must be unique')] : []),
      ...(devicePaths.has(mount.mountPath)
        ? [invalid([...at, 'mountPath'], mount.mountPath, 'must not already exist as a path in volumeDevices')]
        : []),
      ...validateSubPath(mount, at),
      ...validatePropagation(mount, container, [...at, 'mountPropagation']),
    ]
  })
}

function validateName(name: string, volumes: ReadonlySet<string>, path: FieldPath): readonly FieldFault[] {
  if (name === '') return [required(path)]
  return volumes.has(name) ? [] : [notFound(path, name)]
}

function validateSubPath({ subPath = '', subPathExpr = '' }: VolumeMountSpec, at: FieldPath): readonly FieldFault[] {
  const expression = [...at, 'subPathExpr']
  return [
    ...invalidIf([...at, 'subPath'], subPath, descendingPathFault(subPath)),
    ...(subPath !== '' && subPathExpr !== ''
      ? [invalid(expression, subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
      : invalidIf(expression, subPathExpr, descendingPathFault(subPathExpr))),
  ]
}

/** What is wrong with a path that must lead downwards. */
export function descendingPathFault(path: string): string | undefined {
  if (path.startsWith('/')) return 'must be a relative path'
  return path.split('/').includes('..') ? "must not contain '..'" : undefined
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
