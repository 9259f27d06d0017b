import type { ContainerSpec } from '../../model/kube.ts'
import { memberOf } from '../../translate/downward/field-value.ts'
import { labelFault, qualifiedNameFault } from '../../util/names.ts'
import { formatQuantity, parseQuantity } from '../../util/quantity.ts'
import { notAQuantity } from './validate-resources.ts'
import { invalid, invalidIf, required, unsupported, type FieldFault, type FieldPath } from '../field-fault.ts'

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
    ...(fieldRef ? validateField(fieldRef, [...path, 'fieldRef']) : []),
    ...(resourceFieldRef ? validateResource(resourceFieldRef, [...path, 'resourceFieldRef']) : []),
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
/** Fields that the API server knows by name, and that make no variable. */
const otherFields = [
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]

function validateField(
  { apiVersion = '', fieldPath }: NonNullable<EnvVarSource['fieldRef']>,
  path: FieldPath,
): readonly FieldFault[] {
  if (apiVersion === '') return [required([...path, 'apiVersion'])]
  if (!fieldPath) return [required([...path, 'fieldPath'])]
  const at = [...path, 'fieldPath']
  const unknown = (why: string): FieldFault => invalid(at, fieldPath, `error converting fieldPath: ${why}`)
  if (apiVersion !== 'v1') return [unknown(`unsupported pod version: ${apiVersion}`)]
  const { path: map, key = '' } = memberOf(fieldPath) ?? {}
  if (map === 'metadata.annotations') return invalidIf(path, key.toLowerCase(), qualifiedNameFault(key.toLowerCase()))
  if (map === 'metadata.labels') return invalidIf(path, key, qualifiedNameFault(key))
  if (map !== undefined) return [unknown(`field label does not support subscript: ${fieldPath}`)]
  if (fields.includes(fieldPath) || fieldPath === 'spec.host') return []
  if (otherFields.includes(fieldPath)) return [unsupported(at, fieldPath, fields)]
  return [unknown(`field label not supported: ${fieldPath}`)]
}

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

function validateResource(
  { resource, divisor }: NonNullable<EnvVarSource['resourceFieldRef']>,
  path: FieldPath,
): readonly FieldFault[] {
  const isKnown = resources.includes(resource) || /^(?:limits|requests)\.hugepages-/u.test(resource)
  const name = resource
    ? isKnown
      ? []
      : [unsupported([...path, 'resource'], resource, resources)]
    : [required([...path, 'resource'])]
  return [...name, ...validateDivisor(resource, divisor, [...path, 'divisor'])]
}

function validateDivisor(resource: string, divisor: string | undefined, path: FieldPath): readonly FieldFault[] {
  if (divisor === undefined) return []
  const quantity = parseQuantity(String(divisor))
  if (quantity === undefined) return [invalid(path, divisor, notAQuantity)]
  const [, name = ''] = /^(?:limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-)/u.exec(resource) ?? []
  if (quantity.nano === 0n || name === '') return []
  const allowed = name === 'cpu' ? ['1m', '1'] : sizes
  if (allowed.includes(formatQuantity(quantity))) return []
  const list = name === 'cpu' ? '1m and 1' : sizes.join(', ')
  const detail = `only divisor's values ${list} are supported with the ${resourceWords[name] ?? name} resource`
  return [invalid(path, resource, detail)]
}

const resourceWords: Readonly<Record<string, string>> = {
  'ephemeral-storage': 'local ephemeral storage',
  'hugepages-': 'hugepages',
}

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
