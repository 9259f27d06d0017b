import type { VolumeSpec } from '../../model/kube.ts'
import { labelFault } from '../../util/names.ts'
import {
  duplicate,
  forbidden,
  invalid,
  invalidIf,
  oneOf,
  required,
  type FieldFault,
  type FieldPath,
} from '../field-fault.ts'
import { validateQuantity } from './validate-resources.ts'

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** A Pod's volumes: names, one source each, and what those on this node need. */
export function validateVolumes(volumes: readonly VolumeSpec[], path: FieldPath): readonly FieldFault[] {
  const names = new Set<string>()
  return volumes.flatMap((volume, index) => {
    const at = [...path, index]
    const isTaken = names.has(volume.name)
    names.add(volume.name)
    return [
      ...(volume.name === ''
        ? [required([...at, 'name'])]
        : invalidIf([...at, 'name'], volume.name, labelFault(volume.name))),
      ...(isTaken && volume.name !== '' ? [duplicate([...at, 'name'], volume.name)] : []),
      ...validateSource(volume, at),
    ]
  })
}

function validateSource(volume: VolumeSpec, at: FieldPath): readonly FieldFault[] {
  const [first, ...others] = Object.keys(volume).filter((field) => field !== 'name')
  if (first === undefined) return [required(at, 'must specify a volume type')]
  const { hostPath, emptyDir } = volume
  return [
    ...others.map((field) => forbidden([...at, field], 'may not specify more than 1 volume type')),
    ...(hostPath ? validateHostPath(hostPath, [...at, 'hostPath']) : []),
    ...(emptyDir?.sizeLimit === undefined
      ? []
      : validateQuantity(emptyDir.sizeLimit, [...at, 'emptyDir', 'sizeLimit'])),
    ...(volume.image?.reference === '' ? [required([...at, 'image', 'reference'])] : []),
  ]
}

function validateHostPath({ path, type }: NonNullable<VolumeSpec['hostPath']>, at: FieldPath): readonly FieldFault[] {
  return [
    ...(path === '' ? [required([...at, 'path'])] : []),
    ...(path.split('/').includes('..') ? [invalid([...at, 'path'], path, "must not contain '..'")] : []),
    ...oneOf([...at, 'type'], type, hostPathTypes),
  ]
}
