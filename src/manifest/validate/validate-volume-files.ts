import type { VolumeSpec } from '../../model/kube.ts'
import { invalid, required, type FieldFault, type FieldPath } from '../field-fault.ts'
import { validateFilePath, validateMode } from './validate-paths.ts'
import { validateFieldSelector, validateResourceSelector } from './validate-selectors.ts'

type KeyToPath = NonNullable<NonNullable<VolumeSpec['configMap']>['items']>[number]
type DownwardFile = NonNullable<NonNullable<VolumeSpec['downwardAPI']>['items']>[number]

/** Which keys of a ConfigMap or Secret become which files (validateKeyToPath). */
export function validateKeys(items: readonly KeyToPath[] = [], path: FieldPath): readonly FieldFault[] {
  return items.flatMap(({ key, path: file, mode }, index) => {
    const at = [...path, index]
    return [
      ...(key === '' ? [required([...at, 'key'])] : []),
      ...(file === '' ? [required([...at, 'path'])] : []),
      ...validateFilePath(file, [...at, 'path']),
      ...validateMode(mode, [...at, 'mode']),
    ]
  })
}

/** In the order in which the API server lists them. */
const fields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

/** Which of the Pod's own fields become which files (validateDownwardAPIVolumeFile). */
export function validateDownwardFiles(items: readonly DownwardFile[] = [], path: FieldPath): readonly FieldFault[] {
  return items.flatMap((file, index) => {
    const at = [...path, index]
    return [
      ...(file.path === '' ? [required([...at, 'path'])] : []),
      ...validateFilePath(file.path, [...at, 'path']),
      ...validateSource(file, at),
      ...validateMode(file.mode, [...at, 'mode']),
    ]
  })
}

function validateSource({ fieldRef, resourceFieldRef }: DownwardFile, at: FieldPath): readonly FieldFault[] {
  if (fieldRef !== undefined) {
    const both = 'fieldRef and resourceFieldRef can not be specified simultaneously'
    return [
      ...validateFieldSelector(fieldRef, fields, [...at, 'fieldRef']),
      ...(resourceFieldRef === undefined ? [] : [invalid(at, 'resource', both)]),
    ]
  }
  if (resourceFieldRef === undefined) return [required(at, 'one of fieldRef and resourceFieldRef is required')]
  return validateResourceSelector(resourceFieldRef, [...at, 'resourceFieldRef'], 'volume')
}
