import type { ContainerSpec } from '../../model/kube.ts'
import { invalid, invalidIf, required, type FieldFault, type FieldPath } from '../field-fault.ts'

type EnvVar = NonNullable<ContainerSpec['env']>[number]

/** `env` and `envFrom` of a container. */
export function validateEnv({ env = [], envFrom = [] }: ContainerSpec, path: FieldPath): readonly FieldFault[] {
  return [
    ...env.flatMap((variable, index) => validateVariable(variable, [...path, 'env', index])),
    ...envFrom.flatMap((source, index) => {
      const at = [...path, 'envFrom', index]
      return [
        ...(source.prefix ? invalidIf([...at, 'prefix'], source.prefix, envNameFault(source.prefix)) : []),
        ...(countOf(source.configMapRef, source.secretRef) === 0
          ? [invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`')]
          : []),
        ...(countOf(source.configMapRef, source.secretRef) > 1
          ? [invalid(at, '', 'may not have more than one field specified at a time')]
          : []),
      ]
    }),
  ]
}

function validateVariable({ name, value, valueFrom }: EnvVar, path: FieldPath): readonly FieldFault[] {
  return [
    ...(name === '' ? [required([...path, 'name'])] : invalidIf([...path, 'name'], name, envNameFault(name))),
    ...(valueFrom === undefined ? [] : validateSource(valueFrom, value ?? '', [...path, 'valueFrom'])),
  ]
}

function validateSource(
  source: NonNullable<EnvVar['valueFrom']>,
  value: string,
  path: FieldPath,
): readonly FieldFault[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  const count = countOf(fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef)
  const wanted = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
  return [
    ...(count === 0 ? [invalid(path, '', `must specify one of: ${wanted}`)] : []),
    ...(count > 0 && value !== '' ? [invalid(path, '', 'may not be specified when `value` is not empty')] : []),
    ...(count > 1 ? [invalid(path, '', 'may not have more than one field specified at a time')] : []),
    ...(fieldRef?.fieldPath === '' ? [required([...path, 'fieldRef', 'fieldPath'])] : []),
    ...(resourceFieldRef?.resource === '' ? [required([...path, 'resourceFieldRef', 'resource'])] : []),
  ]
}

/** Any printable ASCII but "=" (RelaxedEnvironmentVariableValidation, on since 1.34). */
function envNameFault(name: string): string | undefined {
  if (/^[ -<>-~]+$/u.test(name)) return undefined
  return "a valid environment variable name must consist only of printable ASCII characters other than '='"
}

function countOf(...values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined).length
}
