/** What the downward API may be asked for, in variables and in volumes. */
import type { ContainerSpec } from '../../model/kube.ts'
import { memberOf } from '../../translate/downward/field-value.ts'
import { qualifiedNameFault } from '../../util/names.ts'
import { formatQuantity, parseQuantity } from '../../util/quantity.ts'
import { invalid, invalidIf, required, unsupported, type FieldFault, type FieldPath } from '../field-fault.ts'
import { notAQuantity } from './validate-resources.ts'

type EnvVarSource = NonNullable<NonNullable<ContainerSpec['env']>[number]['valueFrom']>

/** Fields that the API server knows by name, wherever they may be used. */
const knownFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]

/** A field of the Pod itself (validateObjectFieldSelector); `allowed` are those that do in this place. */
export function validateFieldSelector(
  { apiVersion = '', fieldPath }: NonNullable<EnvVarSource['fieldRef']>,
  allowed: readonly string[],
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
  // As nodeName was called once.
  const name = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  if (allowed.includes(name)) return []
  if (knownFields.includes(name)) return [unsupported(at, name, allowed)]
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

/** Resources of a container (validateContainerResourceFieldSelector), which a volume must name. */
export function validateResourceSelector(
  { resource, divisor, containerName = '' }: NonNullable<EnvVarSource['resourceFieldRef']>,
  path: FieldPath,
  of: 'variable' | 'volume' = 'variable',
): readonly FieldFault[] {
  const isKnown = resources.includes(resource) || /^(?:limits|requests)\.hugepages-/u.test(resource)
  const name = (): readonly FieldFault[] => {
    if (of === 'volume' && containerName === '') return [required([...path, 'containerName'])]
    if (!resource) return [required([...path, 'resource'])]
    return isKnown ? [] : [unsupported([...path, 'resource'], resource, resources)]
  }
  return [...name(), ...validateDivisor(resource, divisor, [...path, 'divisor'])]
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
