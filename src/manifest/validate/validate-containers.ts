import type { ContainerSpec, PodSpec, VolumeSpec } from '../../model/kube.ts'
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
import { validateEnv } from './validate-env.ts'
import { validateDevices, validateMounts } from './validate-mounts.ts'
import { validateHostPorts, validatePorts, type PlacedContainer } from './validate-ports.ts'
import { validateLifecycle, validateProbes } from './validate-probes.ts'
import { validateResources } from './validate-resources.ts'
import { validateRestartPolicy } from './validate-restart-policy.ts'
import { validateSecurityContext } from './validate-security.ts'

/** Init containers and containers, each for itself and all together; `volumes` are those that they may mount. */
export function validateContainers(spec: PodSpec, volumes: readonly VolumeSpec[]): readonly FieldFault[] {
  const containers = placed(spec.containers, 'containers')
  const initContainers = placed(spec.initContainers ?? [], 'initContainers')
  return [
    ...(containers.length === 0 ? [required(['spec', 'containers'])] : []),
    ...[...containers, ...initContainers].flatMap(({ container, path }) =>
      validateContainer(container, spec, volumes, path),
    ),
    ...initContainers.flatMap(({ container, path }) => validateInitContainer(container, path)),
    ...duplicateNames([...containers, ...initContainers]),
    ...validateHostPorts(containers),
  ]
}

function placed(containers: readonly ContainerSpec[], field: string): readonly PlacedContainer[] {
  return containers.map((container, index) => ({ container, path: ['spec', field, index] }))
}

function validateContainer(
  container: ContainerSpec,
  spec: PodSpec,
  volumes: readonly VolumeSpec[],
  path: FieldPath,
): readonly FieldFault[] {
  const { name, image = '' } = container
  return [
    ...(name === '' ? [required([...path, 'name'])] : invalidIf([...path, 'name'], name, labelFault(name))),
    ...validateImage(image, [...path, 'image']),
    ...oneOf([...path, 'imagePullPolicy'], container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...oneOf([...path, 'terminationMessagePolicy'], container.terminationMessagePolicy, [
      'FallbackToLogsOnError',
      'File',
    ]),
    ...validateRestartPolicy(container, path),
    ...validatePorts(container.ports ?? [], { isHostNetwork: spec.hostNetwork === true }, [...path, 'ports']),
    ...validateEnv(container, path),
    ...validateMounts(container, volumes, path),
    ...validateDevices(container, volumes, path),
    ...validateProbes(container, path),
    ...validateLifecycle(container.lifecycle, [...path, 'lifecycle']),
    ...validateResources(container.resources, [...path, 'resources']),
    ...validateSecurityContext(container.securityContext, spec, [...path, 'securityContext']),
  ]
}

function validateImage(image: string, path: FieldPath): readonly FieldFault[] {
  if (image === '') return [required(path)]
  return image === image.trim() ? [] : [invalid(path, image, 'must not have leading or trailing whitespace')]
}

/** What only a container that stays may have; one with restartPolicy Always stays. */
function validateInitContainer(container: ContainerSpec, path: FieldPath): readonly FieldFault[] {
  const fields = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const
  if (container.restartPolicy === 'Always') return []
  return fields
    .filter((field) => container[field] !== undefined)
    .map((field) => forbidden([...path, field], 'may not be set for init containers without restartPolicy=Always'))
}

function duplicateNames(containers: readonly PlacedContainer[]): readonly FieldFault[] {
  const names = new Set<string>()
  return containers.flatMap(({ container: { name }, path }) => {
    if (name === '' || !names.has(name)) {
      names.add(name)
      return []
    }
    return [duplicate([...path, 'name'], name)]
  })
}
