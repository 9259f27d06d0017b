import type { ContainerSpec } from '../../model/kube.ts'
import { labelFault } from '../../util/names.ts'
import { invalid, invalidIf, required, type FieldFault, type FieldPath } from '../field-fault.ts'
import { validateFieldSelector, validateResourceSelector } from './validate-selectors.ts'

type EnvVar = NonNullable<ContainerSpec['env']>[number]
type EnvVarSource = NonNullable<EnvVar['valueFrom']>

/**
 * Where a variable's value comes from (validateEnvVarValueFrom). The keys of ConfigMaps and Secrets are left out: a static
 * Pod may name none.
 */
export function validateEnvSource(source: EnvVarSource, value: string, path: FieldPath): readonly FieldFault[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(
    (each) => each !== undefined,
  ).length
  return [
    ...(fieldRef ? validateFieldSelector(fieldRef, fields, [...path, 'fieldRef']) : []),
    ...(resourceFieldRef ? validateResourceSelector(resourceFieldRef, [...path, 'resourceFieldRef']) : []),
    ...(fileKeyRef ? validateFile(fileKeyRef, [...path, 'fileKeyRef']) : []),
    ...sourceCount(count, value, path),
  ]
}

/** Any printable ASCII but "=" (RelaxedEnvironmentVariableValidation, on since 1.34). */
export function envNameFault(name: string): string | undefined {
  if (/^[ -<>-~]+$/u.test(name)) return undefined
  return "a valid environment variable name must consist only of printable ASCII characters other than '='"
}

function sourceCount(count: number, value: string, path: FieldPath): readonly FieldFault[] {
  const wanted = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
  if (count === 0) return [invalid(path, '', `must specify one of: ${wanted}`)]
  if (value !== '') return [invalid(path, '', 'may not be specified when `value` is not empty')]
  return count > 1 ? [invalid(path, '', 'may not have more than one field specified at a time')] : []
}

/** In the order in which the API server lists them. */
const fields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

function validateFile(
  { key, volumeName, path: file }: NonNullable<EnvVarSource['fileKeyRef']>,
  path: FieldPath,
): readonly FieldFault[] {
  const hasBacksteps = file ? file.split('/').includes('..') : false
  return [
    ...(key ? invalidIf([...path, 'key'], key, envNameFault(key)) : [required([...path, 'key'])]),
    ...(volumeName
      ? invalidIf([...path, 'volumeName'], volumeName, labelFault(volumeName))
      : [required([...path, 'volumeName'])]),
    ...(file ? [] : [required([...path, 'path'])]),
    ...(hasBacksteps ? [invalid([...path, 'path'], file, "must not contain '..'")] : []),
  ]
}
