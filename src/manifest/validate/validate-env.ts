import type { ContainerSpec, PodSpec } from '../../model/kube.ts'
import { invalid, invalidIf, notFound, required, type FieldFault, type FieldPath } from '../field-fault.ts'
import { envNameFault, validateEnvSource } from './validate-env-source.ts'

/** `env` and `envFrom` of a container. */
export function validateEnv({ env = [], envFrom = [] }: ContainerSpec, path: FieldPath): readonly FieldFault[] {
  return [
    ...env.flatMap(({ name, value, valueFrom }, index) => {
      const at = [...path, 'env', index]
      return [
        ...(name ? invalidIf([...at, 'name'], name, envNameFault(name)) : [required([...at, 'name'])]),
        ...(valueFrom ? validateEnvSource(valueFrom, value ?? '', [...at, 'valueFrom']) : []),
      ]
    }),
    ...envFrom.flatMap(({ prefix, configMapRef, secretRef }, index) => [
      ...(prefix ? invalidIf([...path, 'envFrom', index, 'prefix'], prefix, envNameFault(prefix)) : []),
      // The API server does not say which.
      ...(configMapRef || secretRef
        ? []
        : [invalid([...path, 'envFrom'], '', 'must specify one of: `configMapRef` or `secretRef`')]),
      ...(configMapRef && secretRef
        ? [invalid([...path, 'envFrom'], '', 'may not have more than one field specified at a time')]
        : []),
    ]),
  ]
}

/** A file of variables is in an emptyDir of the Pod (validateFileKeyRefVolumes). */
export function validateEnvFiles(spec: PodSpec): readonly FieldFault[] {
  const lists = ['initContainers', 'containers'] as const
  return lists.flatMap((list) =>
    (spec[list] ?? []).flatMap(({ env = [] }, container) =>
      env.flatMap(({ valueFrom }, index) => {
        const name = valueFrom?.fileKeyRef?.volumeName
        if (name === undefined) return []
        const volume = spec.volumes?.find((each) => each.name === name)
        const path = ['spec', list, container, 'env', index, 'valueFrom', 'fileKeyRef', 'volumeName']
        if (volume === undefined) return [notFound(path, name)]
        return volume.emptyDir ? [] : [invalid(path, name, 'referenced volume must be of type emptyDir')]
      }),
    ),
  )
}
